package io.tenantkit.memory;

import io.tenantkit.ErrorCode;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A storage for unit tests. One lock stands for the database: a verb runs under it whole, and a
 * failure undoes what the verb had done, so a row and its audit row are there together or not at
 * all, whichever module they belong to. Records are immutable, so nothing a caller holds changes
 * what is stored. Safe for use by several threads; a joined transaction keeps the others waiting.
 */
public final class InMemoryStorage implements Storage {
  private final MemoryEngine engine = new MemoryEngine();
  private final MemoryCoreStores core = new MemoryCoreStores(engine);
  private final Map<Class<?>, Object> families = new ConcurrentHashMap<>();

  private InMemoryStorage() {}

  /** An empty storage. */
  public static InMemoryStorage create() {
    return new InMemoryStorage();
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    if (family == CoreStores.class) {
      return Optional.of(family.cast(core));
    }
    return Optional.ofNullable(families.get(family)).map(family::cast);
  }

  /**
   * The stores of an upper module's family, made once for this storage.
   *
   * @param make makes them over the one engine that all families share
   */
  public <F> F stores(Class<F> family, Function<MemoryEngine, F> make) {
    return family.cast(families.computeIfAbsent(family, any -> make.apply(engine)));
  }

  /**
   * Runs work inside one transaction, as a database's storage does on the host's connection: what
   * the context given to the work does commits when it returns and is undone when it throws.
   * Transactions nest: an inner one is undone alone.
   */
  public <T> T join(TenantContext context, Function<TenantContext, T> work) {
    return engine.join(context.transaction(), joined -> work.apply(context.joining(joined)));
  }

  /** As {@link #join(TenantContext, Function)}, for the operator. */
  public <T> T join(Operator operator, Function<Operator, T> work) {
    return engine.join(operator.transaction(), joined -> work.apply(operator.joining(joined)));
  }

  /**
   * Demands, within a verb, that the caller's organization exists, as a foreign key does.
   *
   * @throws io.tenantkit.NotFoundException when it does not
   */
  public void requireOrganization(TenantContext context) {
    core.requireOrganization(context);
  }

  /** Whether a master key is known and not retired, within a verb, as a foreign key asks. */
  public boolean isMasterKeyKnown(String id) {
    return core.isMasterKeyKnown(id);
  }

  /** Tells, within a verb, whether rows of an upper module's family name a master key. */
  public void onMasterKeyUse(Predicate<String> uses) {
    core.onMasterKeyUse(uses);
  }

  /**
   * Forgets, within a verb, who of the caller's organization was where, and takes no more of it.
   */
  public void erase(TenantContext context) {
    core.erase(context);
  }

  /** Writes an audit event within the verb that it tells of. */
  public void write(AuditEvent event) {
    core.write(event);
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return List.of(
        new ReadinessIssue(
            "storage.in-memory",
            "Nothing is durable. Use JdbcStorage with an H2 file or PostgreSQL outside unit tests."));
  }

  @Override
  public void close() {
    engine.close();
  }

  static TenantkitException foreign(HostTransaction transaction) {
    return new TenantkitException(
        ErrorCode.JOIN_REFUSED,
        "the context carries a transaction of another storage: "
            + transaction.getClass().getSimpleName());
  }
}
