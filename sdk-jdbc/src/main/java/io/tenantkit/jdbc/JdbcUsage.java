package io.tenantkit.jdbc;

import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageStore;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The use of keys, in the columns that hosts' own queries know. On PostgreSQL a batch is one call
 * of a function; on H2 it is one transaction.
 */
final class JdbcUsage implements UsageStore {
  private static final String ADD_POSTGRESQL =
      "SELECT place FROM tenantkit.add_usage(?, ?, ?, ?, ?, ?, ?) AS place";
  private static final String FIND =
      """
      SELECT usage_count, last_used_at
        FROM tenantkit.api_keys
       WHERE organization_id = ? AND id = ?\
      """;
  private static final String SEQUENCE_H2 =
      "SELECT sequence, left_out FROM tenantkit.usage_batches WHERE node = ? FOR UPDATE";
  private static final String KEEP_SEQUENCE_H2 =
      """
      MERGE INTO tenantkit.usage_batches (node, sequence, left_out, written_at)
        KEY (node) VALUES (?, ?, ?, CURRENT_TIMESTAMP)\
      """;
  private static final String EXISTS_H2 =
      "SELECT 1 AS present FROM tenantkit.api_keys WHERE organization_id = ? AND id = ?";
  private static final String LOCK_H2 = FIND + " FOR UPDATE";
  private static final String LOCK_FREE_H2 = LOCK_H2 + " SKIP LOCKED";
  private static final String UPDATE_H2 =
      """
      UPDATE tenantkit.api_keys
         SET usage_count = ?, last_used_at = GREATEST(COALESCE(last_used_at, ?), ?)
       WHERE organization_id = ? AND id = ?\
      """;

  private record Written(long sequence, String leftOut) {}

  private record Locked(@Nullable String usageCount) {}

  private final Transactions transactions;

  JdbcUsage(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<Usage> find(TenantContext context, ApiKeyId id) {
    return transactions.read(
        context,
        session ->
            session.first(
                FIND,
                p -> p.text(context.organization().value()).text(id.value()),
                JdbcUsage::usage));
  }

  private static Usage usage(Row row) throws SQLException {
    return new Usage(Json.total(row.textOrNull("usage_count")), row.optionalTime("last_used_at"));
  }

  @Override
  public List<UsageBatch.Use> add(UsageBatch batch) {
    List<Integer> places =
        transactions.write(
            session ->
                transactions.dialect() == Dialect.POSTGRESQL
                    ? addPostgresql(session, batch)
                    : addH2(session, batch));
    return places.stream().map(place -> batch.uses().get(place - 1)).toList();
  }

  private static List<Integer> addPostgresql(Session session, UsageBatch batch)
      throws SQLException {
    return session.query(
        ADD_POSTGRESQL,
        p ->
            p.text(batch.node())
                .number(batch.sequence())
                .flag(batch.patient())
                .array("varchar", each(batch, use -> use.organization().value()))
                .array("varchar", each(batch, use -> use.key().value()))
                .array("bigint", each(batch, UsageBatch.Use::count))
                .array("bigint", each(batch, JdbcUsage::micros)),
        row -> row.integer("place"));
  }

  private static Object[] each(UsageBatch batch, Function<UsageBatch.Use, Object> part) {
    return batch.uses().stream().map(part).toArray();
  }

  private static long micros(UsageBatch.Use use) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, use.lastAt());
  }

  private static List<Integer> addH2(Session session, UsageBatch batch) throws SQLException {
    Optional<Written> before =
        session.first(
            SEQUENCE_H2,
            p -> p.text(batch.node()),
            row -> new Written(row.number("sequence"), row.text("left_out")));
    if (before.isPresent() && before.get().sequence() >= batch.sequence()) {
      return Json.places(before.get().leftOut());
    }
    List<Integer> leftOut = new ArrayList<>();
    for (int i : inOrderOfKeys(batch.uses())) {
      if (!addH2(session, batch.uses().get(i), batch.patient())) {
        leftOut.add(i + 1);
      }
    }
    session.execute(
        new Step(
            KEEP_SEQUENCE_H2,
            p -> p.text(batch.node()).number(batch.sequence()).text(Json.places(leftOut))));
    return leftOut;
  }

  /** Places in the order in which every node locks rows, so that none waits for another in turn. */
  private static int[] inOrderOfKeys(List<UsageBatch.Use> uses) {
    Comparator<UsageBatch.Use> order =
        Comparator.comparing((UsageBatch.Use use) -> use.organization().value())
            .thenComparing(use -> use.key().value());
    return IntStream.range(0, uses.size())
        .boxed()
        .sorted(Comparator.comparing(uses::get, order))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static boolean addH2(Session session, UsageBatch.Use use, boolean patient)
      throws SQLException {
    Step.Binder key = p -> p.text(use.organization().value()).text(use.key().value());
    Optional<Locked> row =
        session.first(
            patient ? LOCK_H2 : LOCK_FREE_H2,
            key,
            found -> new Locked(found.textOrNull("usage_count")));
    if (row.isEmpty()) {
      // Held by another, unless it is gone.
      return session.first(EXISTS_H2, key, found -> true).isEmpty();
    }
    session.execute(
        new Step(
            UPDATE_H2,
            p -> {
              String before = row.get().usageCount();
              p.text(Json.withTotal(before, Json.total(before) + use.count()));
              p.time(use.lastAt()).time(use.lastAt());
              key.bind(p);
            }));
    return true;
  }
}
