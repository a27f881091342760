package io.tenantkit.livekit;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.token.LedgerEntry;
import java.time.Instant;
import java.util.Objects;

/**
 * A token that was issued, as the ledger has it; never the token itself. Immutable.
 *
 * @param id {@code jti}
 * @param environment for which environment
 * @param identity under which identity
 * @param room for which room; empty when for none
 * @param kind what sort of participant
 * @param grants the grants that say yes, by their names, separated by blanks
 * @param issuedAt when
 * @param expiresAt {@code exp}
 * @param actor who had it issued
 */
public record TokenRecord(
    String id,
    Environment environment,
    String identity,
    String room,
    String kind,
    String grants,
    Instant issuedAt,
    Instant expiresAt,
    Actor actor) {
  /** Checks that all is there. */
  public TokenRecord {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(grants, "grants");
    Objects.requireNonNull(issuedAt, "issuedAt");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(actor, "actor");
  }

  static TokenRecord of(LedgerEntry entry) {
    return new TokenRecord(
        entry.id(),
        entry.environment(),
        entry.subject(),
        entry.place(),
        entry.kind(),
        entry.grants(),
        entry.issuedAt(),
        entry.expiresAt(),
        entry.actor());
  }
}
