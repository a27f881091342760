package io.tenantkit.token;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Which issued tokens are meant; of the environments in the context's reach. Immutable.
 *
 * @param subject of this subject only
 * @param place for this place only
 * @param liveAt only those that end after this time
 * @param issuedBy only those that were issued at this time or before
 */
public record LedgerQuery(
    Optional<String> subject,
    Optional<String> place,
    Optional<Instant> liveAt,
    Optional<Instant> issuedBy) {
  private static final LedgerQuery ALL =
      new LedgerQuery(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Checks that all is there. */
  public LedgerQuery {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(liveAt, "liveAt");
    Objects.requireNonNull(issuedBy, "issuedBy");
  }

  /** All that the ledger still has. */
  public static LedgerQuery all() {
    return ALL;
  }

  /** Of one subject. */
  public LedgerQuery of(String wanted) {
    return new LedgerQuery(Optional.of(wanted), place, liveAt, issuedBy);
  }

  /** For one place. */
  public LedgerQuery in(String wanted) {
    return new LedgerQuery(subject, Optional.of(wanted), liveAt, issuedBy);
  }

  /** Those that end after this time. */
  public LedgerQuery liveAt(Instant time) {
    return new LedgerQuery(subject, place, Optional.of(time), issuedBy);
  }

  /** Those that were issued at this time or before. */
  public LedgerQuery issuedBy(Instant time) {
    return new LedgerQuery(subject, place, liveAt, Optional.of(time));
  }

  /** Whether it means this token; of environments the caller judges. */
  public boolean matches(LedgerEntry entry) {
    return (subject.isEmpty() || subject.get().equals(entry.subject()))
        && (place.isEmpty() || place.get().equals(entry.place()))
        && (liveAt.isEmpty() || entry.expiresAt().isAfter(liveAt.get()))
        && (issuedBy.isEmpty() || !entry.issuedAt().isAfter(issuedBy.get()));
  }
}
