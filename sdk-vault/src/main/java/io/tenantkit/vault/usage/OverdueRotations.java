package io.tenantkit.vault.usage;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Knows which secrets should have been rotated. Blocks on the storage. */
@FunctionalInterface
public interface OverdueRotations {

  /**
   * A secret that should have been rotated.
   *
   * @param secret which
   * @param dueAt since when
   * @param why by which policy, for people
   */
  record Rotation(Secret secret, Instant dueAt, String why) {}

  /**
   * Those that the caller may see and that were due at a time, in a fixed order. A page may hold
   * fewer than its limit, or none, and yet not be the last.
   */
  Page<Rotation> overdue(TenantContext context, Instant at, PageRequest page);

  /** None are. */
  static OverdueRotations none() {
    return (context, at, page) -> new Page<>(List.of(), java.util.Optional.empty());
  }

  /**
   * By the age of the newest version, by id. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @param oldest the oldest that a version may become, more than zero
   */
  static OverdueRotations olderThan(SecretVault vault, Duration oldest) {
    if (oldest.isZero() || oldest.isNegative()) {
      throw new InvalidInputException("oldest", "more than zero");
    }
    return (context, at, page) -> {
      Page<Secret> secrets = vault.list(context, page);
      List<Rotation> overdue =
          secrets.items().stream()
              .filter(secret -> !secret.updatedAt().plus(oldest).isAfter(at))
              .map(
                  secret ->
                      new Rotation(
                          secret,
                          secret.updatedAt().plus(oldest),
                          "older than " + oldest.toDays() + " days"))
              .toList();
      return new Page<>(overdue, secrets.next());
    };
  }
}
