package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members of a record, each asked for by name and type; what is not as it must be is refused,
 * and what nobody asked for too. For one thread.
 */
final class Members {
  private final ObjectNode json;
  private final Set<String> left = new TreeSet<>();

  Members(ObjectNode json) {
    this.json = json;
    json.fieldNames().forEachRemaining(left::add);
    left.remove(BackupRecord.KIND);
  }

  private @Nullable JsonNode take(String name) {
    left.remove(name);
    return json.get(name);
  }

  String text(String name) {
    return optional(name).orElseThrow(Rejected::content);
  }

  Optional<String> optional(String name) {
    JsonNode node = take(name);
    if (node == null) {
      return Optional.empty();
    }
    return Optional.of(text(node));
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw Rejected.content();
    }
    return node.textValue();
  }

  /** A text of at most so many characters. */
  String shortText(String name, int most) {
    String text = text(name);
    if (text.length() > most) {
      throw Rejected.content();
    }
    return text;
  }

  boolean flag(String name) {
    JsonNode node = take(name);
    if (node == null || !node.isBoolean()) {
      throw Rejected.content();
    }
    return node.booleanValue();
  }

  /** A whole number from 0. */
  long number(String name) {
    JsonNode node = take(name);
    if (node == null || !node.isIntegralNumber() || !node.canConvertToLong()) {
      throw Rejected.content();
    }
    long number = node.longValue();
    if (number < 0) {
      throw Rejected.content();
    }
    return number;
  }

  /** A whole number that fits. */
  int integer(String name) {
    long number = number(name);
    if (number > Integer.MAX_VALUE) {
      throw Rejected.content();
    }
    return (int) number;
  }

  boolean has(String name) {
    return json.has(name);
  }

  Instant time(String name) {
    return optionalTime(name).orElseThrow(Rejected::content);
  }

  Optional<Instant> optionalTime(String name) {
    return optional(name)
        .map(
            text -> {
              try {
                Instant time = Instant.parse(text);
                if (time.equals(time.truncatedTo(ChronoUnit.MICROS))) {
                  return time;
                }
              } catch (DateTimeException e) {
                throw Rejected.content();
              }
              throw Rejected.content();
            });
  }

  <E extends Enum<E>> E constant(Class<E> type, String name) {
    String wanted = text(name);
    for (E each : type.getEnumConstants()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(wanted)) {
        return each;
      }
    }
    throw Rejected.content();
  }

  List<String> texts(String name) {
    if (!(take(name) instanceof ArrayNode array)) {
      throw Rejected.content();
    }
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(text(each)));
    return texts;
  }

  Map<String, String> map(String name) {
    if (!(take(name) instanceof ObjectNode object)) {
      throw Rejected.content();
    }
    Map<String, String> map = new TreeMap<>();
    object.properties().forEach(each -> map.put(each.getKey(), text(each.getValue())));
    return map;
  }

  /** Demands that all members were asked for: what is not known is not dropped in silence. */
  void requireNoMore() {
    if (!left.isEmpty()) {
      throw Rejected.content();
    }
  }
}
