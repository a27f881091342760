package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A text with places for fields, such as {@code Bearer {api_key}}. */
final class TemplateText {
  private final List<Part> parts;

  private record Part(boolean field, String text) {}

  private TemplateText(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Reads a text.
   *
   * @param property for the error
   */
  static TemplateText of(String property, String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      String literal = text.substring(at, open < 0 ? text.length() : open);
      if (!literal.isEmpty()) {
        parts.add(new Part(false, literal));
      }
      if (open < 0) {
        break;
      }
      int close = text.indexOf('}', open);
      String name = close < 0 ? "" : text.substring(open + 1, close);
      if (name.isEmpty() || !name.chars().allMatch(TemplateField::ofNames)) {
        throw new InvalidInputException(property, "a field's name in each pair of braces");
      }
      parts.add(new Part(true, name));
      at = close + 1;
    }
    return new TemplateText(List.copyOf(parts));
  }

  /** The fields that it has places for. */
  Set<String> fields() {
    return parts.stream().filter(Part::field).map(Part::text).collect(Collectors.toSet());
  }

  /** What is written in it, with an empty text for each field. */
  String literals() {
    return parts.stream()
        .filter(part -> !part.field())
        .map(Part::text)
        .collect(Collectors.joining());
  }

  /** Whether it begins with this field's place. */
  boolean beginsWithField() {
    return !parts.isEmpty() && parts.get(0).field();
  }

  /** Whether it ends with this field's place. */
  boolean endsWith(String field) {
    Part last = parts.get(parts.size() - 1);
    return last.field() && last.text().equals(field);
  }

  /** Whether one of the fields it needs has no value. */
  boolean lacks(Map<String, String> values) {
    return !values.keySet().containsAll(fields());
  }

  String render(Map<String, String> values, UnaryOperator<String> escape) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.field() ? escape.apply(values.getOrDefault(part.text(), "")) : part.text());
    }
    return text.toString();
  }

  String render(Map<String, String> values) {
    return render(values, UnaryOperator.identity());
  }

  /** As it was written. */
  @Override
  public String toString() {
    return parts.stream()
        .map(part -> part.field() ? "{" + part.text() + "}" : part.text())
        .collect(Collectors.joining());
  }
}
