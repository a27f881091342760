package io.tenantkit.livekit.spi;

import io.tenantkit.InvalidInputException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Bounds of texts that go to a server, which counts them in bytes of UTF-8. */
public final class RequestTexts {
  private RequestTexts() {}

  /**
   * A name that reaches logs and lists.
   *
   * @throws InvalidInputException when it is empty, too long or ill-formed, or holds a control
   */
  public static String name(String property, String text, int most) {
    if (text.isEmpty() || bytes(text, most) < 0 || text.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidInputException(
          property, "1 to " + most + " bytes of well-formed UTF-8 without control characters");
    }
    return text;
  }

  /** The same of a text that may not be there. */
  public static Optional<String> name(String property, Optional<String> text, int most) {
    text.ifPresent(present -> name(property, present, most));
    return text;
  }

  /** Data that is passed on as it is. */
  public static String data(String property, String text, int most) {
    if (bytes(text, most) < 0) {
      throw new InvalidInputException(property, "at most " + most + " bytes of well-formed UTF-8");
    }
    return text;
  }

  /** The same of a text that may not be there. */
  public static Optional<String> data(String property, Optional<String> text, int most) {
    text.ifPresent(present -> data(property, present, most));
    return text;
  }

  /** A copy of names, at most so many. */
  public static List<String> names(
      String property, Collection<String> all, int most, int mostBytes) {
    if (all.size() > most) {
      throw new InvalidInputException(property, "at most " + most);
    }
    all.forEach(each -> name(property, each, mostBytes));
    return List.copyOf(all);
  }

  /** A sorted copy of texts by name, at most so many. */
  public static Map<String, String> texts(
      String property, Map<String, String> all, int most, int mostBytes) {
    if (all.size() > most) {
      throw new InvalidInputException(property, "at most " + most);
    }
    TreeMap<String, String> sorted = new TreeMap<>();
    all.forEach(
        (name, text) -> sorted.put(name(property, name, 256), data(property, text, mostBytes)));
    return Collections.unmodifiableMap(sorted);
  }

  /** A number within its bounds. */
  public static int number(String property, int number, int least, int most) {
    if (number < least || number > most) {
      throw new InvalidInputException(property, least + " to " + most);
    }
    return number;
  }

  /** Bytes in UTF-8, or -1 when they are more than that, or there is half a surrogate pair. */
  private static int bytes(String text, int most) {
    if (text.length() > most) {
      return -1;
    }
    CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();
    try {
      int bytes = utf8.encode(CharBuffer.wrap(text)).remaining();
      return bytes > most ? -1 : bytes;
    } catch (CharacterCodingException e) {
      return -1;
    }
  }
}
