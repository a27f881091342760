package io.tenantkit.vault.usage;

import io.tenantkit.tenant.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the rules may ask of one organization's past. */
public interface UsageHistory {

  /**
   * A sum by hour.
   *
   * @param hour its beginning
   */
  record HourCount(Instant hour, long uses) {}

  /**
   * Since when a secret is in use; empty where it never was.
   *
   * @param secret by anybody
   * @param actor by this actor
   * @param tool by this actor through this tool
   * @param actors how many actors ever used it
   */
  record Seen(
      Optional<Instant> secret, Optional<Instant> actor, Optional<Instant> tool, long actors) {}

  /** Successful uses of a secret. */
  Seen seen(String secret, Actor actor, String tool);

  /**
   * Sums by hour, oldest first, of hours that have any.
   *
   * @param secret the secret's id, or empty for attempts that got none
   * @param actor of this actor only
   * @param refused refused attempts instead of successful uses
   * @param from the first hour
   * @param until the hour after the last
   */
  List<HourCount> hours(
      String secret, Optional<Actor> actor, boolean refused, Instant from, Instant until);

  /** The last day before this one on which the secret was used. */
  Optional<Instant> lastDayBefore(String secret, Instant day);
}
