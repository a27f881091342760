package io.tenantkit.jdbc;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tenant.OrganizationId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Rate limits and credits on PostgreSQL: each verb is one function, in one round trip. */
final class PostgresqlRateLimits implements RateLimitStore {
  private static final String TAKE =
      """
      SELECT place, admitted, remaining, retry_after, reset_after, leased
        FROM tenantkit.take_limits(?, ?, ?, ?, CAST(? AS varchar[]), CAST(? AS varchar[]), CAST(? AS bigint[]),
          CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS bigint[]), ?, ?, ?, ?, ?)""";
  private static final String TAKE_ONE =
      """
      SELECT 1 AS place, admitted, remaining, retry_after, reset_after, 0 AS leased
        FROM tenantkit.take_limit(?, ?, ?, ?, ?, ?, ?)""";
  private static final String END =
      """
      SELECT tenantkit.end_leases(?, CAST(? AS varchar[]), CAST(? AS varchar[]), CAST(? AS varchar[]),
        CAST(? AS bigint[]), CAST(? AS bigint[]))""";
  private static final String REMOVE_IDLE = "SELECT tenantkit.remove_idle_limits(?) AS removed";

  private record Line(int place, Standing standing) {}

  private final Transactions transactions;

  PostgresqlRateLimits(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Answer take(
      OrganizationId organization,
      List<Take> takes,
      Optional<Spend> spend,
      Lease lease,
      Instant now) {
    if (takes.size() == 1 && takes.get(0).slice() == 0 && spend.isEmpty()) {
      return takeOne(organization, takes);
    }
    // Every call locks rows in this order.
    List<Take> ordered = new ArrayList<>(takes);
    ordered.sort(Comparator.comparing(Take::subject).thenComparing(take -> take.limit().name()));
    @Nullable Spend spent = spend.orElse(null);
    Credits.@Nullable Refill refill = spent == null ? null : spent.credits().refill().orElse(null);
    List<Line> lines =
        transactions.alone(
            session ->
                session.query(
                    TAKE,
                    p ->
                        p.text(organization.value())
                            .text(lease.node())
                            .number(lease.number())
                            .number(lease.length().toNanos())
                            .text(texts(ordered, Take::subject))
                            .text(texts(ordered, take -> take.limit().name()))
                            .text(numbers(ordered, take -> take.limit().limit()))
                            .text(numbers(ordered, take -> take.limit().window().toNanos()))
                            .text(numbers(ordered, take -> take.limit().burst()))
                            .text(numbers(ordered, Take::cost))
                            .text(numbers(ordered, Take::slice))
                            .text(spent == null ? null : spent.subject())
                            .number(spent == null ? null : spent.credits().amount())
                            .number(refill == null ? null : refill.amount())
                            .number(refill == null ? null : refill.every().toNanos())
                            .number(spent == null ? null : spent.cost()),
                    PostgresqlRateLimits::line));
    return answer(takes, ordered, lines);
  }

  private Answer takeOne(OrganizationId organization, List<Take> takes) {
    Take take = takes.get(0);
    RateLimit limit = take.limit();
    List<Line> lines =
        transactions.alone(
            session ->
                session.query(
                    TAKE_ONE,
                    p ->
                        p.text(organization.value())
                            .text(take.subject())
                            .text(limit.name())
                            .number(limit.limit())
                            .number(limit.window().toNanos())
                            .number(limit.burst())
                            .number(take.cost()),
                    PostgresqlRateLimits::line));
    return answer(takes, takes, lines);
  }

  private static Line line(Row row) throws java.sql.SQLException {
    return new Line(
        row.integer("place"),
        new Standing(
            row.flag("admitted"),
            row.number("remaining"),
            row.number("retry_after"),
            row.number("reset_after"),
            row.number("leased")));
  }

  private static Answer answer(List<Take> takes, List<Take> ordered, List<Line> lines) {
    @Nullable Standing[] standings = new Standing[takes.size()];
    @Nullable Standing credits = null;
    boolean admitted = true;
    for (Line line : lines) {
      admitted &= line.standing().admitted();
      if (line.place() == 0) {
        credits = line.standing();
      } else {
        standings[indexOf(takes, ordered.get(line.place() - 1))] = line.standing();
      }
    }
    List<Standing> complete = new ArrayList<>(standings.length);
    for (@Nullable Standing each : standings) {
      if (each == null) {
        throw new StorageException(ErrorCode.STORAGE_FAILED, "a limit got no answer");
      }
      complete.add(each);
    }
    return new Answer(admitted, complete, credits);
  }

  /** By identity: equal takes are told apart by nothing else. */
  @SuppressWarnings("ReferenceEquality")
  private static int indexOf(List<Take> takes, Take wanted) {
    int index = 0;
    while (takes.get(index) != wanted) {
      index++;
    }
    return index;
  }

  @Override
  public void end(String node, List<Ended> ended, Instant now) {
    List<Ended> ordered = new ArrayList<>(ended);
    ordered.sort(
        Comparator.comparing(Ended::organization)
            .thenComparing(Ended::subject)
            .thenComparing(each -> each.limit().name()));
    transactions.<List<Boolean>>alone(
        session ->
            session.query(
                END,
                p ->
                    p.text(node)
                        .text(texts(ordered, each -> each.organization().value()))
                        .text(texts(ordered, Ended::subject))
                        .text(texts(ordered, each -> each.limit().name()))
                        .text(numbers(ordered, Ended::number))
                        .text(numbers(ordered, Ended::unused)),
                row -> true));
  }

  @Override
  public int removeIdle(int most, Instant now) {
    return transactions
        .alone(
            session ->
                session.query(REMOVE_IDLE, p -> p.integer(most), row -> row.integer("removed")))
        .get(0);
  }

  /** An array as PostgreSQL reads it. */
  private static <T> String texts(List<T> all, Function<T, String> text) {
    StringBuilder array = new StringBuilder("{");
    for (T each : all) {
      String value = text.apply(each).replace("\\", "\\\\").replace("\"", "\\\"");
      array.append(array.length() == 1 ? "\"" : ",\"").append(value).append('"');
    }
    return array.append('}').toString();
  }

  private static <T> String numbers(List<T> all, ToLongFunction<T> number) {
    String array = Arrays.toString(all.stream().mapToLong(number).toArray());
    return array.replace('[', '{').replace(']', '}');
  }
}
