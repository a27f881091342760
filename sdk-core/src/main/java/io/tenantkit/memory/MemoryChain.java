package io.tenantkit.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.JsonText;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * One organization's audit trail in memory. A row is kept as the very bytes that the chain hashes,
 * behind its link. Used under the engine's lock; every change says how it is undone.
 */
final class MemoryChain {
  private static final int LINK = 32;

  private final OrganizationId organization;
  private final MemoryRows rows = new MemoryRows();
  private final MessageDigest digest;
  private byte[] last;

  /**
   * An empty trail.
   *
   * @param digest of the chain's kind; trails under one lock may share it
   */
  MemoryChain(OrganizationId organization, MessageDigest digest) {
    this.organization = organization;
    this.digest = digest;
    this.last = StoredAuditEvent.genesis(organization.value()).bytes();
  }

  /** Whether the trail has an event of this id. */
  boolean has(String eventId) {
    return rows.has(eventId);
  }

  /** Adds an event; what this gives takes it away again, as the last that was added. */
  Runnable add(AuditEvent event) {
    byte[] before = last;
    byte[] text = StoredAuditEvent.text(event, lastSeq() + 1);
    byte[] link = StoredAuditEvent.link(digest, before, text);
    Runnable undo = rows.add(event.id(), link, text);
    last = link;
    return () -> {
      undo.run();
      last = before;
    };
  }

  /** The last number; 0 when nothing was ever added. */
  long lastSeq() {
    return rows.lastSeq();
  }

  /** The last number and link. */
  AuditHead head() {
    return new AuditHead(lastSeq(), ChainHash.of(last));
  }

  /** The rows with greater numbers, in order. */
  Stream<StoredAuditEvent> after(long seq) {
    return LongStream.rangeClosed(Math.max(seq + 1, rows.firstSeq()), lastSeq())
        .mapToObj(number -> row(rows.get(number)));
  }

  /** Removes the rows up to this number, and says how that is undone; how many. */
  long removeThrough(long seq, Consumer<Runnable> onUndo) {
    long to = Math.min(seq, lastSeq());
    long count = Math.max(0, to - rows.firstSeq() + 1);
    if (count > 0) {
      onUndo.accept(rows.removeThrough(to));
    }
    return count;
  }

  /** A row as readers of the trail get it. */
  AuditRecord record(StoredAuditEvent row) {
    return new AuditRecord(
        new AuditEvent(
            row.id(),
            organization,
            row.at(),
            new Actor(Actor.Kind.valueOf(row.actorKind()), row.actorId()),
            row.action(),
            row.targetType(),
            row.targetId(),
            JsonText.members(row.details())),
        row.seq(),
        row.hash());
  }

  /** The row that was added as these bytes. */
  static StoredAuditEvent row(byte[] row) {
    return StoredAuditEvent.ofText(
        Arrays.copyOfRange(row, LINK, row.length), ChainHash.of(Arrays.copyOf(row, LINK)));
  }
}
