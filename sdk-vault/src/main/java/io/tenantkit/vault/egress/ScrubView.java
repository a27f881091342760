package io.tenantkit.vault.egress;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A text as bytes of UTF-8, as one reader would read it: without white space and what is not seen,
 * and with one kind of escapes resolved. Each byte knows the characters that it comes from. For one
 * thread.
 */
final class ScrubView {
  private enum Escapes {
    NONE,
    PERCENT,
    BACKSLASH,
    ENTITY
  }

  private final ByteArrayOutputStream read = new ByteArrayOutputStream();
  private int[] from = new int[256];
  private int[] to = new int[256];

  private ScrubView() {}

  /** The text in all readings that differ. */
  static List<ScrubView> of(String text) {
    return Arrays.stream(Escapes.values())
        .filter(kind -> kind == Escapes.NONE || text.indexOf(sign(kind)) >= 0)
        .map(kind -> read(text, kind))
        .toList();
  }

  private static char sign(Escapes kind) {
    return kind == Escapes.PERCENT ? '%' : kind == Escapes.BACKSLASH ? '\\' : '&';
  }

  /** Control and format characters: they are left out wherever they stand. */
  static boolean isUnseen(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  private static ScrubView read(String text, Escapes kind) {
    ScrubView view = new ScrubView();
    for (int i = 0; i < text.length(); ) {
      int end = view.escape(text, i, kind);
      if (end == i) {
        int c = text.codePointAt(i);
        end = i + Character.charCount(c);
        view.add(c, i, end);
      }
      i = end;
    }
    return view;
  }

  /** Adds what an escape at this position stands for; where it ends, or the position if none is. */
  private int escape(String text, int at, Escapes kind) {
    if (kind == Escapes.NONE || text.charAt(at) != sign(kind)) {
      return at;
    }
    return switch (kind) {
      case PERCENT -> number(text, at, at + 1, at + 3, 16, 0);
      case BACKSLASH -> backslash(text, at);
      default -> entity(text, at);
    };
  }

  private int backslash(String text, int at) {
    if (at + 1 >= text.length()) {
      return at;
    }
    char c = text.charAt(at + 1);
    if (c == 'u') {
      return number(text, at, at + 2, at + 6, 16, 0);
    }
    // A line break or tab is white space, which is left out.
    if ("nrtbf".indexOf(c) < 0) {
      add(c, at, at + 2);
    }
    return at + 2;
  }

  private int entity(String text, int at) {
    int end = text.indexOf(';', at);
    if (end < 0 || end - at > 10) {
      return at;
    }
    String name = text.substring(at + 1, end);
    int c =
        switch (name) {
          case "amp" -> '&';
          case "lt" -> '<';
          case "gt" -> '>';
          case "quot" -> '"';
          case "apos" -> '\'';
          default -> -1;
        };
    if (c >= 0) {
      add(c, at, end + 1);
      return end + 1;
    }
    if (name.startsWith("#x") || name.startsWith("#X")) {
      return number(text, at, at + 3, end, 16, 1);
    }
    return name.startsWith("#") ? number(text, at, at + 2, end, 10, 1) : at;
  }

  /** A character by its number in text[from, to), or a byte when the escape is a percent sign. */
  private int number(String text, int at, int from, int to, int radix, int behind) {
    if (to > text.length() || from >= to) {
      return at;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = Character.digit(text.charAt(i), radix);
      value = value * radix + digit;
      if (digit < 0 || value > Character.MAX_CODE_POINT) {
        return at;
      }
    }
    if (text.charAt(at) == '%') {
      addByte((byte) value, at, to);
    } else {
      add(value, at, to + behind);
    }
    return to + behind;
  }

  private void add(int codePoint, int start, int end) {
    if (Character.isWhitespace(codePoint) || isUnseen(codePoint)) {
      return;
    }
    for (byte each : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
      addByte(each, start, end);
    }
  }

  private void addByte(byte each, int start, int end) {
    if (each >= 0 && each <= ' ') {
      return;
    }
    int size = read.size();
    if (size == from.length) {
      from = Arrays.copyOf(from, 2 * size);
      to = Arrays.copyOf(to, 2 * size);
    }
    from[size] = start;
    to[size] = end;
    read.write(each);
  }

  byte[] bytes() {
    return read.toByteArray();
  }

  /** Marks the characters that these bytes come from. */
  void mark(boolean[] found, int firstByte, int lastByte) {
    Arrays.fill(found, from[firstByte], to[lastByte], true);
  }
}
