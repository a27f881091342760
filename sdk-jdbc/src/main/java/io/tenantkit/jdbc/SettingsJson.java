package io.tenantkit.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.KeyPolicy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON columns that hold limits, budgets, addresses and policies. What restricts a key and
 * cannot be read is an error and never nothing, or a slip of the pen would lift the restriction.
 */
final class SettingsJson {
  private SettingsJson() {}

  static String limits(List<RateLimit> limits) {
    return new Limits(limits, Optional.empty()).toJson();
  }

  static List<RateLimit> limits(@Nullable String json) {
    return json == null ? List.of() : checked(() -> Limits.fromJson(json)).rates();
  }

  static String credits(Credits credits) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("amount", credits.amount());
    credits
        .refill()
        .ifPresent(
            refill -> {
              fields.put("refill", refill.amount());
              fields.put("every", refill.every().toString());
            });
    return Json.write(fields);
  }

  static Optional<Credits> credits(@Nullable String json) {
    if (json == null) {
      return Optional.empty();
    }
    JsonNode read = Json.read(json, JsonNode::isObject);
    return Optional.of(
        checked(
            () ->
                new Credits(
                    read.path("amount").asLong(),
                    read.has("refill")
                        ? Optional.of(
                            new Credits.Refill(
                                read.path("refill").asLong(),
                                Duration.parse(read.path("every").asText())))
                        : Optional.empty())));
  }

  static String addresses(AddressList addresses) {
    return Json.write(addresses.toList());
  }

  static AddressList addresses(@Nullable String json) {
    if (json == null) {
      return AddressList.anywhere();
    }
    List<String> ranges = new ArrayList<>();
    Json.read(json, JsonNode::isArray).forEach(each -> ranges.add(each.asText()));
    return checked(() -> AddressList.of(ranges.toArray(String[]::new)));
  }

  static String policy(KeyPolicy policy) {
    Map<String, Object> fields = new LinkedHashMap<>();
    policy.longestLifetime().ifPresent(value -> fields.put("longestLifetime", value.toString()));
    policy.rotateAfter().ifPresent(value -> fields.put("rotateAfter", value.toString()));
    policy.unusedAfter().ifPresent(value -> fields.put("unusedAfter", value.toString()));
    policy.prefixName().ifPresent(value -> fields.put("prefixName", value));
    return Json.write(fields);
  }

  static KeyPolicy policy(String json) {
    JsonNode read = Json.read(json, JsonNode::isObject);
    return checked(
        () ->
            new KeyPolicy(
                text(read, "longestLifetime").map(Duration::parse),
                text(read, "rotateAfter").map(Duration::parse),
                text(read, "unusedAfter").map(Duration::parse),
                text(read, "prefixName")));
  }

  private static Optional<String> text(JsonNode read, String field) {
    return Optional.ofNullable(read.path(field).textValue());
  }

  /** The host's notes; of a row written by hand what is no text is taken as its JSON. */
  static Map<String, String> metadata(String json) {
    Map<String, String> legible = new TreeMap<>();
    Json.details(json)
        .forEach(
            (name, value) ->
                Legible.text(value, 1_024).ifPresent(shown -> legible.put(name, shown)));
    return legible;
  }

  /** How often a key was used; what somebody else wrote there counts as nothing. */
  static long usageTotal(@Nullable String json) {
    JsonNode total = json == null ? null : Json.read(json, node -> true).path("total");
    return total != null && total.canConvertToLong() ? Math.max(0, total.longValue()) : 0;
  }

  /**
   * Runs what reads a restriction; a value that is none is the column's fault, not the caller's.
   */
  private static <T> T checked(java.util.function.Supplier<T> reading) {
    try {
      return reading.get();
    } catch (InvalidInputException | IllegalArgumentException | DateTimeParseException e) {
      throw Json.unexpected();
    }
  }
}
