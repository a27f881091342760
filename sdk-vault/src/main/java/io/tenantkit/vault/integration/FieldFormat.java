package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What a field's text must look like, from its first to its last character: alternatives of
 * characters and classes with counts, such as {@code sk-[A-Za-z0-9_-]{20,240}|[a-f0-9]{32}}.
 *
 * <p>The grammar is a small part of that of regular expressions: literals, {@code \} before a
 * literal, {@code [...]} with ranges, {@code ?}, {@code {n}} and {@code {m,n}}, and {@code |}
 * between whole alternatives. There are neither groups nor open counts, and the characters are
 * printable ASCII only. So a text is judged in time of its length times the format's (no
 * backtracking), a format has a longest text, and the characters that it can let through are known
 * beforehand.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class FieldFormat {
  private static final int MAX_COUNT = 8_192;
  private static final int MAX_SOURCE = 2_048;

  private final String source;
  private final List<List<Item>> alternatives;

  /** So many of these characters. */
  private record Item(BitSet characters, int min, int max) {}

  private FieldFormat(String source, List<List<Item>> alternatives) {
    this.source = source;
    this.alternatives = alternatives;
  }

  /**
   * Reads a format.
   *
   * @param source 1 to 2,048 characters of the grammar above
   * @throws InvalidInputException naming {@code format}
   */
  public static FieldFormat of(String source) {
    if (source.isEmpty() || source.length() > MAX_SOURCE) {
      throw refused("1 to 2,048 characters");
    }
    return new FieldFormat(source, new Reader(source).read());
  }

  /** Whether the whole text has this format. */
  public boolean matches(CharSequence text) {
    if (text.length() > maxLength()) {
      return false;
    }
    for (List<Item> alternative : alternatives) {
      if (matches(alternative, text)) {
        return true;
      }
    }
    return false;
  }

  /** Item by item: at which places of the text the items so far can end. */
  private static boolean matches(List<Item> items, CharSequence text) {
    int length = text.length();
    BitSet ends = new BitSet(length + 1);
    ends.set(0);
    for (Item item : items) {
      BitSet next = new BitSet(length + 1);
      int runStart = 0;
      for (int at = 0; at <= length; at++) {
        if (at > 0 && !item.characters.get(text.charAt(at - 1))) {
          runStart = at;
        }
        // An end from which min to max characters, all of the class, lead here.
        int earliest = Math.max(runStart, at - item.max);
        int from = ends.nextSetBit(earliest);
        if (from >= 0 && from <= at - item.min) {
          next.set(at);
        }
      }
      ends = next;
    }
    return ends.get(length);
  }

  /** The length of the longest text that matches. */
  public int maxLength() {
    int longest = 0;
    for (List<Item> alternative : alternatives) {
      longest = Math.max(longest, alternative.stream().mapToInt(Item::max).sum());
    }
    return longest;
  }

  /** Whether the empty text matches. */
  boolean allowsEmpty() {
    return matches("");
  }

  /** Whether no text that matches holds a character other than these. */
  boolean within(String characters) {
    BitSet all = new BitSet();
    alternatives.forEach(items -> items.forEach(item -> all.or(item.characters)));
    characters.chars().forEach(all::clear);
    return all.isEmpty();
  }

  /** Whether the texts that match are all written out in the format. */
  boolean isListOfTexts() {
    return alternatives.stream()
        .flatMap(List::stream)
        .allMatch(item -> item.characters.cardinality() == 1 && item.min == item.max);
  }

  /** The format as it was written. */
  @Override
  public String toString() {
    return source;
  }

  private static InvalidInputException refused(String bound) {
    return new InvalidInputException("format", bound);
  }

  private static final class Reader {
    private final String source;
    private int at;

    Reader(String source) {
      this.source = source;
    }

    List<List<Item>> read() {
      List<List<Item>> alternatives = new ArrayList<>();
      List<Item> items = new ArrayList<>();
      while (at < source.length()) {
        if (source.charAt(at) == '|') {
          alternatives.add(List.copyOf(items));
          items.clear();
          at++;
        } else {
          items.add(item());
        }
      }
      alternatives.add(List.copyOf(items));
      if (alternatives.stream().anyMatch(List::isEmpty)) {
        throw refused("no alternative is empty");
      }
      return List.copyOf(alternatives);
    }

    private Item item() {
      BitSet characters = new BitSet(128);
      char c = next();
      if (c == '[') {
        readClass(characters);
      } else if ("](){}^$.*+?".indexOf(c) >= 0) {
        throw refused("of regular expressions only classes, '?', counts in braces and '|'");
      } else {
        characters.set(c == '\\' ? next() : c);
      }
      if (at >= source.length()) {
        return new Item(characters, 1, 1);
      }
      return switch (source.charAt(at)) {
        case '?' -> {
          at++;
          yield new Item(characters, 0, 1);
        }
        case '{' -> counted(characters);
        default -> new Item(characters, 1, 1);
      };
    }

    private void readClass(BitSet characters) {
      for (char c = next(); c != ']'; c = next()) {
        char first = c == '\\' ? next() : c;
        boolean range =
            at + 1 < source.length() && source.charAt(at) == '-' && source.charAt(at + 1) != ']';
        if (range) {
          at++;
        }
        char last = range ? next() : first;
        if (last < first) {
          throw refused("a range begins with its smaller character");
        }
        characters.set(first, last + 1);
      }
      if (characters.isEmpty()) {
        throw refused("a class has characters");
      }
    }

    private Item counted(BitSet characters) {
      int end = source.indexOf('}', at);
      String[] counts = end < 0 ? new String[0] : source.substring(at + 1, end).split(",", -1);
      if (counts.length != 1 && counts.length != 2) {
        throw refused("counts are {n} or {m,n}");
      }
      int min = count(counts[0]);
      int max = count(counts[counts.length - 1]);
      if (max < min || max == 0) {
        throw refused("counts are {n} or {m,n}, the smaller first");
      }
      at = end + 1;
      return new Item(characters, min, max);
    }

    private static int count(String digits) {
      if (digits.isEmpty()
          || digits.length() > 4
          || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw refused("counts are whole numbers up to " + MAX_COUNT);
      }
      int count = Integer.parseInt(digits);
      if (count > MAX_COUNT) {
        throw refused("counts are whole numbers up to " + MAX_COUNT);
      }
      return count;
    }

    private char next() {
      if (at >= source.length()) {
        throw refused("a format that ends");
      }
      char c = source.charAt(at++);
      if (c < ' ' || c > '~') {
        throw refused("printable ASCII");
      }
      return c;
    }
  }
}
