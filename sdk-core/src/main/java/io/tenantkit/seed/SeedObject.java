package io.tenantkit.seed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tenantkit.InvalidInputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One object of a seed and where it stands, as a JSON pointer (RFC 6901). Errors name the place and
 * the bound, never the value.
 */
final class SeedObject {
  private static final int MAX_SHOWN_NAME = 64;

  private final JsonNode node;
  private final String path;

  private SeedObject(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /** An object that has no fields but these. */
  static SeedObject of(JsonNode node, String path, Set<String> fields) {
    if (!node.isObject()) {
      throw new InvalidInputException(path.isEmpty() ? "/" : path, "an object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw new InvalidInputException(
            path + "/" + shown(name), "no such field; there are " + sorted(fields));
      }
    }
    return new SeedObject(node, path);
  }

  /** An object within this one; an absent one is empty. */
  SeedObject object(String field, Set<String> fields) {
    JsonNode value = node.get(field);
    return of(value == null ? JsonNodeFactory.instance.objectNode() : value, at(field), fields);
  }

  /** The objects of an array, at most this many; none when it is absent. */
  <T> List<T> objects(String field, int max, Set<String> fields, Function<SeedObject, T> read) {
    List<T> found = new ArrayList<>();
    JsonNode array = array(field, max);
    for (int i = 0; i < array.size(); i++) {
      found.add(read.apply(of(array.get(i), at(field) + "/" + i, fields)));
    }
    return found;
  }

  /** What a text says, in whichever type takes it. */
  <T> T required(String field, Function<String, T> type) {
    return text(field, type)
        .orElseThrow(() -> new InvalidInputException(at(field), "it must be there"));
  }

  /** What a text says, if it is there. */
  <T> Optional<T> text(String field, Function<String, T> type) {
    JsonNode value = node.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new InvalidInputException(at(field), "a text");
    }
    return Optional.of(placed(field, () -> type.apply(value.textValue())));
  }

  /** What the texts of an array say; none when it is absent. */
  <T> List<T> texts(String field, int max, Function<String, T> type) {
    List<T> found = new ArrayList<>();
    JsonNode array = array(field, max);
    for (int i = 0; i < array.size(); i++) {
      JsonNode value = array.get(i);
      if (!value.isTextual()) {
        throw new InvalidInputException(at(field) + "/" + i, "a text");
      }
      found.add(placed(field + "/" + i, () -> type.apply(value.textValue())));
    }
    return found;
  }

  /** A whole number from 1 to this, if it is there. */
  Optional<Long> count(String field, long max) {
    JsonNode value = node.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < 1
        || value.longValue() > max) {
      throw new InvalidInputException(at(field), "a whole number from 1 to " + max);
    }
    return Optional.of(value.longValue());
  }

  /** Runs what validates, and says where it was when it refuses. */
  <T> T placed(String field, Supplier<T> validated) {
    try {
      return validated.get();
    } catch (InvalidInputException e) {
      throw new InvalidInputException(at(field), e.bound());
    }
  }

  InvalidInputException refused(String field, String bound) {
    return new InvalidInputException(at(field), bound);
  }

  private JsonNode array(String field, int max) {
    JsonNode value = node.get(field);
    if (value == null) {
      return JsonNodeFactory.instance.arrayNode();
    }
    if (!value.isArray() || value.size() > max) {
      throw new InvalidInputException(at(field), "an array of at most " + max);
    }
    return value;
  }

  private String at(String field) {
    return path + "/" + field;
  }

  /** A name out of the file, short and unable to forge a line of a log. */
  private static String shown(String name) {
    String cut = name.substring(0, Math.min(name.length(), MAX_SHOWN_NAME));
    return cut.replaceAll("[^ -~]", "?").replace("~", "~0").replace("/", "~1");
  }

  private static List<String> sorted(Set<String> fields) {
    return fields.stream().sorted().toList();
  }
}
