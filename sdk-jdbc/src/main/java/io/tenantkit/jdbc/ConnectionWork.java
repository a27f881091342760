package io.tenantkit.jdbc;

import java.sql.Connection;

/**
 * The host's own SQL in a transaction of the storage.
 *
 * @param <T> what it answers
 * @param <E> what it may throw, which rolls the transaction back and reaches the caller as it is
 */
@FunctionalInterface
public interface ConnectionWork<T, E extends Exception> {

  /**
   * Does the work.
   *
   * @param connection of the storage's pool, with auto-commit off and, for a tenant, the tenant's
   *     setting in place; it cannot be committed, rolled back as a whole, closed or reconfigured,
   *     and it is of no use once the work has ended. Savepoints are allowed
   */
  T run(Connection connection) throws E;
}
