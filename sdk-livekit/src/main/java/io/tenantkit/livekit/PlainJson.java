package io.tenantkit.livekit;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON in the plain form that tokens commonly have: without blanks, texts of ASCII without
 * escapes, whole numbers. It never judges: of whatever is written otherwise it says that it does
 * not know, and the strict reader is asked. For one thread.
 */
final class PlainJson {
  /** Numbers of more digits are none of a time. */
  private static final int MOST_DIGITS = 12;

  private final byte[] json;
  private int at;

  PlainJson(byte[] json) {
    this.json = json;
  }

  /** Whether this character is next; if so it is behind. */
  boolean take(char wanted) {
    if (at < json.length && json[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  boolean isAtEnd() {
    return at == json.length;
  }

  /** A text; null when it is none, or not a plain one. */
  @Nullable String text() {
    if (!take('"')) {
      return null;
    }
    int from = at;
    while (at < json.length) {
      byte b = json[at];
      if (b == '"') {
        return new String(json, from, at++ - from, StandardCharsets.ISO_8859_1);
      }
      // Bytes of more than 7 bits are negative.
      if (b < ' ' || b == '\\') {
        return null;
      }
      at++;
    }
    return null;
  }

  /** A whole number from 1; -1 when it is none, or not a plain one. */
  long number() {
    int from = at;
    long value = 0;
    while (at < json.length && json[at] >= '0' && json[at] <= '9' && at - from < MOST_DIGITS) {
      value = 10 * value + (json[at++] - '0');
    }
    // What else a number may hold comes next, and is not taken for the end of a value.
    return at == from || json[from] == '0' ? -1 : value;
  }

  /** A truth value; null when it is none. */
  @Nullable Boolean flag() {
    if (takes("true")) {
      return true;
    }
    return takes("false") ? false : null;
  }

  private boolean takes(String word) {
    if (json.length - at < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (json[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += word.length();
    return true;
  }
}
