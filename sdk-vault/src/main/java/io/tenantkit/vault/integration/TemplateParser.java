package io.tenantkit.vault.integration;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Reads a template's JSON: nothing missing, nothing unknown, and errors say where. */
final class TemplateParser {
  private static final int MAX_BYTES = 64 * 1_024;
  private static final StrictJson JSON = StrictJson.bounded(MAX_BYTES, 8);

  private TemplateParser() {}

  static IntegrationTemplate parse(byte[] utf8) {
    JsonNode root;
    try {
      root = JSON.parse(utf8);
    } catch (MalformedJsonException e) {
      throw new InvalidInputException("template" + e.path(), "strict JSON, at most 64 KiB");
    }
    requireObject(root, "", Set.of("provider", "name", "fields", "base", "authorization", "check"));
    List<TemplateField> fields = new ArrayList<>();
    JsonNode array = requireArray(root, "", "fields");
    for (int i = 0; i < array.size(); i++) {
      fields.add(field(array.get(i), "/fields/" + i));
    }
    return IntegrationTemplate.of(
        text(root, "", "provider"),
        text(root, "", "name"),
        fields,
        TemplateText.of("/base", text(root, "", "base")),
        authorization(root.path("authorization"), "/authorization"),
        check(root.path("check"), "/check"));
  }

  private static TemplateField field(JsonNode node, String at) {
    requireObject(
        node, at, Set.of("name", "label", "kind", "secret", "required", "format", "default"));
    Optional<String> defaultValue = optional(node, at, "default");
    return at(
        at,
        () ->
            new TemplateField(
                text(node, at, "name"),
                text(node, at, "label"),
                optional(node, at, "kind")
                    .map(kind -> named(TemplateField.Kind.class, kind, at + "/kind"))
                    .orElse(TemplateField.Kind.TEXT),
                flag(node, at, "secret", false),
                flag(node, at, "required", defaultValue.isEmpty()),
                optional(node, at, "format").map(FieldFormat::of),
                defaultValue));
  }

  private static Authorization authorization(JsonNode node, String at) {
    requireObject(node, at, Set.of("headers", "basic", "form", "aws", "google", "livekit"));
    if (node.size() != 1) {
      throw refused(at, "one way");
    }
    String way = node.fieldNames().next();
    JsonNode value = node.get(way);
    String in = at + "/" + way;
    return switch (way) {
      case "headers" -> new Authorization.Headers(texts(value, in));
      case "form" -> new Authorization.Form(texts(value, in));
      case "basic" -> {
        requireObject(value, in, Set.of("user", "password"));
        yield new Authorization.Basic(
            TemplateText.of(in + "/user", text(value, in, "user")),
            TemplateText.of(in + "/password", text(value, in, "password")));
      }
      case "aws" -> {
        requireObject(value, in, Set.of("service"));
        yield new Authorization.AwsSigned(text(value, in, "service"));
      }
      case "google" -> {
        requireObject(value, in, Set.of("field", "scope"));
        yield new Authorization.GoogleAssertion(text(value, in, "field"), text(value, in, "scope"));
      }
      default -> {
        requireObject(value, in, Set.of());
        yield new Authorization.LiveKitToken();
      }
    };
  }

  private static CheckSpec check(JsonNode node, String at) {
    requireObject(
        node, at, Set.of("method", "path", "query", "headers", "body", "readings", "message"));
    String method = text(node, at, "method");
    if (!method.equals("GET") && !method.equals("POST")) {
      throw refused(at + "/method", "GET or POST");
    }
    List<Reading> readings = new ArrayList<>();
    JsonNode rules = requireArray(node, at, "readings");
    for (int i = 0; i < rules.size(); i++) {
      readings.add(reading(rules.get(i), at + "/readings/" + i));
    }
    List<AnswerPlace> message = new ArrayList<>();
    JsonNode places = node.path("message");
    for (int i = 0; i < places.size(); i++) {
      message.add(AnswerPlace.of(at + "/message/" + i, places.get(i).asText()));
    }
    return new CheckSpec(
        method.equals("POST"),
        TemplateText.of(at + "/path", text(node, at, "path")),
        constants(node.get("query"), at + "/query"),
        constants(node.get("headers"), at + "/headers"),
        optional(node, at, "body").orElse(""),
        readings,
        message);
  }

  private static Reading reading(JsonNode node, String at) {
    requireObject(node, at, Set.of("status", "at", "equals", "contains", "verdict"));
    Set<Integer> statuses = new TreeSet<>();
    JsonNode status = node.path("status");
    for (JsonNode each : status.isArray() ? status : List.of(status)) {
      if (!each.isInt()) {
        throw refused(at + "/status", "a status, or several");
      }
      statuses.add(each.intValue());
    }
    boolean equals = node.has("equals");
    if (equals && node.has("contains")) {
      throw refused(at, "equals or contains, not both");
    }
    JsonNode wanted = node.path(equals ? "equals" : "contains");
    List<String> texts = new ArrayList<>();
    if (wanted.isTextual()) {
      texts.add(wanted.textValue());
    } else {
      wanted.forEach(each -> texts.add(each.asText()));
    }
    Reading.Match match =
        texts.isEmpty()
            ? Reading.Match.PRESENT
            : equals ? Reading.Match.EQUALS : Reading.Match.CONTAINS;
    return at(
        at,
        () ->
            new Reading(
                statuses,
                optional(node, at, "at").map(place -> AnswerPlace.of("at", place)),
                match,
                texts,
                named(Verdict.class, text(node, at, "verdict"), at + "/verdict")));
  }

  private static Map<String, TemplateText> texts(JsonNode node, String at) {
    Map<String, TemplateText> texts = new LinkedHashMap<>();
    constants(node, at)
        .forEach((name, text) -> texts.put(name, TemplateText.of(at + "/" + name, text)));
    return texts;
  }

  private static Map<String, String> constants(
      @org.jspecify.annotations.Nullable JsonNode node, String at) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (node == null) {
      return texts;
    }
    if (!node.isObject()) {
      throw refused(at, "an object of texts");
    }
    node.fieldNames().forEachRemaining(name -> texts.put(name, text(node, at, name)));
    return texts;
  }

  private static void requireObject(JsonNode node, String at, Set<String> names) {
    if (!node.isObject()) {
      throw refused(at, "an object");
    }
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!names.contains(name)) {
                throw refused(at, "only " + new TreeSet<>(names));
              }
            });
  }

  private static JsonNode requireArray(JsonNode node, String at, String name) {
    JsonNode array = node.path(name);
    if (!array.isArray() || array.isEmpty()) {
      throw refused(at + "/" + name, "an array that is not empty");
    }
    return array;
  }

  private static String text(JsonNode node, String at, String name) {
    return optional(node, at, name).orElseThrow(() -> refused(at + "/" + name, "it must be there"));
  }

  private static Optional<String> optional(JsonNode node, String at, String name) {
    JsonNode value = node.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw refused(at + "/" + name, "a text");
    }
    return Optional.of(value.textValue());
  }

  private static boolean flag(JsonNode node, String at, String name, boolean otherwise) {
    JsonNode value = node.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw refused(at + "/" + name, "true or false");
    }
    return value.booleanValue();
  }

  private static <E extends Enum<E>> E named(Class<E> type, String name, String at) {
    for (E each : type.getEnumConstants()) {
      if (each.name().equals(name.toUpperCase(Locale.ROOT))) {
        return each;
      }
    }
    throw refused(at, "one of " + List.of(type.getEnumConstants()));
  }

  private static <T> T at(String at, Supplier<T> made) {
    try {
      return made.get();
    } catch (InvalidInputException e) {
      throw e.property().startsWith("template") || e.property().startsWith("/")
          ? e
          : refused(at + "/" + e.property(), e.bound());
    }
  }

  private static InvalidInputException refused(String at, String bound) {
    return new InvalidInputException("template" + at, bound);
  }
}
