package io.tenantkit.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict reader of the part of structured fields (RFC 9651, section 4.2) that RateLimit headers
 * are made of: a List of Strings with Integer parameters. It is written from the RFC's algorithms
 * and shares nothing with what it checks. Whatever else a field holds is an error.
 */
final class StructuredList {

  /** One member: a String and its parameters in order. */
  record Item(String value, Map<String, Long> parameters) {}

  private final String input;
  private int at;

  private StructuredList(String input) {
    this.input = input;
  }

  static List<Item> parse(String field) {
    return new StructuredList(field).list();
  }

  /** 4.2 and 4.2.1: spaces around the field, optional white space around commas, none trailing. */
  private List<Item> list() {
    List<Item> members = new ArrayList<>();
    while (peek() == ' ') {
      at++;
    }
    while (at < input.length()) {
      members.add(item());
      while (peek() == ' ' || peek() == '\t') {
        at++;
      }
      if (at == input.length()) {
        return members;
      }
      expect(',');
      while (peek() == ' ' || peek() == '\t') {
        at++;
      }
      if (at == input.length()) {
        throw new IllegalArgumentException("trailing comma");
      }
    }
    return members;
  }

  private Item item() {
    String value = string();
    Map<String, Long> parameters = new LinkedHashMap<>();
    while (peek() == ';') {
      at++;
      while (peek() == ' ') {
        at++;
      }
      String key = key();
      expect('=');
      if (parameters.put(key, integer()) != null) {
        throw new IllegalArgumentException("a parameter twice");
      }
    }
    return new Item(value, parameters);
  }

  /** 4.2.5. */
  private String string() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (at < input.length()) {
      char c = input.charAt(at++);
      if (c == '"') {
        return text.toString();
      }
      if (c == '\\') {
        char next = peek();
        if (next != '"' && next != '\\') {
          throw new IllegalArgumentException("an escape of neither quote nor backslash");
        }
        text.append(next);
        at++;
      } else if (c < ' ' || c > '~') {
        throw new IllegalArgumentException("a character outside printable ASCII");
      } else {
        text.append(c);
      }
    }
    throw new IllegalArgumentException("a string without end");
  }

  /** 4.2.3.3. */
  private String key() {
    int start = at;
    if (!(peek() >= 'a' && peek() <= 'z') && peek() != '*') {
      throw new IllegalArgumentException("a key begins with a letter or an asterisk");
    }
    while ((peek() >= 'a' && peek() <= 'z')
        || (peek() >= '0' && peek() <= '9')
        || (peek() != '\0' && "_-.*".indexOf(peek()) >= 0)) {
      at++;
    }
    return input.substring(start, at);
  }

  /** 4.2.4: at most fifteen digits. */
  private long integer() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    int digits = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at == digits || at - digits > 15) {
      throw new IllegalArgumentException("one to fifteen digits");
    }
    return Long.parseLong(input.substring(start, at));
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw new IllegalArgumentException("expected " + wanted);
    }
    at++;
  }

  private char peek() {
    return at < input.length() ? input.charAt(at) : '\0';
  }
}
