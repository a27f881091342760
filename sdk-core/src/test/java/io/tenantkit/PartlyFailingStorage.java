package io.tenantkit;

import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A storage in which the audit trails of some organizations cannot be worked on. */
public final class PartlyFailingStorage implements Storage {
  private final Storage storage;
  private final CoreStores core;
  private final Map<OrganizationId, RuntimeException> failures = new ConcurrentHashMap<>();
  private final AtomicInteger failed = new AtomicInteger();

  /** This storage, still whole. */
  public PartlyFailingStorage(Storage storage) {
    this.storage = storage;
    this.core = storage.stores(CoreStores.class).orElseThrow();
  }

  /** Every call on this organization's trail fails like this. */
  public void fail(OrganizationId organization, RuntimeException failure) {
    failures.put(organization, failure);
  }

  /** Everything works again. */
  public void heal() {
    failures.clear();
  }

  /** How many calls have failed. */
  public int failed() {
    return failed.get();
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    return family == CoreStores.class
        ? Optional.of(family.cast(new PartlyFailing()))
        : storage.stores(family);
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return storage.readiness();
  }

  @Override
  public void close() {
    storage.close();
  }

  private <T> T failing(Class<T> type, T real) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(real, method, arguments));
    return type.cast(proxy);
  }

  private Object call(Object real, Method method, Object[] arguments) throws Throwable {
    if (arguments != null && arguments[0] instanceof TenantContext context) {
      RuntimeException failure = failures.get(context.organization());
      if (failure != null) {
        failed.incrementAndGet();
        throw failure;
      }
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private final class PartlyFailing extends ForwardingCoreStores {
    PartlyFailing() {
      super(core);
    }

    @Override
    public AuditStore audit() {
      return failing(AuditStore.class, core.audit());
    }

    @Override
    public AuditCheckpointStore auditCheckpoints() {
      return failing(AuditCheckpointStore.class, core.auditCheckpoints());
    }
  }
}
