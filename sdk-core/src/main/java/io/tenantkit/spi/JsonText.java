package io.tenantkit.spi;

import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes texts as JSON, in ASCII, so that no encoding can spoil them. Stateless. */
public final class JsonText {
  private static final HexFormat HEX = HexFormat.of();

  private JsonText() {}

  /** An object of texts, in the map's order, without blanks. */
  public static String object(Map<String, String> members) {
    StringBuilder json = new StringBuilder("{");
    for (Iterator<Map.Entry<String, String>> it = members.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<String, String> member = it.next();
      quote(json, member.getKey());
      json.append(':');
      quote(json, member.getValue());
      if (it.hasNext()) {
        json.append(',');
      }
    }
    return json.append('}').toString();
  }

  /** Adds a text with its quotes. */
  public static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        json.append(c);
      } else if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else {
        json.append("\\u").append(HEX.toHexDigits(c));
      }
    }
    json.append('"');
  }

  /** Whether it stands for itself between quotes. */
  static boolean isPlain(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  }

  /**
   * The members of an object that {@link #object} wrote, in its order.
   *
   * @throws IllegalArgumentException when it is another text
   */
  public static Map<String, String> members(String object) {
    Map<String, String> members = new LinkedHashMap<>();
    int[] at = {0};
    expect(object, at, '{');
    while (object.charAt(at[0]) != '}') {
      if (!members.isEmpty()) {
        expect(object, at, ',');
      }
      String name = unquote(object, at);
      expect(object, at, ':');
      members.put(name, unquote(object, at));
    }
    return members;
  }

  private static String unquote(String json, int[] at) {
    StringBuilder text = new StringBuilder();
    expect(json, at, '"');
    for (char c = json.charAt(at[0]++); c != '"'; c = json.charAt(at[0]++)) {
      if (c == '\\') {
        c = json.charAt(at[0]++);
        if (c == 'u') {
          c = (char) HexFormat.fromHexDigits(json, at[0], at[0] + 4);
          at[0] += 4;
        }
      }
      text.append(c);
    }
    return text.toString();
  }

  private static void expect(String json, int[] at, char wanted) {
    if (json.charAt(at[0]++) != wanted) {
      throw new IllegalArgumentException("not an object of texts as it was written");
    }
  }
}
