package io.tenantkit.audit;

import java.util.Objects;
import java.util.Optional;

/**
 * An event and its place in the organization's chain. Immutable.
 *
 * @param event what happened
 * @param seq its number: 1, 2, 3 and so on without gaps, in the order of commits; zero and below
 *     for events from before the schema had a chain
 * @param hash its link, which binds it and everything before it; empty for events from before the
 *     chain
 */
public record AuditRecord(AuditEvent event, long seq, Optional<ChainHash> hash) {
  public AuditRecord {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(hash, "hash");
  }
}
