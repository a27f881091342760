package io.tenantkit.jdbc;

import java.sql.SQLException;

/**
 * One statement of a verb.
 *
 * @param sql its text
 * @param binder binds its parameters in order
 */
record Step(String sql, Binder binder) {

  /** Binds a statement's parameters. */
  @FunctionalInterface
  interface Binder {
    void bind(Params params) throws SQLException;
  }
}
