package io.tenantkit.vault.usage;

import io.tenantkit.TenantkitException;
import io.tenantkit.metric.Metrics;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.SecretUsageStore;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Counts the uses of a vault's secrets off the hot path; they are written every {@link
 * UsageWriter#INTERVAL} and at the close. One for each vault; upper modules that hand secrets on
 * tell it of their tools. Hosts need only {@link #configure}.
 *
 * <p>A use takes a fraction of a microsecond, no lock and, after the first one of its kind in an
 * interval, no memory. Exact: what was counted is written once, also when it is not known whether a
 * batch was committed. A process that is killed loses what it counted since its last write: one
 * interval and the time that a write takes.
 *
 * <p>Bounded: of at most {@value #MOST_KINDS} kinds of use (who, what, outcome and hour) at a time
 * counts are kept apart; further ones are summed for each organization as those of the actor
 * {@value #OTHER}, without secret and tool. Only when the storage refuses writes for long are uses
 * given up, and counted as such.
 *
 * <p>Safe for use by several threads. Recording never blocks and never throws.
 */
public final class SecretUses {
  /** The detail of a purpose that names the tool: 1 to 64 printable ASCII characters. */
  public static final String TOOL = "tool";

  /** The detail of a purpose that names the caller's address: at most 64 characters. */
  public static final String ADDRESS = "address";

  /** How many kinds of use are counted apart between two writes. */
  public static final int MOST_KINDS = 65_536;

  /** The actor, of kind SYSTEM, under whose name the uses beyond that are summed. */
  public static final String OTHER = "tenantkit.other";

  /** Counter: uses that were summed as others'. */
  public static final String METER_OTHER = "tenantkit.vault.usage.other";

  /** Counter: uses and reports that were given up. */
  public static final String METER_LOST = "tenantkit.vault.usage.lost";

  /** Counter: batches that were written. */
  public static final String METER_BATCHES = "tenantkit.vault.usage.batches";

  private static final int MOST_OTHERS = MOST_KINDS / 4;
  private static final int MAX_ADDRESS = 64;
  private static final Actor OTHERS = new Actor(Actor.Kind.SYSTEM, OTHER);

  private final SecretUsageStore store;
  private final Clock clock;
  private final Metrics.Counter other;
  private final Metrics.Counter lost;
  private final int most;
  private final AtomicReference<UseTable> table = new AtomicReference<>(new UseTable());
  private final AtomicReference<UsageSettings> settings =
      new AtomicReference<>(UsageSettings.defaults());
  private final CostTable costs = new CostTable();
  private final UsageWriter writer;
  private volatile boolean closed;

  private SecretUses(PlaneRuntime runtime, SecretUsageStore store, int most) {
    this.store = store;
    this.clock = runtime.clock();
    this.other = runtime.metrics().counter(METER_OTHER);
    this.lost = runtime.metrics().counter(METER_LOST);
    this.most = most;
    this.writer = new UsageWriter(runtime, store, this::drain, costs, lost);
  }

  /** Counts for a vault over this storage, and writes with the control plane's due work. */
  public static SecretUses of(PlaneRuntime runtime, SecretUsageStore store) {
    SecretUses uses = new SecretUses(runtime, store, MOST_KINDS);
    runtime.maintenance().every("vault.usage.flush", UsageWriter.INTERVAL, now -> uses.flush());
    UsageUpkeep upkeep = new UsageUpkeep(runtime, store, uses.settings::get);
    runtime.maintenance().every("vault.usage.upkeep", UsageUpkeep.INTERVAL, upkeep);
    runtime.onClose().accept(uses::close);
    return uses;
  }

  /** As {@link #of}, without due work and with a bound of its own, for tests. */
  static SecretUses bounded(PlaneRuntime runtime, SecretUsageStore store, int most) {
    return new SecretUses(runtime, store, most);
  }

  /** From the next due work on. */
  public void configure(UsageSettings wanted) {
    settings.set(Objects.requireNonNull(wanted, "settings"));
  }

  /** A secret's value was handed over. One of another tenant is not counted. */
  public void used(TenantContext context, Secret secret, Map<String, String> details) {
    if (!secret.organization().equals(context.organization())) {
      return;
    }
    record(context, secret.id().value(), secret.ref().environment(), details, UseOutcome.OK);
  }

  /**
   * A secret's value was asked for and not handed over.
   *
   * @param found the secret, when there is one that the caller sees. Its id is kept when the value
   *     could not be had: it has expired, or did not open. An attempt that was refused keeps none,
   *     since whether there is such a secret is never told
   */
  public void refused(
      TenantContext context,
      SecretRef ref,
      Optional<Secret> found,
      Map<String, String> details,
      TenantkitException why) {
    UseOutcome outcome = UseOutcome.of(why.code());
    // What the caller aimed at may not exist, or not for it, and is its own text: it is not kept.
    String id =
        found
            .filter(secret -> !outcome.refused())
            .filter(secret -> secret.organization().equals(context.organization()))
            .map(secret -> secret.id().value())
            .orElse("");
    record(context, id, ref.environment(), details, outcome);
  }

  /** The host reports what a call consumed. */
  void report(TenantContext context, Secret secret, ReportedUnits units) {
    if (!costs.add(context.organization(), secret, units, clock.instant())) {
      lost.add(1);
    }
    if (closed) {
      close();
    }
  }

  private void record(
      TenantContext context,
      String secret,
      Environment environment,
      Map<String, String> details,
      UseOutcome outcome) {
    count(
        context.organization(),
        secret,
        environment,
        context.actor(),
        tool(details.get(TOOL)),
        outcome,
        clock.millis(),
        address(details.get(ADDRESS)));
  }

  /** The seam that is measured: one use at one time. */
  void count(
      OrganizationId organization,
      String secret,
      Environment environment,
      Actor actor,
      String tool,
      UseOutcome outcome,
      long millis,
      @Nullable String address) {
    UseTable.Answer answer;
    do {
      answer =
          table
              .get()
              .count(
                  organization, secret, environment, actor, tool, outcome, millis, address, most);
    } while (answer == UseTable.Answer.CLOSED);
    if (answer == UseTable.Answer.FULL) {
      countOther(organization, environment, outcome, millis);
    }
    if (closed) {
      // Who was between its check and here while the plane closed.
      close();
    }
  }

  private void countOther(
      OrganizationId organization, Environment environment, UseOutcome outcome, long millis) {
    UseTable.Answer answer;
    do {
      answer =
          table
              .get()
              .count(
                  organization,
                  "",
                  environment,
                  OTHERS,
                  "",
                  outcome,
                  millis,
                  null,
                  most + MOST_OTHERS);
    } while (answer == UseTable.Answer.CLOSED);
    (answer == UseTable.Answer.FULL ? lost : other).add(1);
  }

  private static String tool(@Nullable String named) {
    return named == null || named.length() > UseSubject.MAX_TOOL || !UseSubject.isPrintable(named)
        ? ""
        : named;
  }

  private static @Nullable String address(@Nullable String named) {
    return named == null || named.length() > MAX_ADDRESS || !UseSubject.isPrintable(named)
        ? null
        : named;
  }

  /** How many kinds of use wait in the table. */
  int kinds() {
    return table.get().size();
  }

  /** How many sums wait for the storage. */
  int waiting() {
    return writer.waiting();
  }

  private void drain(java.util.function.Consumer<UseTable.Drained> to) {
    if (table.get().size() > 0) {
      table.getAndSet(new UseTable()).drain(to);
    }
  }

  /**
   * Writes what was counted. Blocks on the storage.
   *
   * @throws TenantkitException when the storage fails; then it is written later
   */
  void flush() {
    writer.flush();
  }

  private void close() {
    closed = true;
    writer.close();
  }

  SecretUsageStore store() {
    return store;
  }
}
