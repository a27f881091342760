package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.WrappedKeyStore;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Keys of the installation for one use. */
final class MemoryWrappedKeys implements WrappedKeyStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<String, WrappedKey> keys;

  MemoryWrappedKeys(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.keys = engine.table();
    storage.onMasterKeyUse(id -> keys.all().stream().anyMatch(key -> key.masterKeyId().equals(id)));
  }

  @Override
  public List<WrappedKey> all() {
    return engine.run(
        () ->
            keys.all().stream()
                .map(MemoryWrappedKeys::copy)
                .sorted(Comparator.comparing(WrappedKey::createdAt))
                .toList());
  }

  /** Adds it when there is none at all. */
  void addFirst(WrappedKey key) {
    engine.run(
        () -> {
          if (keys.all().isEmpty()) {
            put(key);
          }
          return true;
        });
  }

  @Override
  public void add(WrappedKey key) {
    engine.run(
        () -> {
          if (keys.get(id(key)) == null) {
            put(key);
          }
          return true;
        });
  }

  private void put(WrappedKey key) {
    MemoryOrganizationKeyStore.requireMasterKey(storage, key.masterKeyId());
    keys.put(id(key), copy(key));
  }

  @Override
  public void remove(Operator operator, List<WrappedKey> read) {
    engine.run(
        operator,
        () -> {
          for (WrappedKey key : read) {
            WrappedKey there = keys.get(id(key));
            if (there != null && Arrays.equals(there.wrapped(), key.wrapped())) {
              keys.remove(id(key));
            }
          }
          return true;
        });
  }

  private static String id(WrappedKey key) {
    return key.id() + ' ' + key.masterKeyId();
  }

  private static WrappedKey copy(WrappedKey key) {
    return new WrappedKey(key.id(), key.masterKeyId(), key.wrapped().clone(), key.createdAt());
  }
}
