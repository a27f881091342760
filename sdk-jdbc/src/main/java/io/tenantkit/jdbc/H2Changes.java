package io.tenantkit.jdbc;

import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The change feed on H2. Numbers are drawn before the commit, so a number may appear after greater
 * ones. A poller therefore keeps the numbers it has seen above its mark, and moves the mark only up
 * to what was visible before a moment at which no other session had anything uncommitted: nothing
 * can appear below that any more.
 */
final class H2Changes implements ChangeStore {
  private static final String LAST = "SELECT COALESCE(MAX(id), 0) AS id FROM tenantkit.changes";
  private static final String BUSY =
      """
      SELECT 1 AS busy
        FROM information_schema.sessions
       WHERE contains_uncommitted AND session_id <> SESSION_ID()
       FETCH FIRST ROW ONLY""";
  private static final String SINCE =
      "SELECT id, kind, organization_id, subject FROM tenantkit.changes WHERE id > ?";
  private static final String HORIZON =
      "SELECT pruned_to, candidate, candidate_since FROM tenantkit.change_horizon FOR UPDATE";
  private static final String PRUNED = "SELECT pruned_to FROM tenantkit.change_horizon";
  private static final String DELETE = "DELETE FROM tenantkit.changes WHERE id <= ?";
  private static final String ADVANCE =
      "UPDATE tenantkit.change_horizon SET pruned_to = ?, candidate = ?, candidate_since = ?";

  /**
   * @param mark everything up to this number was seen or never will be
   * @param above what was seen beyond it
   */
  private record Numbers(long mark, Set<Long> above) implements Cursor {}

  private record Numbered(long id, Change change) {}

  private record Horizon(long prunedTo, long candidate, Optional<Instant> since) {}

  private final Transactions transactions;

  H2Changes(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Changes since(@Nullable Cursor cursor, int limit) {
    return transactions.read(
        session -> {
          long settled = settled(session);
          long pruned = one(session, PRUNED, "pruned_to");
          Numbers seen = cursor instanceof Numbers numbers ? numbers : null;
          boolean lost = seen == null || seen.mark() < pruned;
          long mark = seen == null || lost ? pruned : seen.mark();
          List<Numbered> rows = session.query(SINCE, p -> p.number(mark), H2Changes::numbered);
          long next = Math.max(mark, settled);
          Set<Long> above = new HashSet<>();
          rows.stream().map(Numbered::id).filter(id -> id > next).forEach(above::add);
          Numbers present = new Numbers(next, Set.copyOf(above));
          if (seen == null || lost) {
            return Changes.everything(present);
          }
          List<Change> fresh =
              rows.stream()
                  .filter(row -> !seen.above().contains(row.id()))
                  .map(Numbered::change)
                  .toList();
          return Changes.of(present, fresh, limit);
        });
  }

  private static Numbered numbered(Row row) throws SQLException {
    return new Numbered(
        row.number("id"),
        new Change(row.text("kind"), row.text("organization_id"), row.text("subject")));
  }

  /**
   * The greatest number below which none can appear any more; -1 when that cannot be told. In this
   * order: a number that was visible before the moment without uncommitted work.
   */
  private static long settled(Session session) throws SQLException {
    long last = one(session, LAST, "id");
    boolean busy = session.first(BUSY, p -> {}, row -> true).isPresent();
    return busy ? -1 : last;
  }

  private static long one(Session session, String sql, String column) throws SQLException {
    return session.first(sql, p -> {}, row -> row.number(column)).orElse(0L);
  }

  @Override
  public long prune(Instant now, Duration keep) {
    return transactions.write(
        session -> {
          long settled = settled(session);
          Horizon horizon = session.first(HORIZON, p -> {}, H2Changes::horizon).orElseThrow();
          if (settled < 0
              || horizon.since().filter(at -> now.isBefore(at.plus(keep))).isPresent()) {
            return 0L;
          }
          int[] counts =
              session.execute(
                  new Step(DELETE, p -> p.number(horizon.candidate())),
                  new Step(ADVANCE, p -> p.number(horizon.candidate()).number(settled).time(now)));
          return (long) counts[0];
        });
  }

  private static Horizon horizon(Row row) throws SQLException {
    return new Horizon(
        row.number("pruned_to"),
        // None yet is zero, below every number.
        Math.max(row.number("pruned_to"), row.number("candidate")),
        row.optionalTime("candidate_since"));
  }
}
