package io.tenantkit.vault.tck;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.vault.spi.VaultStores;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A storage that calls back whenever a verb of the vault's stores has answered: what another node
 * does just then, or what a process tells before it is killed. The host closes the storage beneath.
 */
public final class VerbHooks implements Storage {
  private final Storage inner;
  private final Consumer<String> answered;

  /**
   * Hooks.
   *
   * @param answered gets the store's type and the verb, {@code SecretStore.open} for example
   */
  public VerbHooks(Storage inner, Consumer<String> answered) {
    this.inner = inner;
    this.answered = answered;
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    Optional<F> stores = inner.stores(family);
    return family == VaultStores.class
        ? stores.map(each -> family.cast(hooked(VaultStores.class, each, true)))
        : stores;
  }

  private Object hooked(Class<?> type, Object target, boolean isFamily) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Object answer;
          try {
            answer = method.invoke(target, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
          if (isFamily) {
            return hooked(method.getReturnType(), answer, false);
          }
          answered.accept(type.getSimpleName() + '.' + method.getName());
          return answer;
        };
    return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, handler);
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return inner.readiness();
  }

  @Override
  public Optional<Path> location() {
    return inner.location();
  }

  @Override
  public void close() {
    // Whoever opened the storage beneath closes it.
  }
}
