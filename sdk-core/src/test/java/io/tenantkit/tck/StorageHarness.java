package io.tenantkit.tck;

import io.tenantkit.Storage;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.function.Function;

/**
 * A storage under test, with its way of joining the host's own transaction. The contracts open one
 * for each test and close it afterwards.
 *
 * <p>The storage is empty: no organization, no master key. A harness over a database that outlives
 * it empties all tables when it is opened (as the tables' owner; the application role may not).
 */
public interface StorageHarness extends AutoCloseable {

  /** The storage, empty and open. */
  Storage storage();

  /**
   * Opens the host's own transaction, joins it for the work, and commits; rolls back when the work
   * throws, and throws the same exception on.
   */
  <T> T inTransaction(TenantContext context, Function<TenantContext, T> work);

  /** As for a tenant, for the operator. */
  <T> T inTransaction(Operator operator, Function<Operator, T> work);

  /**
   * Joins once more within an open transaction, which is a savepoint: when the work throws, only
   * its own changes are undone, and the same exception is thrown on.
   *
   * @param joined a context that {@link #inTransaction} gave
   */
  <T> T nested(TenantContext joined, Function<TenantContext, T> work);

  @Override
  void close();
}
