package io.tenantkit.jdbc;

import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The change feed on PostgreSQL. A poller is given what its last snapshot did not show and the
 * present one does, so nothing is skipped and nothing comes twice, however late it commits.
 */
final class PostgresqlChanges implements ChangeStore {
  private static final String SINCE =
      "SELECT kind, organization_id, subject FROM tenantkit.changes_since(?, ?, ?)";
  private static final String PRUNE = "SELECT tenantkit.prune_changes(?, ?) AS removed";
  private static final String BEGIN = "SELECT tenantkit.begin_changes()";
  private static final String CURSOR = "cursor";

  /**
   * @param server which server and database, since when without a break
   * @param text PostgreSQL's own text of the snapshot
   */
  private record Snapshot(String server, String text) implements Cursor {}

  private final Transactions transactions;

  PostgresqlChanges(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Changes since(@Nullable Cursor cursor, int limit) {
    Snapshot seen = cursor instanceof Snapshot snapshot ? snapshot : null;
    List<Change> changes = rows(seen, limit);
    if (changes.get(0).organization().isEmpty()) {
      // The first poll since the server came back.
      transactions.<List<Boolean>>write(session -> session.query(BEGIN, p -> {}, row -> true));
      changes = rows(seen, limit);
    }
    Change present = changes.remove(0);
    if (!present.kind().equals(CURSOR) || present.organization().isEmpty()) {
      throw new IllegalStateException("the first row is the cursor");
    }
    return Changes.of(new Snapshot(present.organization(), present.subject()), changes, limit);
  }

  private List<Change> rows(@Nullable Snapshot seen, int limit) {
    return new ArrayList<>(
        transactions.read(
            session ->
                session.query(
                    SINCE,
                    p ->
                        p.text(seen == null ? null : seen.server())
                            .text(seen == null ? null : seen.text())
                            .integer(limit == Integer.MAX_VALUE ? limit : limit + 1),
                    row ->
                        new Change(
                            row.text("kind"), row.text("organization_id"), row.text("subject")))));
  }

  @Override
  public long prune(Instant now, Duration keep) {
    return transactions.write(
        session ->
            session
                .first(
                    PRUNE, p -> p.time(now).number(keep.toSeconds()), row -> row.number("removed"))
                .orElseThrow());
  }
}
