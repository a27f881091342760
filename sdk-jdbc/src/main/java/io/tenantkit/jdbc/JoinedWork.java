package io.tenantkit.jdbc;

import java.sql.Connection;

/**
 * The host's code inside a joined transaction.
 *
 * @param <C> {@link io.tenantkit.tenant.TenantContext} or {@link io.tenantkit.tenant.Operator}
 * @param <T> what it answers
 * @param <E> what it may throw, which reaches the caller as it is
 */
@FunctionalInterface
public interface JoinedWork<C, T, E extends Exception> {

  /**
   * Does the work.
   *
   * @param joined the caller, whose calls now take part in the transaction; not to be kept or
   *     passed to another thread
   * @param connection the host's own connection, with the tenant's setting in place; not to be
   *     committed, rolled back or closed
   */
  T run(C joined, Connection connection) throws E;
}
