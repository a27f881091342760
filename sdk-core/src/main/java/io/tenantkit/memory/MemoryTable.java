package io.tenantkit.memory;

import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table of an in-memory storage: rows by key, each change undone when its verb fails. Used only
 * inside {@link MemoryEngine#run}; for stores, not for hosts.
 *
 * @param <K> the primary key, in whose order rows are listed
 * @param <V> an immutable row
 */
public final class MemoryTable<K extends Comparable<K>, V> {
  private final MemoryEngine engine;
  private final NavigableMap<K, V> rows = new TreeMap<>();
  private Consumer<K> trigger = key -> {};

  MemoryTable(MemoryEngine engine) {
    this.engine = engine;
  }

  /** Runs within each verb that adds, replaces or removes a row, as a database's trigger does. */
  void onChange(Consumer<K> action) {
    trigger = action;
  }

  /** The row, or null. */
  public @Nullable V get(K key) {
    engine.requireLocked();
    return rows.get(key);
  }

  /** Adds or replaces a row. */
  public void put(K key, V row) {
    engine.requireLocked();
    V before = rows.put(key, row);
    engine.onUndo(
        () -> {
          if (before == null) {
            rows.remove(key);
          } else {
            rows.put(key, before);
          }
        });
    trigger.accept(key);
  }

  /** Removes a row when it is there. */
  public void remove(K key) {
    engine.requireLocked();
    V before = rows.remove(key);
    if (before != null) {
      engine.onUndo(() -> rows.put(key, before));
      trigger.accept(key);
    }
  }

  /** The keys in their order. */
  public Stream<K> keys() {
    engine.requireLocked();
    return rows.keySet().stream();
  }

  /** The rows in the order of their keys. */
  public Collection<V> all() {
    engine.requireLocked();
    return rows.values();
  }

  /** The rows with greater keys, in the order of their keys. */
  public Collection<V> after(K key) {
    engine.requireLocked();
    return rows.tailMap(key, false).values();
  }
}
