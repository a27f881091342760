package io.tenantkit.livekit.room;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.TokenRequest;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/** Texts that go to a server, as it counts them: in bytes of UTF-8. */
final class RoomTexts {
  static final int MAX_NAME = TokenRequest.MAX_NAME_BYTES;
  static final int MAX_METADATA = TokenRequest.MAX_METADATA_BYTES;
  static final int MAX_ATTRIBUTES = TokenRequest.MAX_ATTRIBUTES_BYTES;

  private RoomTexts() {}

  /** A name that reaches logs and lists. */
  static String name(String property, String text) {
    if (text.isEmpty()
        || bytes(text, MAX_NAME) < 0
        || text.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidInputException(
          property, "1 to " + MAX_NAME + " bytes of well-formed UTF-8 without control characters");
    }
    return text;
  }

  /** Data that is passed on as it is. */
  static String data(String property, String text, int most) {
    if (bytes(text, most) < 0) {
      throw new InvalidInputException(property, "at most " + most + " bytes of well-formed UTF-8");
    }
    return text;
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
