package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that limits a key, or an organization's keys together.
 *
 * @param rates at most 8, each of another name
 * @param credits a budget besides
 */
public record Limits(List<RateLimit> rates, Optional<Credits> credits) {
  /** The most rate limits that one key or organization has. */
  public static final int MAX_RATES = 8;

  private static final Limits NONE = new Limits(List.of(), Optional.empty());

  public Limits {
    rates = List.copyOf(rates);
    Objects.requireNonNull(credits, "credits");
    if (rates.size() > MAX_RATES) {
      throw new InvalidInputException("limits", "at most 8");
    }
    if (rates.stream().map(RateLimit::name).distinct().count() < rates.size()) {
      throw new InvalidInputException("limits", "each with a name of its own");
    }
  }

  /** No limit at all. */
  public static Limits none() {
    return NONE;
  }

  /** These rate limits and no credits. */
  public static Limits of(RateLimit... rates) {
    return new Limits(List.of(rates), Optional.empty());
  }

  /** The same with a budget. */
  public Limits with(Credits budget) {
    return new Limits(rates, Optional.of(budget));
  }

  /** Whether nothing is limited. */
  public boolean isEmpty() {
    return rates.isEmpty() && credits.isEmpty();
  }

  /**
   * Reads the JSON that {@link #toJson} writes, or the short form {@code {"requestsPerMinute": 100,
   * "requestsPerHour": 5000}} (also {@code PerSecond} and {@code PerDay}), which names local limits
   * {@code second}, {@code minute}, {@code hour} and {@code day}.
   *
   * @throws InvalidInputException when it is neither, has unknown or repeated fields, or is longer
   *     than 8,192 characters; it never quotes what was read
   */
  public static Limits fromJson(String json) {
    return LimitsJson.read(json);
  }

  /** The full form, one line. */
  public String toJson() {
    return LimitsJson.write(this);
  }
}
