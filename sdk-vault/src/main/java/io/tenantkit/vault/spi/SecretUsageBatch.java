package io.tenantkit.vault.spi;

import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.usage.UsageGrain;
import io.tenantkit.vault.usage.UseOutcome;
import io.tenantkit.vault.usage.UseSubject;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Uses of one organization's secrets that one node counted and that are to be added to what is
 * stored.
 *
 * @param node 1 to 64 characters, of one life of one vault
 * @param sequence more than that of every batch before it; a batch that may have been written is
 *     given again with the same number
 * @param uses at most {@value #MOST}
 * @param costs at most {@value #MOST}
 */
public record SecretUsageBatch(String node, long sequence, List<Use> uses, List<Cost> costs) {
  /** The most uses and the most costs of one batch. */
  public static final int MOST = 500;

  /**
   * How often, within one hour.
   *
   * @param count at least 1
   * @param firstAt the first of them
   * @param lastAt the last of them, in the same hour
   * @param address from where the last one came, if that is known
   */
  public record Use(
      UseSubject subject,
      UseOutcome outcome,
      long count,
      Instant firstAt,
      Instant lastAt,
      Optional<String> address) {
    public Use {
      Objects.requireNonNull(subject, "subject");
      Objects.requireNonNull(outcome, "outcome");
      if (count < 1) {
        throw new InvalidInputException("count", "at least 1");
      }
      if (!UsageGrain.HOUR.start(firstAt).equals(UsageGrain.HOUR.start(lastAt))) {
        throw new InvalidInputException("lastAt", "in the hour of the first");
      }
    }

    /** Both together; of the same subject, outcome and hour. */
    public Use plus(Use other) {
      boolean later = other.lastAt.isAfter(lastAt);
      return new Use(
          subject,
          outcome,
          count + other.count,
          other.firstAt.isBefore(firstAt) ? other.firstAt : firstAt,
          later ? other.lastAt : lastAt,
          later ? other.address.or(() -> address) : address.or(() -> other.address));
    }
  }

  /**
   * What the host reported of a secret's cost on one day.
   *
   * @param day the beginning of the day, UTC
   */
  public record Cost(
      String secret,
      Environment environment,
      Instant day,
      String unit,
      String currency,
      long amount,
      long costMicros,
      long reports) {}

  /** A row that a use is added to: one each for its hour, its day and all of time. */
  public record Row(
      UsageGrain grain,
      Instant startsAt,
      UseSubject subject,
      UseOutcome outcome,
      long uses,
      Instant firstAt,
      Instant lastAt,
      Optional<String> address) {

    /** Both together; of the same row. */
    public Row plus(Row other) {
      boolean later = other.lastAt.isAfter(lastAt);
      return new Row(
          grain,
          startsAt,
          subject,
          outcome,
          uses + other.uses,
          other.firstAt.isBefore(firstAt) ? other.firstAt : firstAt,
          later ? other.lastAt : lastAt,
          later ? other.address.or(() -> address) : address.or(() -> other.address));
    }
  }

  /** By what rows are told apart, within an organization. */
  public record RowId(UsageGrain grain, Instant startsAt, UseSubject subject, UseOutcome outcome)
      implements Comparable<RowId> {
    @Override
    public int compareTo(RowId other) {
      int first = grain.compareTo(other.grain);
      int second = first != 0 ? first : startsAt.compareTo(other.startsAt);
      int third = second != 0 ? second : subject.compareTo(other.subject);
      return third != 0 ? third : outcome.compareTo(other.outcome);
    }
  }

  public SecretUsageBatch {
    Texts.require("node", node, 64);
    uses = List.copyOf(uses);
    costs = List.copyOf(costs);
    if (uses.size() > MOST || costs.size() > MOST) {
      throw new InvalidInputException("uses", "at most " + MOST);
    }
  }

  /** Everything that is to be added, each row once, in the order in which every node locks them. */
  public SortedMap<RowId, Row> rows() {
    SortedMap<RowId, Row> rows = new TreeMap<>();
    for (Use use : uses) {
      for (UsageGrain grain : UsageGrain.values()) {
        Instant start = grain.start(use.firstAt());
        rows.merge(
            new RowId(grain, start, use.subject(), use.outcome()),
            new Row(
                grain,
                start,
                use.subject(),
                use.outcome(),
                use.count(),
                use.firstAt(),
                use.lastAt(),
                use.address()),
            Row::plus);
      }
    }
    return rows;
  }
}
