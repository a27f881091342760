package io.tenantkit.jdbc;

import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.WrappedKeyStore;
import java.sql.SQLException;
import java.util.List;

/** Keys of the installation for one use, in a table of theirs. */
final class JdbcWrappedKeys implements WrappedKeyStore {
  private final Transactions transactions;
  private final String all;
  private final String add;
  private final String remove;

  /**
   * @param table the table
   * @param id its column that says which key it is
   */
  JdbcWrappedKeys(Transactions transactions, String table, String id) {
    this.transactions = transactions;
    this.all =
        "SELECT %2$s AS id, master_key_id, wrapped, created_at FROM %1$s ORDER BY created_at, %2$s"
            .formatted(table, id);
    this.add =
        "INSERT INTO %s (%s, master_key_id, wrapped, created_at) VALUES (?, ?, ?, ?)"
            .formatted(table, id);
    this.remove =
        "DELETE FROM %s WHERE %s = ? AND master_key_id = ? AND wrapped = ?".formatted(table, id);
  }

  @Override
  public List<WrappedKey> all() {
    return transactions.read(
        session ->
            session.query(
                all,
                p -> {},
                row ->
                    new WrappedKey(
                        row.text("id"),
                        row.text("master_key_id"),
                        row.bytes("wrapped"),
                        row.time("created_at"))));
  }

  @Override
  public void add(WrappedKey key) {
    add(key, add, false);
  }

  /**
   * Adds the first of all, unless there is one.
   *
   * @param insert has the parameters that an insert of any other has, and is refused as a duplicate
   *     when somebody was faster
   */
  void addFirst(WrappedKey key, String insert) {
    add(key, insert, true);
  }

  private void add(WrappedKey key, String insert, boolean onlyFirst) {
    transactions.<Boolean>write(
        session -> {
          try {
            if (onlyFirst && session.first(all, p -> {}, row -> row.text("id")).isPresent()) {
              return false;
            }
            session.execute(
                new Step(
                    insert,
                    p ->
                        p.text(key.id())
                            .text(key.masterKeyId())
                            .bytes(key.wrapped())
                            .time(key.createdAt())));
            return true;
          } catch (SQLException e) {
            return switch (transactions.dialect().classify(e)) {
              case DUPLICATE -> session.undo();
              case MISSING_PARENT -> throw JdbcOrganizationKeys.retired(key.masterKeyId());
              default -> throw e;
            };
          }
        });
  }

  @Override
  public void remove(Operator operator, List<WrappedKey> keys) {
    List<Step> steps =
        keys.stream()
            .map(
                key ->
                    new Step(
                        remove, p -> p.text(key.id()).text(key.masterKeyId()).bytes(key.wrapped())))
            .toList();
    transactions.<Boolean>write(
        operator,
        session -> {
          session.execute(steps);
          return true;
        });
  }
}
