package io.tenantkit.memory;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The lock, the undo log and the commit hooks that all families of an in-memory storage share. For
 * stores, not for hosts. Safe for use by several threads.
 */
public final class MemoryEngine {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> undo = new ArrayList<>();
  private final List<Runnable> afterCommit = new ArrayList<>();
  private int depth;
  private boolean closed;

  MemoryEngine() {}

  /** A new table of this storage. */
  public <K extends Comparable<K>, V> MemoryTable<K, V> table() {
    return new MemoryTable<>(this);
  }

  /** Runs a tenant's verb: all of it or, when it throws, nothing of it. */
  public <T> T run(TenantContext context, Supplier<T> verb) {
    return run(context.transaction(), verb);
  }

  /** Runs an operator's verb: all of it or, when it throws, nothing of it. */
  public <T> T run(Operator operator, Supplier<T> verb) {
    return run(operator.transaction(), verb);
  }

  /** Runs a verb that acts for no tenant. */
  public <T> T run(Supplier<T> verb) {
    return run(Optional.empty(), verb);
  }

  private <T> T run(Optional<HostTransaction> transaction, Supplier<T> verb) {
    return atomically(
        transaction,
        () -> {
          transaction.ifPresent(joined -> ours(joined).requireOpen());
          return verb.get();
        });
  }

  <T> T join(Optional<HostTransaction> outer, Function<HostTransaction, T> work) {
    return atomically(
        outer,
        () -> {
          outer.ifPresent(transaction -> ours(transaction).requireOpen());
          Joined joined = new Joined();
          try {
            return work.apply(joined);
          } finally {
            joined.open = false;
          }
        });
  }

  private <T> T atomically(Optional<HostTransaction> outer, Supplier<T> work) {
    lock.lock();
    int undoMark = undo.size();
    int hookMark = afterCommit.size();
    boolean done = false;
    depth++;
    try {
      if (closed) {
        throw new StorageException(ErrorCode.CLOSED, "the storage is closed");
      }
      outer.ifPresent(this::ours);
      T answer = work.get();
      done = true;
      return answer;
    } finally {
      depth--;
      if (!done) {
        undoTo(undoMark);
        afterCommit.subList(hookMark, afterCommit.size()).clear();
      }
      List<Runnable> hooks = depth == 0 ? commit() : List.of();
      lock.unlock();
      hooks.forEach(Runnable::run);
    }
  }

  private List<Runnable> commit() {
    List<Runnable> hooks = List.copyOf(afterCommit);
    afterCommit.clear();
    undo.clear();
    return hooks;
  }

  private void undoTo(int mark) {
    for (int i = undo.size() - 1; i >= mark; i--) {
      undo.remove(i).run();
    }
  }

  void onUndo(Runnable action) {
    undo.add(action);
  }

  void requireLocked() {
    if (!lock.isHeldByCurrentThread()) {
      throw new IllegalStateException("a table is used outside of a verb");
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private Joined ours(HostTransaction transaction) {
    if (transaction instanceof Joined joined && joined.engine() == this) {
      return joined;
    }
    throw InMemoryStorage.foreign(transaction);
  }

  /** One joined transaction; the thread that joined holds the lock until it ends. */
  private final class Joined implements HostTransaction {
    private boolean open = true;

    MemoryEngine engine() {
      return MemoryEngine.this;
    }

    void requireOpen() {
      if (!open) {
        throw new StorageException(ErrorCode.JOIN_REFUSED, "the joined transaction has ended");
      }
    }

    @Override
    public void afterCommit(Runnable action) {
      requireLocked();
      afterCommit.add(action);
    }
  }
}
