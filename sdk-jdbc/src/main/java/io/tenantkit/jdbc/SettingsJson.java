package io.tenantkit.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.address.AddressList;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.OrganizationSettings;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The JSON columns that hold limits, budgets, addresses and policies. What restricts a key and
 * cannot be read is an error and never nothing, or a slip of the pen would lift the restriction. A
 * JSON null is no value, as a null of SQL is.
 */
final class SettingsJson {
  private SettingsJson() {}

  static String limits(List<RateLimit> limits) {
    return new Limits(limits, Optional.empty()).toJson();
  }

  /** A key's limits, with the budget that a hand may have written among them. */
  static Limits limits(@Nullable String json) {
    String given = given(json);
    return given == null ? Limits.none() : checked(() -> Limits.fromJson(given));
  }

  /** An organization's limits, which have no budget. */
  static List<RateLimit> pool(@Nullable String json) {
    Limits pool = limits(json);
    if (pool.credits().isPresent()) {
      throw Json.unexpected();
    }
    return pool.rates();
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
    String given = given(json);
    if (given == null) {
      return Optional.empty();
    }
    JsonNode read = fields(given, "amount", "refill", "every");
    return Optional.of(
        checked(
            () ->
                new Credits(
                    whole(read.path("amount")),
                    read.has("refill") || read.has("every")
                        ? Optional.of(
                            new Credits.Refill(
                                whole(read.path("refill")),
                                Duration.parse(read.path("every").asText())))
                        : Optional.empty())));
  }

  private static long whole(JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw Json.unexpected();
    }
    return node.longValue();
  }

  /** An object that has no other fields than these. */
  private static JsonNode fields(String json, String... known) {
    JsonNode read = Json.readStrictly(json, JsonNode::isObject);
    Set<String> unknown = new HashSet<>();
    read.fieldNames().forEachRemaining(unknown::add);
    List.of(known).forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw Json.unexpected();
    }
    return read;
  }

  private static @Nullable String given(@Nullable String json) {
    return json == null || json.strip().equals("null") ? null : json;
  }

  static String addresses(AddressList addresses) {
    return Json.write(addresses.toList());
  }

  static AddressList addresses(@Nullable String json) {
    String given = given(json);
    if (given == null) {
      return AddressList.anywhere();
    }
    List<String> ranges = new ArrayList<>();
    Json.readStrictly(given, JsonNode::isArray).forEach(each -> ranges.add(each.asText()));
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
    JsonNode read = fields(json, "longestLifetime", "rotateAfter", "unusedAfter", "prefixName");
    return checked(
        () ->
            new KeyPolicy(
                text(read, "longestLifetime").map(Duration::parse),
                text(read, "rotateAfter").map(Duration::parse),
                text(read, "unusedAfter").map(Duration::parse),
                text(read, "prefixName")));
  }

  private static Optional<String> text(JsonNode read, String field) {
    JsonNode value = read.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw Json.unexpected();
    }
    return Optional.of(value.textValue());
  }

  /**
   * The host's notes; of a row written by hand what is no text is taken as its JSON, and what is
   * more or longer than notes are is cut.
   */
  static Map<String, String> metadata(String json) {
    Map<String, String> legible = new TreeMap<>();
    Json.details(json)
        .forEach(
            (name, value) -> {
              Optional<String> shownName = Legible.text(name, 64);
              Optional<String> shown = Legible.text(value, 1_024);
              if (shownName.isPresent()
                  && shown.isPresent()
                  && legible.size() < OrganizationSettings.MAX_METADATA) {
                legible.put(shownName.get(), shown.get());
              }
            });
    return legible;
  }

  /**
   * Runs what reads a restriction; a value that is none is the column's fault, not the caller's.
   */
  private static <T> T checked(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (InvalidInputException | IllegalArgumentException | DateTimeParseException e) {
      throw Json.unexpected();
    }
  }
}
