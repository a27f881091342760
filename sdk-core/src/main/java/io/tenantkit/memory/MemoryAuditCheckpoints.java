package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditCheckpoint.Kind;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.MemoryAudit.Place;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredAuditKey;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checkpoints of the audit trail in memory. */
final class MemoryAuditCheckpoints implements AuditCheckpointStore {
  /** A wrapping of a key; the newest of the greatest key comes first. */
  private record Wrap(int key, int number) implements Comparable<Wrap> {
    @Override
    public int compareTo(Wrap other) {
      int first = Integer.compare(other.key, key);
      return first != 0 ? first : Integer.compare(other.number, number);
    }
  }

  private final MemoryEngine engine;
  private final MemoryAudit audit;
  private final MemoryTable<Place, AuditCheckpoint> heads;
  private final MemoryTable<Place, AuditCheckpoint> anchors;
  private final MemoryTable<Wrap, StoredAuditKey> keys;

  MemoryAuditCheckpoints(MemoryEngine engine, MemoryAudit audit) {
    this.engine = engine;
    this.audit = audit;
    this.heads = engine.table();
    this.anchors = engine.table();
    this.keys = engine.table();
  }

  @Override
  public boolean insert(TenantContext context, AuditCheckpoint head) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), head.organization());
          return add(heads, head);
        });
  }

  private static boolean add(MemoryTable<Place, AuditCheckpoint> table, AuditCheckpoint added) {
    Place place = new Place(added.organization(), added.seq());
    if (table.get(place) != null) {
      return false;
    }
    table.put(place, added);
    return true;
  }

  @Override
  public Optional<AuditCheckpoint> newest(TenantContext context, Kind kind) {
    return engine.run(
        context, () -> newest(kind == Kind.HEAD ? heads : anchors, context.organization()));
  }

  private static Optional<AuditCheckpoint> newest(
      MemoryTable<Place, AuditCheckpoint> table, OrganizationId organization) {
    return table.after(new Place(organization, 0)).stream()
        .takeWhile(row -> row.organization().equals(organization))
        .reduce((a, b) -> b);
  }

  @Override
  public List<OrganizationId> unsigned(@Nullable OrganizationId after, int limit) {
    return engine.run(
        () ->
            audit
                .organizationsAfter(Optional.ofNullable(after))
                .filter(
                    id -> newest(heads, id).map(AuditCheckpoint::seq).orElse(0L) != audit.last(id))
                .limit(limit)
                .toList());
  }

  @Override
  public long prune(Operator operator, AuditCheckpoint anchor, AuditEvent event) {
    return engine.run(
        operator,
        () -> {
          OrganizationId organization = anchor.organization();
          OwnRows.require(organization, event.organization());
          long signed = newest(heads, organization).map(AuditCheckpoint::seq).orElse(0L);
          if (signed < anchor.seq() || !add(anchors, anchor)) {
            throw new ConflictException("the audit trail cannot be pruned to there");
          }
          audit.write(event);
          return audit.removeThrough(organization, anchor.seq());
        });
  }

  @Override
  public List<StoredAuditKey> keys() {
    return engine.run(() -> List.copyOf(keys.all()));
  }

  @Override
  public boolean insertKey(StoredAuditKey key) {
    return engine.run(
        () -> {
          Wrap first = new Wrap(key.number(), 1);
          if (keys.get(first) != null) {
            return false;
          }
          keys.put(first, key);
          return true;
        });
  }

  @Override
  public boolean rewrapKey(StoredAuditKey key) {
    return engine.run(
        () -> {
          Optional<Wrap> newest =
              keys.keys().filter(wrap -> wrap.key() == key.number()).findFirst();
          newest.ifPresent(wrap -> keys.put(new Wrap(wrap.key(), wrap.number() + 1), key));
          return newest.isPresent();
        });
  }
}
