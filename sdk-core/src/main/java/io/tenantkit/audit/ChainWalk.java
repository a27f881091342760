package io.tenantkit.audit;

import io.tenantkit.audit.ChainVerification.Broken;
import io.tenantkit.audit.ChainVerification.Kind;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Optional;

/** Follows a chain row by row from a known link. Not safe for use by several threads. */
final class ChainWalk {
  private final OrganizationId organization;
  private final List<AuditCheckpoint> pins;
  private long seq;
  private ChainHash hash;
  private long events;

  /**
   * From after a link.
   *
   * @param pins signed places that the chain must pass through
   */
  ChainWalk(OrganizationId organization, long seq, ChainHash hash, List<AuditCheckpoint> pins) {
    this.organization = organization;
    this.seq = seq;
    this.hash = hash;
    this.pins = pins;
  }

  /** The number of the last row that held. */
  long seq() {
    return seq;
  }

  /** The link of the last row that held. */
  ChainHash hash() {
    return hash;
  }

  /** How many rows held. */
  long events() {
    return events;
  }

  /**
   * Takes the next row.
   *
   * @param row the one with the next greater number
   * @param page rows around it, to tell what happened to a row that does not hold
   * @return how the chain breaks here; empty when the row holds
   */
  Optional<Broken> next(StoredAuditEvent row, List<StoredAuditEvent> page) {
    long expected = seq + 1;
    if (row.seq() < expected) {
      return broken(row.seq(), Kind.FORKED);
    }
    if (row.seq() > expected) {
      return broken(expected, belongsHere(row, page) ? Kind.REORDERED : Kind.MISSING);
    }
    ChainHash found = row.hashAfter(hash, expected);
    if (!row.hash().equals(Optional.of(found))) {
      return broken(expected, belongsHere(row, page) ? Kind.REORDERED : Kind.ALTERED);
    }
    seq = expected;
    hash = found;
    events++;
    return pins.stream().allMatch(this::agrees) ? Optional.empty() : broken(seq, Kind.REWRITTEN);
  }

  private boolean agrees(AuditCheckpoint pin) {
    return pin.seq() != seq || pin.hash().equals(hash);
  }

  /** Whether one of these rows, not this one, is what was written at the next place. */
  private boolean belongsHere(StoredAuditEvent here, List<StoredAuditEvent> page) {
    return page.stream()
        .filter(row -> row.seq() != here.seq() || row.seq() != seq + 1)
        .anyMatch(
            row -> {
              Optional<ChainHash> written = Optional.of(row.hashAfter(hash, seq + 1));
              return written.equals(row.hash()) || written.equals(here.hash());
            });
  }

  Optional<Broken> broken(long at, Kind kind) {
    return Optional.of(new Broken(organization, at, kind));
  }
}
