package io.tenantkit;

import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.KeyUpkeepStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A storage whose answers get lost on the way back, by a plan: one loss for each call on keys that
 * writes, in their order, and for each that looks.
 */
public final class LossyStorage implements Storage {
  /** What becomes of a call. */
  public enum Loss {
    /** It runs and answers. */
    NONE,
    /** It does not run, and nobody knows. */
    BEFORE,
    /** It runs, and nobody knows. */
    AFTER,
    /** It does not run, for the database cannot be reached. */
    DOWN,
    /** It runs, and is said not to have. */
    DOWN_AFTER
  }

  private static final Set<String> WRITES =
      Set.of("insert", "update", "rotate", "reissue", "revokeUnused");

  private final Storage storage;
  private final CoreStores core;
  private final Deque<Loss> writes = new ArrayDeque<>();
  private final Deque<Loss> looks = new ArrayDeque<>();

  /** This storage, with losses. */
  public LossyStorage(Storage storage) {
    this.storage = storage;
    this.core = storage.stores(CoreStores.class).orElseThrow();
  }

  /** The next writes fare like this; those after them run and answer. */
  public void writes(Loss... plan) {
    writes.clear();
    writes.addAll(List.of(plan));
  }

  /** The next looks at a key fare like this. */
  public void looks(Loss... plan) {
    looks.clear();
    looks.addAll(List.of(plan));
  }

  /** Whether the plan was carried out. */
  public boolean isDone() {
    return writes.isEmpty() && looks.isEmpty();
  }

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    return family == CoreStores.class ? Optional.of(family.cast(new Lossy())) : Optional.empty();
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return storage.readiness();
  }

  @Override
  public void close() {
    storage.close();
  }

  private <T> T lossy(Class<T> type, T real) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(real, method, arguments));
    return type.cast(proxy);
  }

  private Object call(Object real, Method method, Object[] arguments) throws Throwable {
    Deque<Loss> plan =
        WRITES.contains(method.getName())
            ? writes
            : method.getName().equals("find") ? looks : new ArrayDeque<>();
    Loss loss = plan.isEmpty() ? Loss.NONE : plan.poll();
    if (loss == Loss.DOWN) {
      throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached");
    }
    if (loss == Loss.BEFORE) {
      throw unknown();
    }
    Object answer;
    try {
      answer = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (loss == Loss.AFTER) {
      throw unknown();
    }
    if (loss == Loss.DOWN_AFTER) {
      throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached");
    }
    return answer;
  }

  private static StorageException unknown() {
    return new StorageException(ErrorCode.COMMIT_UNKNOWN, "the connection broke while committing");
  }

  private final class Lossy extends ForwardingCoreStores {
    Lossy() {
      super(core);
    }

    @Override
    public ApiKeyStore apiKeys() {
      return lossy(ApiKeyStore.class, core.apiKeys());
    }

    @Override
    public KeyUpkeepStore keyUpkeep() {
      return lossy(KeyUpkeepStore.class, core.keyUpkeep());
    }
  }
}
