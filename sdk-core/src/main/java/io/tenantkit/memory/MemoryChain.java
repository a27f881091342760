package io.tenantkit.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.JsonText;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One organization's audit trail in memory. A row is kept as the very bytes that the chain hashes,
 * behind its link: one array without references, since a trail grows with every use of a secret and
 * the garbage collector would walk it all. Used under the engine's lock; every change says how it
 * is undone.
 */
final class MemoryChain {
  private static final int LINK = 32;

  private final OrganizationId organization;
  private final List<byte[]> rows = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private long firstSeq = 1;
  private byte[] last;

  MemoryChain(OrganizationId organization) {
    this.organization = organization;
    this.last = StoredAuditEvent.genesis(organization.value()).bytes();
  }

  /** Whether the trail has an event of this id. */
  boolean has(String eventId) {
    return ids.contains(eventId);
  }

  /** Adds an event; what this gives takes it away again, as the last that was added. */
  Runnable add(AuditEvent event) {
    byte[] text = StoredAuditEvent.of(event).text(lastSeq() + 1);
    byte[] before = last;
    byte[] link = StoredAuditEvent.link(before, text);
    byte[] row = Arrays.copyOf(link, LINK + text.length);
    System.arraycopy(text, 0, row, LINK, text.length);
    String id = event.id();
    rows.add(row);
    ids.add(id);
    last = link;
    return () -> {
      rows.remove(rows.size() - 1);
      ids.remove(id);
      last = before;
    };
  }

  /** The last number; 0 when nothing was ever added. */
  long lastSeq() {
    return firstSeq + rows.size() - 1;
  }

  /** The last number and link. */
  AuditHead head() {
    return new AuditHead(lastSeq(), ChainHash.of(last));
  }

  /** The rows with greater numbers, in order. */
  Stream<StoredAuditEvent> after(long seq) {
    return rows.subList(upTo(seq), rows.size()).stream().map(MemoryChain::row);
  }

  /** Removes the rows up to this number, and says how that is undone; how many. */
  int removeThrough(long seq, Consumer<Runnable> onUndo) {
    int count = upTo(seq);
    List<byte[]> old = List.copyOf(rows.subList(0, count));
    List<String> oldIds = old.stream().map(row -> row(row).id()).toList();
    rows.subList(0, count).clear();
    oldIds.forEach(ids::remove);
    firstSeq += count;
    onUndo.accept(
        () -> {
          rows.addAll(0, old);
          ids.addAll(oldIds);
          firstSeq -= count;
        });
    return count;
  }

  /** How many rows have this number or less. */
  private int upTo(long seq) {
    return seq < firstSeq ? 0 : (int) Math.min(seq - firstSeq, rows.size() - 1L) + 1;
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

  private static StoredAuditEvent row(byte[] row) {
    return StoredAuditEvent.ofText(
        Arrays.copyOfRange(row, LINK, row.length), ChainHash.of(Arrays.copyOf(row, LINK)));
  }
}
