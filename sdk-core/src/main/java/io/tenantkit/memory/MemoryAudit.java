package io.tenantkit.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.spi.StoredAuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
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

  private final MemoryEngine engine;
  private final Consumer<TenantContext> requireOrganization;
  private final NavigableMap<OrganizationId, MemoryChain> chains = new TreeMap<>();

  /** The same, to be found without an order. */
  private final Map<OrganizationId, MemoryChain> known = new HashMap<>();

  private final MessageDigest digest = StoredAuditEvent.digest();
  private final MemoryAuditCheckpoints checkpoints;

  MemoryAudit(MemoryEngine engine, Consumer<TenantContext> requireOrganization) {
    this.engine = engine;
    this.requireOrganization = requireOrganization;
    this.checkpoints = new MemoryAuditCheckpoints(engine, this);
  }

  AuditCheckpointStore checkpoints() {
    return checkpoints;
  }

  /** Adds an event to its chain, within a verb. */
  void write(AuditEvent event) {
    engine.requireLocked();
    // A chain that stays empty because its verb failed is as good as none.
    MemoryChain chain = known.get(event.organization());
    if (chain == null) {
      chain = new MemoryChain(event.organization(), digest);
      chains.put(event.organization(), chain);
      known.put(event.organization(), chain);
    }
    if (chain.has(event.id())) {
      throw new ConflictException("audit event exists already");
    }
    engine.onUndo(chain.add(event));
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
            chain(context.organization())
                .map(chain -> chain.after(afterSeq).limit(limit).map(chain::record).toList())
                .orElse(List.of()));
  }

  @Override
  public List<StoredAuditEvent> rows(TenantContext context, long afterSeq, int limit) {
    return engine.run(
        context,
        () ->
            chain(context.organization())
                .map(chain -> chain.after(afterSeq).limit(limit).toList())
                .orElse(List.of()));
  }

  @Override
  public Optional<AuditHead> head(TenantContext context) {
    return engine.run(context, () -> chain(context.organization()).map(MemoryChain::head));
  }

  /** A chain that has begun, within a verb. */
  private Optional<MemoryChain> chain(OrganizationId organization) {
    engine.requireLocked();
    return Optional.ofNullable(known.get(organization)).filter(chain -> chain.lastSeq() > 0);
  }

  /** The last number of an organization's chain; 0 without one. */
  long last(OrganizationId organization) {
    return chain(organization).map(MemoryChain::lastSeq).orElse(0L);
  }

  /** Removes the events up to a number, within a verb; how many. */
  long removeThrough(OrganizationId organization, long seq) {
    return chain(organization).map(chain -> chain.removeThrough(seq, engine::onUndo)).orElse(0L);
  }

  /** The organizations that have a chain, by id, from the first after one. */
  Stream<OrganizationId> organizationsAfter(Optional<OrganizationId> after) {
    engine.requireLocked();
    return (after.isPresent() ? chains.tailMap(after.get(), false) : chains)
        .entrySet().stream().filter(chain -> chain.getValue().lastSeq() > 0).map(Map.Entry::getKey);
  }
}
