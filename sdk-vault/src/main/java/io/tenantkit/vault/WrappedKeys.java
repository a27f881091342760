package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.WrappedKeyStore;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A random key that all nodes of an installation share: made at its first use, stored wrapped under
 * the master key. Safe for use by several threads; blocks on the storage and the master keys.
 */
final class WrappedKeys {
  private static final int BYTES = 32;

  private final PlaneRuntime runtime;
  private final WrappedKeyStore store;
  private final String label;

  /**
   * @param label what the key is for, bound into its wrappings
   */
  WrappedKeys(PlaneRuntime runtime, WrappedKeyStore store, String label) {
    this.runtime = runtime;
    this.store = store;
    this.label = label;
  }

  /** The key, which the caller wipes; made when there is none. */
  byte[] open() {
    List<WrappedKey> stored = store.keys();
    if (stored.isEmpty()) {
      byte[] fresh = new byte[BYTES];
      runtime.random().nextBytes(fresh);
      String id = runtime.ids().next("key");
      try {
        store.addFirst(wrapped(id, fresh));
      } finally {
        Arrays.fill(fresh, (byte) 0);
      }
      // Another node may have been faster: what is stored is everybody's.
      stored = store.keys();
    }
    for (WrappedKey key : stored) {
      Optional<byte[]> opened = unwrapped(key);
      if (opened.isPresent()) {
        return opened.get();
      }
    }
    throw new TenantkitException(
        ErrorCode.CIPHERTEXT_REJECTED, "no master key opens the installation's " + label);
  }

  /** Wraps the key under the current master key unless it is. */
  void rewrap(Operator operator) {
    String current = runtime.masterKeys().currentId();
    List<WrappedKey> stored = store.keys();
    List<WrappedKey> unsound =
        stored.stream()
            .filter(key -> key.masterKeyId().equals(current) && !isSound(key, stored))
            .toList();
    if (!unsound.isEmpty()) {
      store.remove(operator, unsound);
    }
    for (WrappedKey key : stored) {
      if (!key.masterKeyId().equals(current)) {
        unwrapped(key).ifPresent(bytes -> add(key.id(), bytes));
      }
    }
  }

  private void add(String id, byte[] bytes) {
    try {
      store.add(wrapped(id, bytes));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /**
   * Removes what is wrapped by a master key, so that it can be retired.
   *
   * @return false, with nothing removed, when the key would be lost with it
   */
  boolean release(Operator operator, String masterKeyId) {
    List<WrappedKey> stored = store.keys();
    List<WrappedKey> under =
        stored.stream().filter(key -> key.masterKeyId().equals(masterKeyId)).toList();
    for (WrappedKey key : under) {
      boolean elsewhere =
          stored.stream()
              .anyMatch(
                  other ->
                      other.id().equals(key.id())
                          && !other.masterKeyId().equals(masterKeyId)
                          && isSound(other, stored));
      if (!elsewhere && opens(key)) {
        return false;
      }
    }
    store.remove(operator, under);
    return true;
  }

  /**
   * Whether the master key that the row names wrapped it, as far as can be told: it opens, and is
   * no copy of a row that names another one.
   */
  private boolean isSound(WrappedKey key, List<WrappedKey> all) {
    return opens(key)
        && all.stream()
            .noneMatch(
                other ->
                    !other.masterKeyId().equals(key.masterKeyId())
                        && Arrays.equals(other.wrapped(), key.wrapped()));
  }

  private boolean opens(WrappedKey key) {
    Optional<byte[]> bytes = unwrapped(key);
    bytes.ifPresent(each -> Arrays.fill(each, (byte) 0));
    return bytes.isPresent();
  }

  private WrappedKey wrapped(String id, byte[] key) {
    return new WrappedKey(
        id,
        runtime.masterKeys().currentId(),
        runtime.masterKeys().wrap(key, associated(id), runtime.random()),
        runtime.now());
  }

  /** Empty when none of our master keys wrapped it; an outage of theirs is thrown. */
  private Optional<byte[]> unwrapped(WrappedKey key) {
    try {
      return Optional.of(runtime.masterKeys().unwrap(key.wrapped(), associated(key.id())));
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private byte[] associated(String id) {
    return ("tenantkit/v1/" + label + "/" + id).getBytes(StandardCharsets.UTF_8);
  }
}
