package io.tenantkit.jdbc;

import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageBatch.Cost;
import io.tenantkit.vault.spi.SecretUsageBatch.Row;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Adds batches of uses to their sums. The organization's mark is locked first, so its batches come
 * one after the other, on however many nodes. Stateless.
 */
final class SecretUsageWrites {
  private static final String NEXT_POSTGRESQL =
      """
      INSERT INTO tenantkit.secret_usage_marks AS m (organization_id, written) VALUES (?, 1)
          ON CONFLICT (organization_id) DO UPDATE SET written = m.written + 1
      RETURNING written""";
  private static final String NEXT_H2 =
      "UPDATE tenantkit.secret_usage_marks SET written = written + 1 WHERE organization_id = ?";
  private static final String FIRST_H2 =
      "INSERT INTO tenantkit.secret_usage_marks (organization_id, written) VALUES (?, 1)";
  private static final String MARK_H2 =
      "SELECT written FROM tenantkit.secret_usage_marks WHERE organization_id = ?";
  private static final String ADVANCE =
      """
      UPDATE tenantkit.secret_usage_batches
         SET sequence = ?, written_at = CURRENT_TIMESTAMP
       WHERE organization_id = ? AND node = ? AND sequence < ?""";
  private static final String BEGIN =
      """
      INSERT INTO tenantkit.secret_usage_batches (organization_id, node, sequence, written_at)
      SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS bigint), CURRENT_TIMESTAMP
       WHERE NOT EXISTS (SELECT 1 FROM tenantkit.secret_usage_batches WHERE organization_id = ? AND node = ?)""";
  private static final String COLUMNS =
      "(organization_id, grain, starts_at, secret_id, actor_kind, actor_id, tool, environment, outcome, uses, first_at,"
          + " last_at, last_address, written)";
  private static final String USES_POSTGRESQL =
      "INSERT INTO tenantkit.secret_usage AS u "
          + COLUMNS
          + """

            SELECT ?, g.grain, timestamptz 'epoch' + g.starts * interval '1 microsecond', g.secret, g.kind, g.actor, g.tool,
                   g.environment, g.outcome, g.uses, timestamptz 'epoch' + g.first_micros * interval '1 microsecond',
                   timestamptz 'epoch' + g.last_micros * interval '1 microsecond', g.address, ?
              FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                g (grain, starts, secret, kind, actor, tool, environment, outcome, uses, first_micros, last_micros, address)
                ON CONFLICT (organization_id, grain, starts_at, secret_id, actor_kind, actor_id, tool, environment, outcome)
                DO UPDATE SET uses = u.uses + EXCLUDED.uses,
                              first_at = least(u.first_at, EXCLUDED.first_at),
                              last_at = greatest(u.last_at, EXCLUDED.last_at),
                              last_address = CASE WHEN EXCLUDED.last_at >= u.last_at
                                                  THEN coalesce(EXCLUDED.last_address, u.last_address)
                                                  ELSE coalesce(u.last_address, EXCLUDED.last_address) END,
                              written = EXCLUDED.written""";
  private static final String ADD_H2 =
      """
      UPDATE tenantkit.secret_usage
         SET uses = uses + ?, first_at = LEAST(first_at, ?), last_at = GREATEST(last_at, ?),
             last_address = CASE WHEN CAST(? AS timestamp(6) with time zone) >= last_at
                                 THEN COALESCE(CAST(? AS varchar), last_address)
                                 ELSE COALESCE(last_address, CAST(? AS varchar)) END,
             written = ?
       WHERE organization_id = ? AND grain = ? AND starts_at = ? AND secret_id = ? AND actor_kind = ? AND actor_id = ?
         AND tool = ? AND environment = ? AND outcome = ?""";
  private static final String INSERT_H2 =
      "INSERT INTO tenantkit.secret_usage "
          + COLUMNS
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /** A sum stops at the top rather than keep everything behind it from being written. */
  private static final String ADD_COST =
      """
      UPDATE tenantkit.secret_costs
         SET amount = LEAST(amount, 9000000000000000000 - ?) + ?,
             cost_micros = LEAST(cost_micros, 9000000000000000000 - ?) + ?,
             reports = reports + ?
       WHERE organization_id = ? AND secret_id = ? AND starts_at = ? AND unit = ? AND currency = ? AND environment = ?""";

  private static final String INSERT_COST =
      """
      INSERT INTO tenantkit.secret_costs
        (organization_id, secret_id, starts_at, unit, currency, environment, amount, cost_micros, reports)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  private SecretUsageWrites() {}

  /** Whether it was written now. */
  static boolean add(
      Session session, Dialect dialect, TenantContext context, SecretUsageBatch batch)
      throws SQLException {
    String organization = context.organization().value();
    long number =
        dialect == Dialect.POSTGRESQL
            ? session
                .first(NEXT_POSTGRESQL, p -> p.text(organization), row -> row.number("written"))
                .orElseThrow()
            : nextH2(session, organization);
    if (!advance(session, organization, batch)) {
      return session.undo();
    }
    List<Row> rows = List.copyOf(batch.rows().values());
    if (dialect == Dialect.POSTGRESQL) {
      if (!rows.isEmpty()) {
        session.execute(usesPostgresql(organization, number, rows));
      }
    } else {
      for (Row row : rows) {
        addH2(session, organization, number, row);
      }
    }
    for (Cost cost : batch.costs()) {
      add(session, organization, cost);
    }
    return true;
  }

  private static long nextH2(Session session, String organization) throws SQLException {
    if (session.execute(new Step(NEXT_H2, p -> p.text(organization)))[0] == 0) {
      session.execute(new Step(FIRST_H2, p -> p.text(organization)));
    }
    return session
        .first(MARK_H2, p -> p.text(organization), row -> row.number("written"))
        .orElseThrow();
  }

  private static boolean advance(Session session, String organization, SecretUsageBatch batch)
      throws SQLException {
    int[] counts =
        session.execute(
            new Step(
                ADVANCE,
                p ->
                    p.number(batch.sequence())
                        .text(organization)
                        .text(batch.node())
                        .number(batch.sequence())),
            new Step(
                BEGIN,
                p ->
                    p.text(organization)
                        .text(batch.node())
                        .number(batch.sequence())
                        .text(organization)
                        .text(batch.node())));
    return counts[0] + counts[1] > 0;
  }

  private static Step usesPostgresql(String organization, long number, List<Row> rows) {
    return new Step(
        USES_POSTGRESQL,
        p ->
            p.text(organization)
                .number(number)
                .array("varchar", each(rows, row -> row.grain().name()))
                .array("bigint", each(rows, row -> micros(row.startsAt())))
                .array("varchar", each(rows, row -> row.subject().secret()))
                .array("varchar", each(rows, row -> row.subject().actor().kind().name()))
                .array("varchar", each(rows, row -> row.subject().actor().id()))
                .array("varchar", each(rows, row -> row.subject().tool()))
                .array("varchar", each(rows, row -> row.subject().environment().name()))
                .array("varchar", each(rows, row -> row.outcome().name()))
                .array("bigint", each(rows, Row::uses))
                .array("bigint", each(rows, row -> micros(row.firstAt())))
                .array("bigint", each(rows, row -> micros(row.lastAt())))
                .array("varchar", addresses(rows)));
  }

  private static Object[] each(List<Row> rows, Function<Row, Object> part) {
    return rows.stream().map(part).toArray();
  }

  // An address that is not known is null in the array; its type has no word for that.
  @SuppressWarnings("NullAway")
  private static Object[] addresses(List<Row> rows) {
    List<Object> all = new ArrayList<>();
    rows.forEach(row -> all.add(row.address().orElse(null)));
    return all.toArray();
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  private static void addH2(Session session, String organization, long number, Row row)
      throws SQLException {
    Step update =
        new Step(
            ADD_H2,
            p -> {
              p.number(row.uses()).time(row.firstAt()).time(row.lastAt()).time(row.lastAt());
              p.text(row.address().orElse(null)).text(row.address().orElse(null)).number(number);
              key(p, organization, row);
            });
    if (session.execute(update)[0] == 1) {
      return;
    }
    session.execute(
        new Step(
            INSERT_H2,
            p -> {
              key(p, organization, row);
              p.number(row.uses()).time(row.firstAt()).time(row.lastAt());
              p.text(row.address().orElse(null)).number(number);
            }));
  }

  private static void key(Params p, String organization, Row row) throws SQLException {
    p.text(organization)
        .text(row.grain().name())
        .time(row.startsAt())
        .text(row.subject().secret())
        .text(row.subject().actor().kind().name())
        .text(row.subject().actor().id())
        .text(row.subject().tool())
        .text(row.subject().environment().name())
        .text(row.outcome().name());
  }

  private static void add(Session session, String organization, Cost cost) throws SQLException {
    // The mark is locked, so nobody inserts the row in between.
    Step update =
        new Step(
            ADD_COST,
            p -> {
              p.number(cost.amount()).number(cost.amount());
              p.number(cost.costMicros()).number(cost.costMicros()).number(cost.reports());
              key(p, organization, cost);
            });
    if (session.execute(update)[0] == 1) {
      return;
    }
    session.execute(
        new Step(
            INSERT_COST,
            p -> {
              key(p, organization, cost);
              p.number(cost.amount()).number(cost.costMicros()).number(cost.reports());
            }));
  }

  private static void key(Params p, String organization, Cost cost) throws SQLException {
    p.text(organization)
        .text(cost.secret())
        .time(cost.day())
        .text(cost.unit())
        .text(cost.currency())
        .text(cost.environment().name());
  }
}
