package io.tenantkit.vault.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in an answer, written as a JSON pointer (RFC 6901, where {@code *} stands for any
 * element) such as {@code /error/code}, as an XML element such as {@code <Code>}, as a header such
 * as {@code header:retry-after}, or as {@code body} for all of its text.
 */
record AnswerPlace(Kind kind, String name) {
  private static final int MAX_TEXTS = 64;
  private static final int MAX_TEXT = 4_096;

  enum Kind {
    JSON,
    TAG,
    HEADER,
    BODY
  }

  static AnswerPlace of(String property, String text) {
    if (text.startsWith("/") && text.length() <= 128) {
      return new AnswerPlace(Kind.JSON, text);
    }
    if (text.length() > 2
        && text.length() <= 66
        && text.startsWith("<")
        && text.endsWith(">")
        && text.substring(1, text.length() - 1).chars().allMatch(AnswerPlace::isLetter)) {
      return new AnswerPlace(Kind.TAG, text.substring(1, text.length() - 1));
    }
    if (text.startsWith("header:") && HeaderNames.isName(text.substring("header:".length()))) {
      return new AnswerPlace(Kind.HEADER, text.substring("header:".length()));
    }
    if (text.equals("body")) {
      return new AnswerPlace(Kind.BODY, "");
    }
    throw new InvalidInputException(property, "a JSON pointer, <Tag>, header:name or body");
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** The texts at this place, each cut; what is no text there is given as an empty one. */
  List<String> texts(ProviderAnswer answer) {
    return switch (kind) {
      case JSON -> answer.json().map(this::nodes).orElse(List.of());
      case TAG -> tag(answer.text());
      case HEADER -> answer.header(name).map(List::of).orElse(List.of());
      case BODY -> answer.text().isBlank() ? List.of() : List.of(cut(answer.text()));
    };
  }

  private List<String> nodes(JsonNode root) {
    List<JsonNode> nodes = List.of(root);
    for (String step : name.substring(1).split("/", -1)) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : nodes) {
        if (step.equals("*")) {
          node.forEach(next::add);
        } else {
          JsonNode child = node.get(step.replace("~1", "/").replace("~0", "~"));
          if (child != null && !child.isNull()) {
            next.add(child);
          }
        }
      }
      nodes = next.subList(0, Math.min(next.size(), MAX_TEXTS));
    }
    return nodes.stream().map(node -> cut(node.asText())).toList();
  }

  /** The text of the first such element, if it holds no other. No XML parser, so no entities. */
  private List<String> tag(String text) {
    String open = "<" + name + ">";
    int start = text.indexOf(open);
    int end = start < 0 ? -1 : text.indexOf("</" + name + ">", start);
    if (end < 0) {
      return List.of();
    }
    String inner = text.substring(start + open.length(), end).strip();
    return inner.indexOf('<') < 0 ? List.of(cut(inner)) : List.of();
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), MAX_TEXT));
  }

  /** As it was written. */
  @Override
  public String toString() {
    return switch (kind) {
      case JSON -> name;
      case TAG -> "<" + name + ">";
      case HEADER -> "header:" + name;
      case BODY -> "body";
    };
  }
}
