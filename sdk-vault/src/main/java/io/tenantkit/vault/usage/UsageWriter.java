package io.tenantkit.vault.usage;

import io.tenantkit.NotFoundException;
import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageBatch.Cost;
import io.tenantkit.vault.spi.SecretUsageBatch.RowId;
import io.tenantkit.vault.spi.SecretUsageBatch.Use;
import io.tenantkit.vault.spi.SecretUsageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what was counted out of memory and adds it to the storage, one organization after the
 * other, in numbered batches: one that may have been written is given again under its own number
 * until an answer comes. One thread at a time.
 */
final class UsageWriter {
  /** How often use is written. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** How many sums may wait while the storage refuses writes. */
  static final int MOST_PENDING = 200_000;

  private static final Logger LOG = LoggerFactory.getLogger(UsageWriter.class);
  private static final int CLOSING_ATTEMPTS = 3;
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.usage");

  /** What waits of one organization. */
  private static final class Pending {
    private final Map<RowId, Use> uses = new LinkedHashMap<>();
    private final Map<CostTable.Key, Cost> costs = new LinkedHashMap<>();

    /** A batch of which it is not known whether it was written. */
    private @Nullable SecretUsageBatch unsettled;

    private boolean isEmpty() {
      return uses.isEmpty() && costs.isEmpty() && unsettled == null;
    }

    private int size() {
      return uses.size() + costs.size();
    }

    private long weight() {
      long weight = weight(uses.values(), costs.values());
      return unsettled == null ? weight : weight + weight(unsettled.uses(), unsettled.costs());
    }

    private static long weight(Collection<Use> uses, Collection<Cost> costs) {
      return uses.stream().mapToLong(Use::count).sum()
          + costs.stream().mapToLong(Cost::reports).sum();
    }
  }

  private final SecretUsageStore store;
  private final Consumer<Consumer<UseTable.Drained>> counted;
  private final CostTable costs;
  private final Metrics.Counter lost;
  private final Metrics.Counter batches;
  private final String node = UUID.randomUUID().toString();
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<OrganizationId, Pending> pending = new HashMap<>();
  private int waiting;
  private long sequence;

  UsageWriter(
      PlaneRuntime runtime,
      SecretUsageStore store,
      Consumer<Consumer<UseTable.Drained>> counted,
      CostTable costs,
      Metrics.Counter lost) {
    this.store = store;
    this.counted = counted;
    this.costs = costs;
    this.lost = lost;
    this.batches = runtime.metrics().counter(SecretUses.METER_BATCHES);
  }

  /** Writes what was counted; what cannot be written stays for the next time. */
  void flush() {
    writing.lock();
    try {
      collect();
      write();
    } finally {
      writing.unlock();
    }
  }

  /** How many sums wait, beside the batches that are not settled. */
  int waiting() {
    writing.lock();
    try {
      return waiting;
    } finally {
      writing.unlock();
    }
  }

  private void collect() {
    counted.accept(
        drained -> {
          UseTable.Cell cell = drained.cell();
          Use use =
              new Use(
                  new UseSubject(cell.secret, cell.environment, cell.actor, cell.tool),
                  cell.outcome,
                  drained.count(),
                  Instant.ofEpochMilli(cell.firstMillis),
                  Instant.ofEpochMilli(cell.lastMillis()),
                  Optional.ofNullable(cell.address()));
          add(cell.organization, use);
        });
    costs.drain(
        (key, cost) -> {
          Map<CostTable.Key, Cost> sums = of(key.organization()).costs;
          if (room(sums.containsKey(key), cost.reports())) {
            sums.merge(key, cost, CostTable::plus);
          }
        });
  }

  private void add(OrganizationId organization, Use use) {
    RowId id =
        new RowId(
            UsageGrain.HOUR, UsageGrain.HOUR.start(use.firstAt()), use.subject(), use.outcome());
    Map<RowId, Use> uses = of(organization).uses;
    if (room(uses.containsKey(id), use.count())) {
      uses.merge(id, use, Use::plus);
    }
  }

  private boolean room(boolean there, long weight) {
    if (there) {
      return true;
    }
    if (waiting >= MOST_PENDING) {
      lost.add(weight);
      return false;
    }
    waiting++;
    return true;
  }

  private Pending of(OrganizationId organization) {
    return pending.computeIfAbsent(organization, any -> new Pending());
  }

  private void write() {
    EachOrganization each = new EachOrganization();
    for (OrganizationId organization : new ArrayList<>(pending.keySet())) {
      Pending mine = of(organization);
      if (each.attempt(() -> write(organization, mine))) {
        pending.remove(organization);
      }
    }
    each.end();
  }

  private void write(OrganizationId organization, Pending mine) {
    TenantContext context = TenantContext.trusted(organization, ACTOR);
    while (!mine.isEmpty()) {
      SecretUsageBatch batch = mine.unsettled == null ? next(mine) : mine.unsettled;
      mine.unsettled = batch;
      try {
        store.add(context, batch);
        batches.add(1);
      } catch (NotFoundException e) {
        // The organization is gone, or never was: nobody could ask for its uses.
        waiting -= mine.size();
        mine.uses.clear();
        mine.costs.clear();
      }
      mine.unsettled = null;
    }
  }

  private SecretUsageBatch next(Pending mine) {
    List<Use> uses = take(mine.uses.values());
    List<Cost> sums = take(mine.costs.values());
    waiting -= uses.size() + sums.size();
    return new SecretUsageBatch(node, ++sequence, uses, sums);
  }

  private static <T> List<T> take(Collection<T> from) {
    List<T> taken = new ArrayList<>();
    Iterator<T> each = from.iterator();
    while (each.hasNext() && taken.size() < SecretUsageBatch.MOST) {
      taken.add(each.next());
      each.remove();
    }
    return taken;
  }

  /** Writes everything; what cannot be written is told. */
  void close() {
    writing.lock();
    try {
      for (int attempt = 1; attempt <= CLOSING_ATTEMPTS; attempt++) {
        try {
          collect();
          write();
          break;
        } catch (RuntimeException e) {
          // Whatever a storage that is being closed throws: who used a secret meanwhile comes here.
          LOG.debug("the use of secrets was not written", e);
        }
      }
      long given = pending.values().stream().mapToLong(Pending::weight).sum();
      if (given > 0) {
        lost.add(given);
        LOG.warn("{} uses of secrets could not be written before the close", given);
        pending.clear();
        waiting = 0;
      }
    } finally {
      writing.unlock();
    }
  }
}
