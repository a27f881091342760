package io.tenantkit.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** JSON columns. Jackson's own errors quote what they read, so none of them gets out. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final StrictJson STRICT = StrictJson.bounded(64 * 1024, 8);

  private Json() {}

  static String scopes(ScopeSet scopes) {
    return write(scopes.toList().stream().map(Scope::value).toList());
  }

  /**
   * A key's scopes. One that is no scope of ours, which only a row written by hand can hold, grants
   * nothing: it is left out rather than making the whole list unreadable. So is what comes after as
   * many as a key can have.
   */
  static ScopeSet scopes(String json) {
    Set<Scope> scopes = new LinkedHashSet<>();
    for (JsonNode each : read(json, JsonNode::isArray)) {
      if (each.isTextual() && scopes.size() < ScopeSet.MAX_SIZE) {
        scope(each.textValue()).ifPresent(scopes::add);
      }
    }
    return ScopeSet.of(scopes);
  }

  private static Optional<Scope> scope(String text) {
    try {
      return Optional.of(Scope.of(text));
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  static String details(Map<String, String> details) {
    return write(details);
  }

  /**
   * Names and texts. Of a row written by hand what is no text is taken as its JSON, and a null is
   * left out.
   */
  static Map<String, String> details(String json) {
    Map<String, String> details = new TreeMap<>();
    read(json, JsonNode::isObject)
        .properties()
        .forEach(
            each -> {
              JsonNode value = each.getValue();
              if (!value.isNull()) {
                details.put(
                    each.getKey(), value.isTextual() ? value.textValue() : value.toString());
              }
            });
    return details;
  }

  /** An event's details; what an event may not have is cut, or one row would hide all others. */
  static Map<String, String> shownDetails(String json) {
    Map<String, String> read;
    try {
      read = details(json);
    } catch (StorageException e) {
      read = Map.of("details", json);
    }
    Map<String, String> shown = new TreeMap<>();
    read.entrySet().stream()
        .limit(AuditEvent.MAX_DETAILS)
        .forEach(each -> shown.put(shown(each.getKey()), shown(each.getValue())));
    return shown;
  }

  private static String shown(String text) {
    String shown = text.replace('\0', ' ');
    if (shown.length() <= AuditEvent.MAX_DETAIL_LENGTH) {
      return shown;
    }
    int end = AuditEvent.MAX_DETAIL_LENGTH;
    return shown.substring(0, Character.isHighSurrogate(shown.charAt(end - 1)) ? end - 1 : end);
  }

  /** The count in a key's usage; what somebody else wrote there counts as nothing. */
  static long total(@Nullable String json) {
    JsonNode total = json == null ? null : read(json, any -> true).path("total");
    return total != null && total.canConvertToLong() ? Math.max(0, total.longValue()) : 0;
  }

  /** A key's usage with this count; what else a hand wrote there stays. */
  static String withTotal(@Nullable String json, long count) {
    JsonNode before = json == null ? null : read(json, any -> true);
    ObjectNode after = before instanceof ObjectNode there ? there : MAPPER.createObjectNode();
    return write(after.put("total", count));
  }

  static String places(List<Integer> places) {
    return write(places);
  }

  static List<Integer> places(String json) {
    List<Integer> places = new ArrayList<>();
    read(json, JsonNode::isArray).forEach(each -> places.add(each.intValue()));
    return places;
  }

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new StorageException(ErrorCode.INTERNAL, "a value cannot be written as JSON");
    }
  }

  static JsonNode read(String json, Predicate<JsonNode> expected) {
    try {
      return expected(MAPPER.readTree(json), expected);
    } catch (JsonProcessingException e) {
      throw unexpected();
    }
  }

  /** As {@link #read}; a repeated field, or anything after the value, is an error too. */
  static JsonNode readStrictly(String json, Predicate<JsonNode> expected) {
    try {
      return expected(STRICT.parse(json.getBytes(StandardCharsets.UTF_8)), expected);
    } catch (MalformedJsonException e) {
      throw unexpected();
    }
  }

  private static JsonNode expected(JsonNode read, Predicate<JsonNode> expected) {
    if (!expected.test(read)) {
      throw unexpected();
    }
    return read;
  }

  static StorageException unexpected() {
    return new StorageException(
        ErrorCode.STORAGE_FAILED, "a JSON column does not hold what it should");
  }
}
