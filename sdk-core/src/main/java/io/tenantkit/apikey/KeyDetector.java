package io.tenantkit.apikey;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds API keys in source code, logs and other texts. Stateless; asks no storage, so it finds
 * every key that this library made, of whichever installation, and none that was imported from
 * elsewhere.
 */
public final class KeyDetector {
  private static final String PATTERN = "[a-z][a-z0-9]{0,7}_(live|test)_[0-9A-Za-z]{38}";

  /** The longest name that an organization may let its keys begin with. */
  private static final int MAX_NAME = 8;

  /** Between the name and the rest: {@code _live_} or {@code _test_}. */
  private static final int MODE = 6;

  private static final int REST = KeyFormat.BODY + KeyFormat.CHECKSUM;

  /**
   * Where a key stands in a text. It does not hold the key, so that it can be logged.
   *
   * @param start the position of its first character
   * @param end the position after its last
   */
  public record Found(int start, int end) {}

  private KeyDetector() {}

  /**
   * A regular expression for the scanners of others. It has no look-around, so that engines without
   * backtracking take it, and no boundary before it, for keys stand behind {@code %3D} and the
   * like; each of its repetitions is bounded, so it takes linear time in any engine. What it
   * matches may begin with characters of the text before the key, and is a key only when its last
   * six characters are the checksum: {@link #find} tells.
   */
  public static String pattern() {
    return PATTERN;
  }

  /**
   * The keys in this text whose checksum holds, from left to right. They do not overlap. By chance,
   * one in four billion look-alikes has a right checksum. Takes time linear in the length of the
   * text, whatever it holds.
   */
  public static List<Found> find(String text) {
    List<Found> found = new ArrayList<>();
    int from = 0;
    int at = text.indexOf('_');
    while (at >= 0 && text.length() - at >= MODE + REST) {
      Found key = keyAround(text, from, at);
      if (key != null) {
        found.add(key);
        from = key.end();
      }
      at = text.indexOf('_', Math.max(from, at + 1));
    }
    return List.copyOf(found);
  }

  /** The key whose name ends before this underscore and begins no earlier than from; or null. */
  private static @Nullable Found keyAround(String text, int from, int at) {
    int body = at + MODE;
    int end = body + REST;
    if (!(text.startsWith("_live_", at) || text.startsWith("_test_", at))
        || !isBase62(text, body, end)) {
      return null;
    }
    int first = at;
    while (first > from && at - first < MAX_NAME && inName(text.charAt(first - 1))) {
      first--;
    }
    byte[] bytes = ascii(text, first, end);
    // Which of the characters before belong to the name, only the checksum can tell.
    for (int start = first; start < at; start++) {
      if (isLetter(text.charAt(start)) && KeyChecksum.holds(bytes, start - first, bytes.length)) {
        return new Found(start, end);
      }
    }
    return null;
  }

  private static byte[] ascii(String text, int from, int to) {
    byte[] bytes = new byte[to - from];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) text.charAt(from + i);
    }
    return bytes;
  }

  private static boolean isBase62(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!inName(c) && !(c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return true;
  }

  private static boolean inName(char c) {
    return isLetter(c) || (c >= '0' && c <= '9');
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z';
  }
}
