package io.tenantkit;

import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A storage whose ledger of tokens fails as it is told to; all else goes on. */
public final class FailingLedger implements Storage {
  /** How it fails. */
  public enum Failure {
    /** Not at all. */
    NONE,
    /** It does not answer, whatever it is asked. */
    AWAY,
    /** Tokens cannot be written. */
    BROKEN,
    /** Tokens are refused as if they were there, and are not. */
    REFUSING,
    /** Tokens are written, and the answer is lost. */
    LOST,
    /** Tokens are refused because their organization was erased. */
    ERASED
  }

  private final Storage inner;
  private final Object[] families;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger denialReads = new AtomicInteger();
  private volatile Failure failure = Failure.NONE;
  private volatile Optional<OrganizationId> onlyOf = Optional.empty();

  /**
   * @param families what the inner storage has and does not name itself
   */
  public FailingLedger(Storage inner, Object... families) {
    this.inner = inner;
    this.families = families.clone();
  }

  /** From now on it fails like this. */
  public void fail(Failure how) {
    onlyOf = Optional.empty();
    failure = how;
  }

  /** From now on it fails like this, for one organization. */
  public void fail(Failure how, OrganizationId organization) {
    failure = how;
    onlyOf = Optional.of(organization);
  }

  /** How often the ledger was asked. */
  public int calls() {
    return calls.get();
  }

  /** How often it was asked for all denials of an organization. */
  public int denialReads() {
    return denialReads.get();
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    for (Object each : families) {
      if (family.isInstance(each)) {
        return Optional.of(family.cast(each));
      }
    }
    if (family != CoreStores.class) {
      return inner.stores(family);
    }
    CoreStores core = inner.stores(CoreStores.class).orElseThrow();
    return Optional.of(
        family.cast(
            new ForwardingCoreStores(core) {
              @Override
              public TokenLedgerStore tokenLedger() {
                return failing(core.tokenLedger());
              }
            }));
  }

  private TokenLedgerStore failing(TokenLedgerStore real) {
    return (TokenLedgerStore)
        Proxy.newProxyInstance(
            TokenLedgerStore.class.getClassLoader(),
            new Class<?>[] {TokenLedgerStore.class},
            (self, method, arguments) -> {
              calls.incrementAndGet();
              if (method.getName().equals("denials")) {
                denialReads.incrementAndGet();
              }
              return answer(real, method, arguments, failureOf(arguments));
            });
  }

  private Failure failureOf(Object[] arguments) {
    return onlyOf.isEmpty()
            || (arguments[0] instanceof TenantContext context
                && context.organization().equals(onlyOf.get()))
        ? failure
        : Failure.NONE;
  }

  private static Object answer(
      TokenLedgerStore real, Method method, Object[] arguments, Failure how) throws Throwable {
    boolean append = method.getName().equals("append");
    if (how == Failure.AWAY) {
      throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "away");
    }
    if (append && how == Failure.BROKEN) {
      throw new StorageException(ErrorCode.STORAGE_FAILED, "broken");
    }
    if (append && how == Failure.ERASED) {
      throw new TenantkitException(ErrorCode.ORGANIZATION_ERASED, "erased");
    }
    if (append && how == Failure.REFUSING) {
      return false;
    }
    Object answer;
    try {
      answer = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (append && how == Failure.LOST) {
      throw new StorageException(ErrorCode.COMMIT_UNKNOWN, "lost");
    }
    return answer;
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return inner.readiness();
  }

  @Override
  public void close() {
    inner.close();
  }
}
