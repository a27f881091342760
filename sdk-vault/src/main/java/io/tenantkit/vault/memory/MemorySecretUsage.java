package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageBatch.Cost;
import io.tenantkit.vault.spi.SecretUsageBatch.RowId;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.usage.ActorAccess;
import io.tenantkit.vault.usage.CostLine;
import io.tenantkit.vault.usage.Finding;
import io.tenantkit.vault.usage.UsageGrain;
import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import io.tenantkit.vault.usage.UsageLine;
import io.tenantkit.vault.usage.UsageQuery;
import io.tenantkit.vault.usage.UseOutcome;
import io.tenantkit.vault.usage.UseSubject;
import io.tenantkit.vault.usage.UseTimes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sums of uses in memory; every question reads all of the tenant's rows. */
final class MemorySecretUsage implements SecretUsageStore {
  private static final Comparator<CostLine> BY_COST =
      Comparator.comparing(CostLine::secret)
          .thenComparing(CostLine::day)
          .thenComparing(CostLine::unit)
          .thenComparing(CostLine::currency)
          .thenComparing(line -> line.environment().name());

  /** Without the tool, as accesses are told apart. */
  private static final Comparator<UseSubject> BY_ACTOR =
      Comparator.comparing(UseSubject::secret)
          .thenComparing(subject -> subject.actor().kind().name())
          .thenComparing(subject -> subject.actor().id())
          .thenComparing(subject -> subject.environment().name());

  private static final long MOST_COST = 9_000_000_000_000_000_000L;

  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<UsageKey, Sum> sums;
  private final MemoryTable<CostKey, CostLine> costs;
  private final MemoryTable<RowKey, Long> sequences;
  private final MemoryTable<OrganizationId, Progress> progress;
  private final MemoryTable<RowKey, Finding> findings;

  private record Sum(SecretUsageBatch.Row row, long number) {}

  private record Progress(long written, long analysed, Instant cleanedAt) {}

  private record UsageKey(OrganizationId organization, Optional<RowId> id)
      implements Comparable<UsageKey> {
    @Override
    public int compareTo(UsageKey other) {
      int first = organization.compareTo(other.organization);
      if (first != 0 || id.isEmpty() || other.id.isEmpty()) {
        return first != 0 ? first : Boolean.compare(id.isPresent(), other.id.isPresent());
      }
      return id.get().compareTo(other.id.get());
    }
  }

  private record CostKey(OrganizationId organization, Optional<CostLine> line)
      implements Comparable<CostKey> {
    @Override
    public int compareTo(CostKey other) {
      int first = organization.compareTo(other.organization);
      if (first != 0 || line.isEmpty() || other.line.isEmpty()) {
        return first != 0 ? first : Boolean.compare(line.isPresent(), other.line.isPresent());
      }
      return BY_COST.compare(line.get(), other.line.get());
    }
  }

  MemorySecretUsage(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.sums = engine.table();
    this.costs = engine.table();
    this.sequences = engine.table();
    this.progress = engine.table();
    this.findings = engine.table();
  }

  @Override
  public boolean add(TenantContext context, SecretUsageBatch batch) {
    return engine.run(
        context,
        () -> {
          storage.requireOrganization(context);
          RowKey node = new RowKey(context.organization(), batch.node());
          Long before = sequences.get(node);
          if (before != null && before >= batch.sequence()) {
            return false;
          }
          sequences.put(node, batch.sequence());
          Progress mine = of(context);
          long number = mine.written() + 1;
          progress.put(
              context.organization(), new Progress(number, mine.analysed(), mine.cleanedAt()));
          batch.rows().forEach((id, row) -> add(context, id, row, number));
          batch.costs().forEach(cost -> add(context, cost));
          return true;
        });
  }

  private Progress of(TenantContext context) {
    Progress mine = progress.get(context.organization());
    return mine == null ? new Progress(0, 0, Instant.EPOCH) : mine;
  }

  private void add(TenantContext context, RowId id, SecretUsageBatch.Row row, long number) {
    UsageKey key = new UsageKey(context.organization(), Optional.of(id));
    Sum before = sums.get(key);
    sums.put(key, new Sum(before == null ? row : before.row().plus(row), number));
  }

  private void add(TenantContext context, Cost cost) {
    CostLine line =
        new CostLine(
            cost.secret(),
            cost.environment(),
            cost.day(),
            cost.unit(),
            cost.currency(),
            cost.amount(),
            cost.costMicros(),
            cost.reports());
    CostKey key = new CostKey(context.organization(), Optional.of(line));
    CostLine before = costs.get(key);
    costs.put(
        key,
        before == null
            ? line
            : new CostLine(
                line.secret(),
                line.environment(),
                line.day(),
                line.unit(),
                line.currency(),
                capped(before.amount(), line.amount()),
                capped(before.costMicros(), line.costMicros()),
                before.reports() + line.reports()));
  }

  /** A sum stops at the top. */
  private static long capped(long before, long more) {
    return Math.min(before, MOST_COST - more) + more;
  }

  private Stream<Sum> mine(TenantContext context, UsageGrain grain) {
    return sums.after(new UsageKey(context.organization(), Optional.empty())).stream()
        .limit(count(context))
        .filter(sum -> sum.row().grain() == grain);
  }

  /** Rows do not say whose they are; their keys do. */
  private long count(TenantContext context) {
    return sums.keys().filter(key -> key.organization().equals(context.organization())).count();
  }

  private Stream<SecretUsageBatch.Row> reached(
      TenantContext context, UsageGrain grain, Instant from, Instant until) {
    return mine(context, grain)
        .map(Sum::row)
        .filter(row -> context.environments().contains(row.subject().environment()))
        .filter(row -> !row.startsAt().isBefore(from) && row.startsAt().isBefore(until));
  }

  @Override
  public List<UsageLine> usage(
      TenantContext context, UsageQuery query, @Nullable String afterKey, int limit) {
    return engine.run(
        context,
        () -> {
          SortedMap<String, UsageLine> lines = new TreeMap<>();
          reached(context, query.by().grain(), query.firstSpan(), query.until())
              .filter(row -> query.secret().filter(id -> !is(row, id.value())).isEmpty())
              .filter(
                  row ->
                      query.actor().filter(actor -> !actor.equals(row.subject().actor())).isEmpty())
              .filter(row -> query.address().filter(from -> !from.equals(address(row))).isEmpty())
              .forEach(row -> lines.merge(key(query, row), line(query, row), this::plus));
          return first(lines, afterKey, limit);
        });
  }

  private static boolean is(SecretUsageBatch.Row row, String secret) {
    return row.subject().secret().equals(secret);
  }

  private static String key(UsageQuery query, SecretUsageBatch.Row row) {
    UseSubject subject = row.subject();
    return switch (query.by()) {
      case SECRET -> subject.secret();
      case ACTOR -> subject.actor().kind() + ":" + subject.actor().id();
      case TOOL -> subject.tool();
      case ADDRESS -> address(row);
      case DAY, HOUR -> row.startsAt().toString();
    };
  }

  private static String address(SecretUsageBatch.Row row) {
    return row.address().orElse("");
  }

  private static UsageLine line(UsageQuery query, SecretUsageBatch.Row row) {
    return new UsageLine(
        key(query, row), ok(row), refused(row), failed(row), row.firstAt(), row.lastAt());
  }

  private static long ok(SecretUsageBatch.Row row) {
    return row.outcome() == UseOutcome.OK ? row.uses() : 0;
  }

  private static long refused(SecretUsageBatch.Row row) {
    return row.outcome().refused() ? row.uses() : 0;
  }

  private static long failed(SecretUsageBatch.Row row) {
    return row.uses() - ok(row) - refused(row);
  }

  private UsageLine plus(UsageLine one, UsageLine other) {
    return new UsageLine(
        one.key(),
        one.ok() + other.ok(),
        one.refused() + other.refused(),
        one.failed() + other.failed(),
        min(one.firstAt(), other.firstAt()),
        max(one.lastAt(), other.lastAt()));
  }

  private static Instant min(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant max(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static <V> List<V> first(SortedMap<String, V> lines, @Nullable String after, int limit) {
    return lines.entrySet().stream()
        .filter(entry -> after == null || entry.getKey().compareTo(after) > 0)
        .limit(limit)
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public Optional<UseTimes> times(TenantContext context, String secret) {
    return engine.run(
        context,
        () ->
            reached(context, UsageGrain.EVER, Instant.EPOCH, Instant.MAX)
                .filter(row -> is(row, secret) && row.outcome() == UseOutcome.OK)
                .map(row -> new UseTimes(row.uses(), row.firstAt(), row.lastAt()))
                .reduce(
                    (one, other) ->
                        new UseTimes(
                            one.uses() + other.uses(),
                            min(one.firstAt(), other.firstAt()),
                            max(one.lastAt(), other.lastAt()))));
  }

  @Override
  public List<ActorAccess> access(
      TenantContext context, Instant from, Instant until, @Nullable UseSubject after, int limit) {
    return engine.run(
        context,
        () -> {
          SortedMap<UseSubject, ActorAccess> lines = new TreeMap<>(BY_ACTOR);
          reached(context, UsageGrain.DAY, UsageGrain.DAY.start(from), until)
              .map(MemorySecretUsage::access)
              .forEach(line -> lines.merge(line.subject(), line, MemorySecretUsage::plus));
          return lines.values().stream()
              .filter(line -> after == null || BY_ACTOR.compare(line.subject(), after) > 0)
              .limit(limit)
              .toList();
        });
  }

  private static ActorAccess access(SecretUsageBatch.Row row) {
    UseSubject subject = row.subject();
    return new ActorAccess(
        new UseSubject(subject.secret(), subject.environment(), subject.actor(), ""),
        ok(row),
        refused(row),
        failed(row),
        row.firstAt(),
        row.lastAt());
  }

  private static ActorAccess plus(ActorAccess one, ActorAccess other) {
    return new ActorAccess(
        one.subject(),
        one.ok() + other.ok(),
        one.refused() + other.refused(),
        one.failed() + other.failed(),
        min(one.firstAt(), other.firstAt()),
        max(one.lastAt(), other.lastAt()));
  }

  @Override
  public List<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      Optional<String> secret,
      @Nullable CostLine after,
      int limit) {
    return engine.run(
        context,
        () ->
            mineOf(context).stream()
                .filter(line -> context.environments().contains(line.environment()))
                .filter(line -> !line.day().isBefore(UsageGrain.DAY.start(from)))
                .filter(line -> line.day().isBefore(until))
                .filter(line -> secret.filter(id -> !id.equals(line.secret())).isEmpty())
                .filter(line -> after == null || BY_COST.compare(line, after) > 0)
                .limit(limit)
                .toList());
  }

  private Collection<CostLine> mineOf(TenantContext context) {
    long count =
        costs.keys().filter(key -> key.organization().equals(context.organization())).count();
    return costs.after(new CostKey(context.organization(), Optional.empty())).stream()
        .limit(count)
        .toList();
  }

  @Override
  public Seen seen(TenantContext context, String secret, Actor actor, String tool) {
    return engine.run(
        context,
        () -> {
          List<SecretUsageBatch.Row> rows =
              mine(context, UsageGrain.EVER)
                  .map(Sum::row)
                  .filter(row -> is(row, secret) && row.outcome() == UseOutcome.OK)
                  .toList();
          Function<Stream<SecretUsageBatch.Row>, Optional<Instant>> first =
              of -> of.map(SecretUsageBatch.Row::firstAt).min(Comparator.naturalOrder());
          return new Seen(
              first.apply(rows.stream()),
              first.apply(rows.stream().filter(row -> row.subject().actor().equals(actor))),
              first.apply(
                  rows.stream()
                      .filter(row -> row.subject().actor().equals(actor))
                      .filter(row -> row.subject().tool().equals(tool))),
              rows.stream().map(row -> row.subject().actor()).distinct().count());
        });
  }

  @Override
  public List<HourCount> hours(
      TenantContext context,
      String secret,
      Optional<Actor> actor,
      boolean refused,
      Instant from,
      Instant until) {
    return engine.run(
        context,
        () -> {
          SortedMap<Instant, Long> counts = new TreeMap<>();
          mine(context, UsageGrain.HOUR)
              .map(Sum::row)
              .filter(row -> is(row, secret))
              .filter(row -> actor.filter(one -> !one.equals(row.subject().actor())).isEmpty())
              .filter(row -> refused ? row.outcome().refused() : row.outcome() == UseOutcome.OK)
              .filter(row -> !row.startsAt().isBefore(from) && row.startsAt().isBefore(until))
              .forEach(row -> counts.merge(row.startsAt(), row.uses(), Long::sum));
          return counts.entrySet().stream()
              .map(entry -> new HourCount(entry.getKey(), entry.getValue()))
              .toList();
        });
  }

  @Override
  public Optional<Instant> lastDayBefore(TenantContext context, String secret, Instant day) {
    return engine.run(
        context,
        () ->
            mine(context, UsageGrain.DAY)
                .map(Sum::row)
                .filter(row -> is(row, secret) && row.outcome() == UseOutcome.OK)
                .map(SecretUsageBatch.Row::startsAt)
                .filter(start -> start.isBefore(day))
                .max(Comparator.naturalOrder()));
  }

  @Override
  public Mark mark(TenantContext context) {
    return engine.run(
        context,
        () -> {
          Progress mine = of(context);
          return new Mark(mine.written(), mine.analysed());
        });
  }

  @Override
  public List<Changed> changed(TenantContext context, long afterNumber, Instant since, int limit) {
    return engine.run(
        context,
        () ->
            mine(context, UsageGrain.HOUR)
                .filter(sum -> sum.number() > afterNumber)
                .filter(sum -> !sum.row().startsAt().isBefore(since))
                .sorted(Comparator.comparingLong(Sum::number))
                .limit(limit)
                .map(
                    sum ->
                        new Changed(
                            sum.row().subject(),
                            sum.row().outcome() == UseOutcome.OK,
                            sum.row().outcome().refused(),
                            sum.row().startsAt(),
                            sum.row().uses(),
                            sum.number()))
                .toList());
  }

  @Override
  public void analysed(TenantContext context, long number) {
    engine.run(
        context,
        () -> {
          Progress mine = of(context);
          if (progress.get(context.organization()) != null) {
            progress.put(
                context.organization(),
                new Progress(mine.written(), Math.max(mine.analysed(), number), mine.cleanedAt()));
          }
          return null;
        });
  }

  @Override
  public boolean record(TenantContext context, Finding finding, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), finding.organization(), event.organization());
          storage.requireOrganization(context);
          RowKey key = new RowKey(context.organization(), finding.id());
          if (findings.get(key) != null) {
            return false;
          }
          findings.put(key, finding);
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<Finding> findings(TenantContext context, String afterId, String untilId, int limit) {
    return engine.run(
        context,
        () ->
            findings.after(new RowKey(context.organization(), afterId)).stream()
                .takeWhile(finding -> finding.organization().equals(context.organization()))
                .takeWhile(finding -> finding.id().compareTo(untilId) < 0)
                .filter(finding -> context.environments().contains(finding.subject().environment()))
                .limit(limit)
                .toList());
  }

  @Override
  public List<OrganizationId> due(Instant cleanedBefore, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            progress
                .keys()
                .filter(id -> afterId == null || id.value().compareTo(afterId) > 0)
                .filter(id -> isDue(progress.get(id), cleanedBefore))
                .limit(limit)
                .toList());
  }

  private static boolean isDue(@Nullable Progress of, Instant cleanedBefore) {
    return of != null && (of.analysed() < of.written() || of.cleanedAt().isBefore(cleanedBefore));
  }

  @Override
  public int clean(
      TenantContext context, Instant hours, Instant days, Instant ever, Instant now, int limit) {
    return engine.run(
        context,
        () -> {
          List<UsageKey> old = new ArrayList<>();
          for (UsageGrain grain : UsageGrain.values()) {
            sums.keys()
                .filter(key -> key.organization().equals(context.organization()))
                .filter(key -> key.id().filter(id -> id.grain() == grain).isPresent())
                .filter(key -> isOld(key, hours, days, ever))
                .limit(limit)
                .forEach(old::add);
          }
          old.forEach(sums::remove);
          List<CostKey> oldCosts =
              costs
                  .keys()
                  .filter(key -> key.organization().equals(context.organization()))
                  .filter(key -> key.line().filter(line -> line.day().isBefore(days)).isPresent())
                  .limit(limit)
                  .toList();
          oldCosts.forEach(costs::remove);
          List<RowKey> oldFindings =
              findings.all().stream()
                  .filter(finding -> finding.organization().equals(context.organization()))
                  .filter(finding -> finding.at().isBefore(days))
                  .limit(limit)
                  .map(finding -> new RowKey(finding.organization(), finding.id()))
                  .toList();
          oldFindings.forEach(findings::remove);
          int removed = old.size() + oldCosts.size() + oldFindings.size();
          Progress mine = of(context);
          if (removed == 0 && progress.get(context.organization()) != null) {
            progress.put(
                context.organization(), new Progress(mine.written(), mine.analysed(), now));
          }
          return removed;
        });
  }

  private boolean isOld(UsageKey key, Instant hours, Instant days, Instant ever) {
    Sum sum = sums.get(key);
    if (sum == null) {
      return false;
    }
    return switch (sum.row().grain()) {
      case HOUR -> sum.row().startsAt().isBefore(hours);
      case DAY -> sum.row().startsAt().isBefore(days);
      case EVER -> sum.row().lastAt().isBefore(ever);
    };
  }
}
