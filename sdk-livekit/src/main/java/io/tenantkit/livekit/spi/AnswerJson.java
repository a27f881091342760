package io.tenantkit.livekit.spi;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.secret.SecretValue;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Reads what LiveKit's servers answer. ProtoJSON allows names in camel case and as the protocol has
 * them, large numbers as texts, and leaving out what is zero or empty: all are read. What is of
 * another kind than it should be is as if it were not there.
 */
public final class AnswerJson {
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final long MILLIS_OF_A_SECOND = 1_000;

  private AnswerJson() {}

  /** By the protocol's name, or the same in camel case. */
  public static JsonNode field(JsonNode json, String name) {
    JsonNode found = json.path(name);
    return found.isMissingNode() ? json.path(camelCase(name)) : found;
  }

  /** A text; empty when there is none. */
  public static String text(JsonNode json, String name) {
    JsonNode field = field(json, name);
    return field.isTextual() ? field.asText() : "";
  }

  /** A text that is not empty. */
  public static Optional<String> present(JsonNode json, String name) {
    return Optional.of(text(json, name)).filter(text -> !text.isEmpty());
  }

  /** A secret text that is not empty; none when it is no text that can be written. */
  public static Optional<SecretValue> secret(JsonNode json, String name) {
    try {
      return present(json, name).map(SecretValue::of);
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  /** Whether it says yes. */
  public static boolean flag(JsonNode json, String name) {
    return field(json, name).asBoolean();
  }

  /** A number of 0 or more. */
  public static long number(JsonNode json, String name) {
    return Math.max(0, field(json, name).asLong());
  }

  /** A number of 0 or more that fits an int; a larger one becomes the largest. */
  public static int count(JsonNode json, String name) {
    return (int) Math.min(Integer.MAX_VALUE, number(json, name));
  }

  /** A time in milliseconds since 1970, at most the year 9999. */
  public static Instant millis(long millis) {
    return millis > LATEST.toEpochMilli() ? LATEST : Instant.ofEpochMilli(millis);
  }

  /**
   * A time that newer servers tell in milliseconds, under the name with {@code _ms}, and older ones
   * in seconds alone; 1970 when there is none, at most the year 9999.
   */
  public static Instant time(JsonNode json, String name) {
    long millis = number(json, name + "_ms");
    return millis(
        millis > 0
            ? millis
            : Math.multiplyExact(
                Math.min(number(json, name), LATEST.getEpochSecond()), MILLIS_OF_A_SECOND));
  }

  /** A time in nanoseconds since 1970, if it is there. */
  public static Optional<Instant> nanos(JsonNode json, String name) {
    long nanos = number(json, name);
    return nanos == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(0, nanos));
  }

  /** How long, in nanoseconds. */
  public static Duration nanosLong(JsonNode json, String name) {
    return Duration.ofNanos(number(json, name));
  }

  /** A time as protocol buffers' {@code Timestamp} has it, if it is there. */
  public static Optional<Instant> timestamp(JsonNode json, String name) {
    try {
      return present(json, name).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** How long, as protocol buffers' {@code Duration} has it, in whole seconds, if it is there. */
  public static Optional<Duration> duration(JsonNode json, String name) {
    String text = text(json, name);
    return text.matches("[0-9]{1,12}([.][0-9]{1,9})?s")
        ? Optional.of(Duration.parse("PT" + text.toUpperCase(Locale.ROOT)))
        : Optional.empty();
  }

  /** What sort of participant it is; what is not known is a person's client. */
  public static ParticipantKind kind(JsonNode json, String name) {
    String claim = text(json, name).toLowerCase(Locale.ROOT);
    return Arrays.stream(ParticipantKind.values())
        .filter(kind -> kind.claim().equals(claim))
        .findFirst()
        .orElse(ParticipantKind.STANDARD);
  }

  /** A list, each item read. */
  public static <T> List<T> list(JsonNode array, Function<JsonNode, T> each) {
    List<T> all = new ArrayList<>();
    array.forEach(item -> all.add(each.apply(item)));
    return List.copyOf(all);
  }

  /** A list of texts. */
  public static List<String> texts(JsonNode json, String name) {
    return list(field(json, name), JsonNode::asText);
  }

  /** Texts by name. */
  public static Map<String, String> map(JsonNode json, String name) {
    Map<String, String> all = new TreeMap<>();
    field(json, name)
        .properties()
        .forEach(each -> all.put(each.getKey(), each.getValue().asText()));
    return Collections.unmodifiableMap(all);
  }

  /**
   * One of an enum, by the protocol's name after a prefix. The first is what a server leaves out;
   * what a later one says is what is given for it.
   */
  public static <E extends Enum<E>> E oneOf(
      JsonNode json, String name, String prefix, List<E> all, E unknown) {
    JsonNode field = field(json, name);
    if (field.isMissingNode() || field.isNull()) {
      return all.get(0);
    }
    String text = field.asText();
    for (E each : all) {
      if (text.equals(prefix + each.name())) {
        return each;
      }
    }
    return unknown;
  }

  private static String camelCase(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      boolean underscore = name.charAt(i) == '_' && i + 1 < name.length();
      text.append(underscore ? Character.toUpperCase(name.charAt(++i)) : name.charAt(i));
    }
    return text.toString();
  }
}
