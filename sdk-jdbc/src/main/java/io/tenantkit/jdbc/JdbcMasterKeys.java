package io.tenantkit.jdbc;

import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.tenant.Operator;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Check values of master keys. */
final class JdbcMasterKeys implements MasterKeyStore {
  private static final String LIST =
      "SELECT id, check_value, first_seen FROM tenantkit.master_keys ORDER BY id";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.master_keys (id, check_value, first_seen)
      VALUES (?, ?, ?)""";

  private static final String RETIRED =
      """
      SELECT id, check_value, first_seen, retired_at, retired_by, reason
        FROM tenantkit.retired_master_keys
       ORDER BY id""";
  private static final String RETIRE =
      """
      INSERT INTO tenantkit.retired_master_keys (id, check_value, first_seen, retired_at, retired_by, reason)
      SELECT id, check_value, first_seen, CAST(? AS timestamp with time zone), CAST(? AS varchar), CAST(? AS varchar)
        FROM tenantkit.master_keys
       WHERE id = ?""";
  private static final String REMOVE = "DELETE FROM tenantkit.master_keys WHERE id = ?";
  private static final String LOCK_POSTGRESQL =
      "SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('tenantkit.master_keys'))";
  private static final String LOCK_H2 =
      "SELECT id AS locked FROM tenantkit.installation WHERE only_row FOR UPDATE";

  private final Transactions transactions;

  JdbcMasterKeys(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public List<MasterKeyCheck> list() {
    return transactions.read(session -> session.query(LIST, p -> {}, JdbcMasterKeys::check));
  }

  @Override
  public List<RetiredMasterKey> retired() {
    return transactions.read(
        session ->
            session.query(
                RETIRED,
                p -> {},
                row ->
                    new RetiredMasterKey(
                        check(row),
                        row.time("retired_at"),
                        row.text("retired_by"),
                        row.text("reason"))));
  }

  @Override
  public boolean record(List<MasterKeyCheck> added, Set<String> known) {
    return transactions.write(
        session -> {
          lock(session);
          Set<String> now = new HashSet<>(session.query(LIST, p -> {}, row -> row.text("id")));
          if (!now.equals(known)) {
            return session.undo();
          }
          for (MasterKeyCheck check : added) {
            session.execute(insert(check));
          }
          return true;
        });
  }

  @Override
  public boolean retire(Operator operator, String id, Instant at) {
    return transactions.write(
        operator,
        session -> {
          lock(session);
          try {
            int[] counts =
                session.execute(
                    new Step(
                        RETIRE,
                        p ->
                            p.time(at)
                                .text(operator.actor().id())
                                .text(operator.reason())
                                .text(id)),
                    new Step(REMOVE, p -> p.text(id)));
            return counts[1] == 1 || session.undo();
          } catch (SQLException e) {
            // The foreign key of organizations' keys, or of those that sign erasures: one is
            // wrapped by it still.
            if (transactions.dialect().classify(e) == Dialect.Failure.MISSING_PARENT) {
              return session.undo();
            }
            throw e;
          }
        });
  }

  /** One at a time: a first start must see whether it is the first. */
  private void lock(Session session) throws SQLException {
    session.query(
        transactions.dialect() == Dialect.POSTGRESQL ? LOCK_POSTGRESQL : LOCK_H2,
        p -> {},
        row -> row.text("locked"));
  }

  private static MasterKeyCheck check(Row row) throws SQLException {
    return new MasterKeyCheck(row.text("id"), row.text("check_value"), row.time("first_seen"));
  }

  private static Step insert(MasterKeyCheck check) {
    return new Step(
        INSERT, p -> p.text(check.id()).text(check.checkValue()).time(check.firstSeen()));
  }

  @Override
  public void recordIfAbsent(MasterKeyCheck check) {
    transactions.<Boolean>write(
        session -> {
          try {
            session.execute(insert(check));
            return true;
          } catch (SQLException e) {
            if (transactions.dialect().classify(e) == Dialect.Failure.DUPLICATE) {
              return session.undo();
            }
            throw e;
          }
        });
  }
}
