package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.audit.ChainHash;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The audit trail in memory: the same chain as in the databases, under the engine's one lock. */
final class MemoryAudit implements AuditStore {

  /** A row's place: the organization leads. */
  record Place(OrganizationId organization, long seq) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int first = organization.compareTo(other.organization);
      return first != 0 ? first : Long.compare(seq, other.seq);
    }
  }

  /** An event and its row. */
  record Line(AuditEvent event, StoredAuditEvent row) {}

  private final MemoryEngine engine;
  private final Consumer<TenantContext> requireOrganization;
  private final MemoryTable<Place, Line> lines;
  private final MemoryTable<RowKey, Place> places;
  private final MemoryTable<OrganizationId, AuditHead> heads;
  private final MemoryAuditCheckpoints checkpoints;

  MemoryAudit(MemoryEngine engine, Consumer<TenantContext> requireOrganization) {
    this.engine = engine;
    this.requireOrganization = requireOrganization;
    this.lines = engine.table();
    this.places = engine.table();
    this.heads = engine.table();
    this.checkpoints = new MemoryAuditCheckpoints(engine, this);
  }

  AuditCheckpointStore checkpoints() {
    return checkpoints;
  }

  /** Adds an event to its chain, within a verb. */
  void write(AuditEvent event) {
    OrganizationId organization = event.organization();
    RowKey id = new RowKey(organization, event.id());
    if (places.get(id) != null) {
      throw new ConflictException("audit event exists already");
    }
    AuditHead last = heads.get(organization);
    long seq = last == null ? 1 : last.seq() + 1;
    ChainHash previous =
        last == null ? StoredAuditEvent.genesis(organization.value()) : last.hash();
    StoredAuditEvent row = StoredAuditEvent.of(event).chained(previous, seq);
    Place place = new Place(organization, seq);
    lines.put(place, new Line(event, row));
    places.put(id, place);
    heads.put(organization, new AuditHead(seq, row.hash().orElseThrow()));
  }

  @Override
  public void append(TenantContext context, AuditEvent event) {
    engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          requireOrganization.accept(context);
          write(event);
          return true;
        });
  }

  @Override
  public List<AuditRecord> records(TenantContext context, long afterSeq, int limit) {
    return engine.run(
        context,
        () ->
            after(context.organization(), afterSeq)
                .limit(limit)
                .map(line -> new AuditRecord(line.event(), line.row().seq(), line.row().hash()))
                .toList());
  }

  @Override
  public List<StoredAuditEvent> rows(TenantContext context, long afterSeq, int limit) {
    return engine.run(
        context,
        () -> after(context.organization(), afterSeq).limit(limit).map(Line::row).toList());
  }

  @Override
  public Optional<AuditHead> head(TenantContext context) {
    return engine.run(context, () -> Optional.ofNullable(heads.get(context.organization())));
  }

  private Stream<Line> after(OrganizationId organization, long seq) {
    return lines.after(new Place(organization, seq)).stream()
        .takeWhile(line -> line.event().organization().equals(organization));
  }

  /** The last number of an organization's chain; 0 without one. */
  long last(OrganizationId organization) {
    AuditHead head = heads.get(organization);
    return head == null ? 0 : head.seq();
  }

  /** Removes the events up to a number, within a verb; how many. */
  long removeThrough(OrganizationId organization, long seq) {
    List<Line> old =
        after(organization, Long.MIN_VALUE).takeWhile(line -> line.row().seq() <= seq).toList();
    for (Line line : old) {
      lines.remove(new Place(organization, line.row().seq()));
      places.remove(new RowKey(organization, line.event().id()));
    }
    return old.size();
  }

  /** The organizations that have a chain, by id, from the first after one. */
  Stream<OrganizationId> organizationsAfter(Optional<OrganizationId> after) {
    return heads.keys().filter(id -> after.isEmpty() || id.compareTo(after.get()) > 0);
  }
}
