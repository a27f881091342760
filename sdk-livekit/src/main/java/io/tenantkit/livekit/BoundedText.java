package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Texts as LiveKit's server counts them: in bytes of UTF-8. A text with half a surrogate pair has
 * no such bytes and is refused, because an encoder would put a question mark in its place and so
 * make two identities one.
 */
final class BoundedText {
  private BoundedText() {}

  /** A name that reaches logs and lists: not empty, without control characters. */
  static String requireName(String property, String text, int maxBytes) {
    if (isPlain(text) && !text.isEmpty() && text.length() <= maxBytes) {
      return text;
    }
    int bytes = utf8Length(text);
    if (text.isEmpty() || bytes < 0 || bytes > maxBytes || holdsControl(text)) {
      throw new InvalidInputException(
          property, "1 to " + maxBytes + " bytes of well-formed UTF-8 without control characters");
    }
    return text;
  }

  /** Data that is passed on as it is. */
  static String requireData(String property, String text, int maxBytes) {
    int bytes = utf8Length(text);
    if (bytes < 0 || bytes > maxBytes) {
      throw new InvalidInputException(
          property, "at most " + maxBytes + " bytes of well-formed UTF-8");
    }
    return text;
  }

  /** Whether it is printable ASCII from end to end, as most names are: one byte each. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  /** Data by name, of which a server limits the whole; sorted. */
  static Map<String, String> requireAttributes(String property, Map<String, String> attributes) {
    if (attributes.size() > TokenRequest.MAX_ATTRIBUTES) {
      throw new InvalidInputException(
          property, "at most " + TokenRequest.MAX_ATTRIBUTES + " entries");
    }
    long total = 0;
    TreeMap<String, String> sorted = new TreeMap<>();
    for (Map.Entry<String, String> entry : attributes.entrySet()) {
      String name = requireName(property, entry.getKey(), TokenRequest.MAX_NAME_BYTES);
      String value = requireData(property, entry.getValue(), TokenRequest.MAX_ATTRIBUTES_BYTES);
      total += utf8Length(name) + (long) utf8Length(value);
      sorted.put(name, value);
    }
    if (total > TokenRequest.MAX_ATTRIBUTES_BYTES) {
      throw new InvalidInputException(
          property,
          "at most " + TokenRequest.MAX_ATTRIBUTES_BYTES + " bytes of UTF-8, names and values");
    }
    return Collections.unmodifiableMap(sorted);
  }

  private static boolean holdsControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** Bytes in UTF-8, or -1 when the text holds half a surrogate pair. */
  static int utf8Length(String text) {
    // An int cannot overflow here: a String has at most 2^31-1 chars, and what is over the bound of
    // any caller is not counted to the end.
    int bytes = 0;
    for (int i = 0; i < text.length() && bytes < Integer.MAX_VALUE - 4; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        return -1;
      }
    }
    return bytes;
  }
}
