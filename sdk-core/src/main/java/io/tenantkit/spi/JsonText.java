package io.tenantkit.spi;

import java.util.HexFormat;
import java.util.Iterator;
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
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        json.append("\\u").append(HEX.toHexDigits(c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
