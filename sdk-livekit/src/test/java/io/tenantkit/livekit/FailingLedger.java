package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.ForwardingCoreStores;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.StorageException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.VaultStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;

/**
 * A storage in memory to which, while it is broken, no issued token can be written; all else goes
 * on.
 */
final class FailingLedger implements Storage {
  private final InMemoryStorage memory = InMemoryStorage.create();
  volatile boolean broken;

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    if (family == VaultStores.class) {
      return Optional.of(family.cast(InMemoryVaultStores.in(memory)));
    }
    if (family != CoreStores.class) {
      return memory.stores(family);
    }
    CoreStores core = memory.stores(CoreStores.class).orElseThrow();
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
    Object proxy =
        Proxy.newProxyInstance(
            TokenLedgerStore.class.getClassLoader(),
            new Class<?>[] {TokenLedgerStore.class},
            (self, method, arguments) -> {
              if (broken && method.getName().equals("append")) {
                throw new StorageException(ErrorCode.STORAGE_FAILED, "broken");
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return (TokenLedgerStore) proxy;
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return memory.readiness();
  }

  @Override
  public void close() {
    memory.close();
  }
}
