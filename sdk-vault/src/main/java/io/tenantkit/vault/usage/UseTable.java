package io.tenantkit.vault.usage;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts uses by who, what, outcome and hour until it is drained, once. A use of what is counted
 * already is a look-up and an addition, without a lock and without garbage; the first one of its
 * kind makes a cell. Exact: when {@link #drain} has passed a cell or a place for one, it is closed,
 * and who comes later is told to count in another table.
 *
 * <p>Safe for use by several threads; nobody waits.
 */
final class UseTable {
  /** A power of two: with all kinds that there may be, chains are of four. */
  private static final int BUCKETS = 16_384;

  private static final long HOUR_MILLIS = 3_600_000;

  /** What became of a use. */
  enum Answer {
    COUNTED,
    /** The table is drained. */
    CLOSED,
    /** It would need a cell more than there may be. */
    FULL
  }

  /** The uses of one kind. */
  static final class Cell {
    private static final VarHandle COUNT;
    private static final long RETIRED = Long.MIN_VALUE / 2;

    static {
      try {
        COUNT = MethodHandles.lookup().findVarHandle(Cell.class, "count", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    final OrganizationId organization;
    final String secret;
    final Environment environment;
    final Actor actor;
    final String tool;
    final UseOutcome outcome;
    final long firstMillis;
    private final int hash;
    private final long hour;
    private @Nullable Cell next;
    private long lastMillis;
    private @Nullable String address;

    @SuppressWarnings("UnusedVariable") // by the handle
    private volatile long count = 1;

    private Cell(
        int hash,
        OrganizationId organization,
        String secret,
        Environment environment,
        Actor actor,
        String tool,
        UseOutcome outcome,
        long millis,
        @Nullable String address) {
      this.hash = hash;
      this.organization = organization;
      this.secret = secret;
      this.environment = environment;
      this.actor = actor;
      this.tool = tool;
      this.outcome = outcome;
      this.hour = Math.floorDiv(millis, HOUR_MILLIS);
      this.firstMillis = millis;
      this.lastMillis = millis;
      this.address = address;
    }

    private boolean is(
        OrganizationId ofOrganization,
        String ofSecret,
        Environment ofEnvironment,
        Actor ofActor,
        String ofTool,
        UseOutcome ofOutcome,
        long ofHour) {
      return hour == ofHour
          && outcome == ofOutcome
          && environment == ofEnvironment
          && secret.equals(ofSecret)
          && actor.equals(ofActor)
          && tool.equals(ofTool)
          && organization.equals(ofOrganization);
    }

    /** Whether it was counted; not when the cell was drained. */
    private boolean use(long millis, @Nullable String from) {
      // Two threads may write the earlier of two times that are a moment apart.
      if (millis > lastMillis) {
        lastMillis = millis;
      }
      if (from != null) {
        address = from;
      }
      return (long) COUNT.getAndAdd(this, 1L) > 0;
    }

    /** What was counted; from now on nothing is. */
    private long retire() {
      return (long) COUNT.getAndSet(this, RETIRED);
    }

    long lastMillis() {
      return Math.max(firstMillis, lastMillis);
    }

    @Nullable String address() {
      return address;
    }
  }

  /** A drained cell and what it had counted. */
  record Drained(Cell cell, long count) {}

  private static final Cell CLOSED =
      new Cell(
          0,
          OrganizationId.of("closed"),
          "",
          Environment.DEVELOPMENT,
          Actor.host("closed"),
          "",
          UseOutcome.OK,
          0,
          null);

  private final AtomicReferenceArray<@Nullable Cell> buckets = new AtomicReferenceArray<>(BUCKETS);
  private final AtomicInteger cells = new AtomicInteger();

  /** How many kinds are counted. */
  int size() {
    return cells.get();
  }

  /**
   * Counts one use.
   *
   * @param most how many cells there may be when it needs a new one
   */
  Answer count(
      OrganizationId organization,
      String secret,
      Environment environment,
      Actor actor,
      String tool,
      UseOutcome outcome,
      long millis,
      @Nullable String address,
      int most) {
    long hour = Math.floorDiv(millis, HOUR_MILLIS);
    int hash = hash(organization, secret, environment, actor, tool, outcome, hour);
    int place = (hash ^ (hash >>> 16)) & (BUCKETS - 1);
    while (true) {
      Cell head = buckets.get(place);
      if (head == CLOSED) {
        return Answer.CLOSED;
      }
      for (Cell cell = head; cell != null; cell = cell.next) {
        if (cell.hash == hash
            && cell.is(organization, secret, environment, actor, tool, outcome, hour)) {
          return cell.use(millis, address) ? Answer.COUNTED : Answer.CLOSED;
        }
      }
      if (cells.get() >= most) {
        return Answer.FULL;
      }
      Cell fresh =
          new Cell(hash, organization, secret, environment, actor, tool, outcome, millis, address);
      fresh.next = head;
      if (buckets.compareAndSet(place, head, fresh)) {
        cells.incrementAndGet();
        return Answer.COUNTED;
      }
    }
  }

  // Only for this process's own table: nothing of it is kept.
  @SuppressWarnings("EnumOrdinal")
  private static int hash(
      OrganizationId organization,
      String secret,
      Environment environment,
      Actor actor,
      String tool,
      UseOutcome outcome,
      long hour) {
    int hash = organization.value().hashCode();
    hash = hash * 31 + secret.hashCode();
    hash = hash * 31 + actor.id().hashCode();
    hash = hash * 31 + tool.hashCode();
    hash = hash * 31 + Long.hashCode(hour);
    hash = hash * 31 + actor.kind().ordinal();
    hash = hash * 31 + environment.ordinal();
    hash = hash * 31 + outcome.ordinal();
    // Ids that follow each other must not fall into neighbouring places of one chain.
    return hash * 0x9E3779B9;
  }

  /** Hands over everything and closes the table. */
  void drain(Consumer<Drained> to) {
    for (int i = 0; i < BUCKETS; i++) {
      Cell cell = buckets.getAndSet(i, CLOSED);
      for (; cell != null && cell != CLOSED; cell = cell.next) {
        to.accept(new Drained(cell, cell.retire()));
      }
    }
  }
}
