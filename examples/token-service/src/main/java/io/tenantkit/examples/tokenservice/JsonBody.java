package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A JSON object that a client sent, whose fields are asked for by name and type. Nothing is
 * converted: {@code "3600"} is no number. A field that is null is as good as none. What is wrong is
 * told by an {@link InvalidInputException} that never repeats a value.
 */
final class JsonBody {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_]{1,64}");
  private static final JsonMapper JSON =
      JsonMapper.builder(
              new com.fasterxml.jackson.core.JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxNumberLength(32)
                          .maxNameLength(1_024)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ObjectNode object;
  private final String path;

  private JsonBody(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** Reads UTF-8. */
  static JsonBody parse(byte[] bytes) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return new JsonBody(object, "");
      }
    } catch (CharacterCodingException | JsonProcessingException e) {
      // Its message may hold what was read.
    }
    throw new InvalidInputException("body", "one JSON object in UTF-8, each field once");
  }

  boolean has(String name) {
    return object.hasNonNull(name);
  }

  boolean hasAny(Collection<String> names) {
    return names.stream().anyMatch(this::has);
  }

  /**
   * Refuses all fields but these: one that is misspelt would otherwise be a wish that nobody hears.
   */
  void requireOnly(Collection<String> names) {
    for (Iterator<String> all = object.fieldNames(); all.hasNext(); ) {
      String name = all.next();
      if (!names.contains(name)) {
        throw new InvalidInputException(
            PLAIN_NAME.matcher(name).matches() ? path + name : path + "?",
            "no such field; there are " + String.join(", ", new TreeSet<>(names)));
      }
    }
  }

  String text(String name) {
    return optionalText(name)
        .orElseThrow(() -> new InvalidInputException(path + name, "required, a string"));
  }

  Optional<String> optionalText(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    JsonNode value = object.get(name);
    if (!value.isTextual()) {
      throw new InvalidInputException(path + name, "a string");
    }
    return Optional.of(value.textValue());
  }

  /** Text that is there and not empty. */
  Optional<String> filledText(String name) {
    return optionalText(name).filter(text -> !text.isEmpty());
  }

  Optional<Boolean> flag(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    JsonNode value = object.get(name);
    if (!value.isBoolean()) {
      throw new InvalidInputException(path + name, "true or false");
    }
    return Optional.of(value.booleanValue());
  }

  /** A whole number within bounds. */
  OptionalLong number(String name, long least, long most, String bound) {
    if (!has(name)) {
      return OptionalLong.empty();
    }
    JsonNode value = object.get(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw new InvalidInputException(path + name, bound);
    }
    return OptionalLong.of(value.longValue());
  }

  Optional<JsonBody> object(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    return Optional.of(inner(object.get(name), path + name));
  }

  private static JsonBody inner(JsonNode value, String at) {
    if (value instanceof ObjectNode inner) {
      return new JsonBody(inner, at + ".");
    }
    throw new InvalidInputException(at, "an object");
  }

  /** Objects in an array, none when it is absent. */
  Iterable<JsonBody> objects(String name) {
    if (!has(name)) {
      return java.util.List.of();
    }
    JsonNode value = object.get(name);
    if (!value.isArray()) {
      throw new InvalidInputException(path + name, "an array");
    }
    java.util.List<JsonBody> all = new java.util.ArrayList<>();
    value.forEach(each -> all.add(inner(each, path + name)));
    return all;
  }

  /** An object of strings, empty when it is absent. */
  Map<String, String> texts(String name) {
    Map<String, String> texts = new TreeMap<>();
    if (has(name)) {
      if (!(object.get(name) instanceof ObjectNode inner)) {
        throw new InvalidInputException(path + name, "an object of strings");
      }
      for (Map.Entry<String, JsonNode> field : inner.properties()) {
        if (!field.getValue().isTextual()) {
          throw new InvalidInputException(path + name, "an object of strings");
        }
        texts.put(field.getKey(), field.getValue().textValue());
      }
    }
    return texts;
  }

  /** Whether the field says something: in protobuf's JSON a default is as good as none. */
  boolean says(String name) {
    JsonNode value = object.get(name);
    return value != null
        && !value.isNull()
        && !(value.isContainerNode() && value.isEmpty())
        && !(value.isTextual() && value.textValue().isEmpty())
        && !(value.isNumber() && value.doubleValue() == 0)
        && !(value.isBoolean() && !value.booleanValue());
  }

  String path() {
    return path;
  }
}
