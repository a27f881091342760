package io.tenantkit.jdbc;

import io.tenantkit.spi.MasterKeyStore;
import java.sql.SQLException;
import java.util.List;

/** Check values of master keys. */
final class JdbcMasterKeys implements MasterKeyStore {
  private static final String LIST =
      "SELECT id, check_value, first_seen FROM tenantkit.master_keys ORDER BY id";
  private static final String INSERT =
      """
      INSERT INTO tenantkit.master_keys (id, check_value, first_seen)
      VALUES (?, ?, ?)""";

  private final Transactions transactions;

  JdbcMasterKeys(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public List<MasterKeyCheck> list() {
    return transactions.read(
        session ->
            session.query(
                LIST,
                p -> {},
                row ->
                    new MasterKeyCheck(
                        row.text("id"), row.text("check_value"), row.time("first_seen"))));
  }

  @Override
  public void recordIfAbsent(MasterKeyCheck check) {
    transactions.<Boolean>write(
        session -> {
          try {
            session.execute(
                new Step(
                    INSERT,
                    p -> p.text(check.id()).text(check.checkValue()).time(check.firstSeen())));
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
