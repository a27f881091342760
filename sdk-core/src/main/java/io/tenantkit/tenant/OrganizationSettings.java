package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.Texts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the host keeps of an organization and asks of it. Immutable.
 *
 * @param plan the host's name of its plan, 1 to 64 of a-z, 0-9, _ and -; {@code free} unless set
 * @param metadata the host's own notes, at most {@value #MAX_METADATA}, sorted by name; names of 1
 *     to 64 characters, values of 1 to 1,024
 * @param pool limits that all keys of the organization share
 * @param keys what it asks of its API keys
 */
public record OrganizationSettings(
    String plan, Map<String, String> metadata, List<RateLimit> pool, KeyPolicy keys) {
  /** The most notes. */
  public static final int MAX_METADATA = 32;

  private static final Pattern PLAN = Pattern.compile("[a-z0-9_-]{1,64}");
  private static final OrganizationSettings DEFAULTS =
      new OrganizationSettings("free", Map.of(), List.of(), KeyPolicy.none());

  public OrganizationSettings {
    Objects.requireNonNull(keys, "keys");
    requirePlan(plan);
    if (metadata.size() > MAX_METADATA) {
      throw new InvalidInputException("metadata", "at most " + MAX_METADATA);
    }
    metadata.forEach(
        (name, value) -> {
          Texts.require("metadata", name, 64);
          Texts.require("metadata", value, 1_024);
        });
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    pool = new Limits(pool, Optional.empty()).rates();
  }

  static void requirePlan(String plan) {
    if (!PLAN.matcher(plan).matches()) {
      throw new InvalidInputException("plan", "1 to 64 of a-z, 0-9, _ and -");
    }
  }

  /** The free plan, no notes, no limits, no policy. */
  public static OrganizationSettings defaults() {
    return DEFAULTS;
  }

  /** On this plan. */
  public OrganizationSettings withPlan(String changed) {
    return new OrganizationSettings(changed, metadata, pool, keys);
  }

  /** With exactly these notes. */
  public OrganizationSettings withMetadata(Map<String, String> changed) {
    return new OrganizationSettings(plan, changed, pool, keys);
  }

  /** With exactly these limits for all keys together. */
  public OrganizationSettings withPool(RateLimit... changed) {
    return new OrganizationSettings(plan, metadata, List.of(changed), keys);
  }

  /** With this policy. */
  public OrganizationSettings withKeys(KeyPolicy changed) {
    return new OrganizationSettings(plan, metadata, pool, changed);
  }
}
