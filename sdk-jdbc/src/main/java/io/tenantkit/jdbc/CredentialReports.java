package io.tenantkit.jdbc;

import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.CredentialMarkStore.Kind;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarkStore.SharedMark;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the marks of all organizations tell an operator. */
final class CredentialReports {
  private static final String COUNTING =
      """
      SELECT DISTINCT CAST('KEY' AS varchar) AS kind, key_mark AS mark, organization_id, environment
        FROM tenantkit.credential_marks WHERE until IS NULL OR until > ?
      UNION ALL
      SELECT DISTINCT CAST('SERVER' AS varchar), server_mark, organization_id, environment
        FROM tenantkit.credential_marks WHERE until IS NULL OR until > ?""";
  private static final String SHARED =
      "WITH counting (kind, mark, organization_id, environment) AS (\n"
          + COUNTING
          + """
          )
          SELECT c.kind, c.mark, c.organization_id, c.environment
            FROM counting c
           WHERE EXISTS (SELECT 1 FROM counting o
                          WHERE o.kind = c.kind AND o.mark = c.mark AND o.organization_id <> c.organization_id)
             AND (c.kind > ? OR c.kind = ? AND (c.mark > ? OR c.mark = ?
                  AND (c.organization_id > ? OR c.organization_id = ? AND c.environment > ?)))
           ORDER BY c.kind, c.mark, c.organization_id, c.environment
           LIMIT ?""";
  private static final String SHORT =
      """
      SELECT DISTINCT organization_id, environment
        FROM tenantkit.credential_marks
       WHERE short_secret AND (until IS NULL OR until > ?)
         AND (organization_id > ? OR organization_id = ? AND environment > ?)
       ORDER BY organization_id, environment
       LIMIT ?""";

  private final Transactions transactions;

  CredentialReports(Transactions transactions) {
    this.transactions = transactions;
  }

  List<Owner> shortSecrets(Operator operator, Instant now, @Nullable Owner after, int limit) {
    return transactions.read(
        operator,
        session ->
            session.query(
                SHORT,
                p -> JdbcCredentialMarks.after(p.time(now), after).integer(limit),
                JdbcCredentialMarks::owner));
  }

  List<SharedMark> shared(Operator operator, Instant now, @Nullable SharedMark after, int limit) {
    String kind = after == null ? "" : after.kind().name();
    String mark = after == null ? "" : after.mark();
    @Nullable Owner owner = after == null ? null : after.owner();
    return transactions.read(
        operator,
        session ->
            session.query(
                SHARED,
                p ->
                    JdbcCredentialMarks.after(
                            p.time(now).time(now).text(kind).text(kind).text(mark).text(mark),
                            owner)
                        .integer(limit),
                row ->
                    new SharedMark(
                        Kind.valueOf(row.text("kind")),
                        row.text("mark"),
                        JdbcCredentialMarks.owner(row))));
  }
}
