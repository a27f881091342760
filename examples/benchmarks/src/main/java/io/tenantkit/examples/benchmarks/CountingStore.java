package io.tenantkit.examples.benchmarks;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.CoreStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A storage that counts how often a key was looked up by its hash, to show that memory answers. */
final class CountingStore implements Storage {
  private final Storage storage;
  private final AtomicLong lookups = new AtomicLong();

  CountingStore(Storage storage) {
    this.storage = storage;
  }

  long lookups() {
    return lookups.get();
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    Optional<F> stores = storage.stores(family);
    return family == CoreStores.class
        ? stores.map(each -> family.cast(counting((CoreStores) each)))
        : stores;
  }

  private CoreStores counting(CoreStores stores) {
    ApiKeyStore keys =
        proxy(
            ApiKeyStore.class,
            stores.apiKeys(),
            "lookup",
            found -> {
              lookups.incrementAndGet();
              return found;
            });
    return proxy(CoreStores.class, stores, "apiKeys", any -> keys);
  }

  private interface Change {
    Object of(Object answer);
  }

  private static <T> T proxy(Class<T> type, T target, String method, Change change) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, called, arguments) -> {
              Object answer;
              try {
                answer = called.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              return called.getName().equals(method) ? change.of(answer) : answer;
            }));
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return storage.readiness();
  }

  @Override
  public void close() {
    storage.close();
  }
}
