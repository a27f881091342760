package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.spi.WrappedKeyStore;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that all nodes of an installation share for one use, stored wrapped under the master key.
 * What is stored may be of anybody's making: a row counts when a master key opens it. Safe for use
 * by several threads; blocks on the storage and the master keys.
 */
final class WrappedKeys {
  private static final Logger LOG = LoggerFactory.getLogger(WrappedKeys.class);

  private final PlaneRuntime runtime;
  private final WrappedKeyStore store;
  private final String label;

  /**
   * @param label what the keys are for, bound into their wrappings
   */
  WrappedKeys(PlaneRuntime runtime, WrappedKeyStore store, String label) {
    this.runtime = runtime;
    this.store = store;
    this.label = label;
  }

  /** Whether nothing at all is stored. */
  boolean isEmpty() {
    return store.all().isEmpty();
  }

  /** The oldest key of which a wrapping opens; the caller wipes it. */
  Optional<byte[]> openOldest() {
    return store.all().stream()
        .flatMap(key -> unwrapped(key.id(), key.wrapped()).stream())
        .findFirst();
  }

  /** The newest wrapping that opens. */
  Optional<WrappedKey> newest() {
    List<WrappedKey> newestFirst = new ArrayList<>(store.all());
    Collections.reverse(newestFirst);
    return newestFirst.stream().filter(this::opens).findFirst();
  }

  /** Whether a wrapping of this key is stored that opens. */
  boolean has(String id) {
    return store.all().stream().filter(key -> key.id().equals(id)).anyMatch(this::opens);
  }

  /** The key, which the caller wipes. */
  byte[] open(WrappedKey key) {
    return unwrapped(key.id(), key.wrapped())
        .orElseThrow(
            () ->
                new TenantkitException(
                    ErrorCode.CIPHERTEXT_REJECTED,
                    "no master key opens the installation's " + label));
  }

  /** Whether this opens, wherever it comes from. */
  boolean opens(String id, byte[] wrapped) {
    Optional<byte[]> bytes = unwrapped(id, wrapped);
    bytes.ifPresent(each -> Arrays.fill(each, (byte) 0));
    return bytes.isPresent();
  }

  private boolean opens(WrappedKey key) {
    return opens(key.id(), key.wrapped());
  }

  /** The key under the current master key, not stored yet; the bytes are wiped. */
  WrappedKey wrapped(String id, byte[] key) {
    try {
      return new WrappedKey(
          id,
          runtime.masterKeys().currentId(),
          runtime.masterKeys().wrap(key, associated(id), runtime.random()),
          runtime.now());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** Stores the key under the current master key; the bytes are wiped. */
  void add(String id, byte[] key) {
    store.add(wrapped(id, key));
  }

  /**
   * Wraps every key under the current master key that is not yet. What stands there in its place
   * and is none that the current master key wrapped goes.
   */
  void rewrap(Operator operator) {
    List<WrappedKey> stored = store.all();
    String current = runtime.masterKeys().currentId();
    Map<Boolean, List<WrappedKey>> sound =
        stored.stream()
            .filter(key -> key.masterKeyId().equals(current))
            .collect(Collectors.partitioningBy(key -> isSound(key, stored)));
    removeUnsound(operator, sound.getOrDefault(false, List.of()));
    Set<String> done =
        sound.getOrDefault(true, List.of()).stream()
            .map(WrappedKey::id)
            .collect(Collectors.toCollection(HashSet::new));
    for (WrappedKey key : stored) {
      if (!done.contains(key.id())) {
        unwrapped(key.id(), key.wrapped())
            .ifPresent(
                bytes -> {
                  add(key.id(), bytes);
                  done.add(key.id());
                });
      }
    }
  }

  private void removeUnsound(Operator operator, List<WrappedKey> unsound) {
    if (!unsound.isEmpty()) {
      LOG.warn(
          "{} rows of the installation's keys for {} were not wrapped by the master key that they"
              + " name; somebody wrote to the table",
          unsound.size(),
          label);
      store.remove(operator, unsound);
    }
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

  /**
   * Removes what is wrapped by a master key, so that it can be retired; what is added later holds
   * it.
   *
   * @return false, with nothing removed, when a key would be lost with it
   */
  boolean release(Operator operator, String masterKeyId) {
    List<WrappedKey> stored = store.all();
    Set<String> others =
        stored.stream()
            .filter(key -> !key.masterKeyId().equals(masterKeyId))
            .filter(key -> isSound(key, stored))
            .map(WrappedKey::id)
            .collect(Collectors.toSet());
    List<WrappedKey> under =
        stored.stream().filter(key -> key.masterKeyId().equals(masterKeyId)).toList();
    if (under.stream().anyMatch(key -> !others.contains(key.id()) && opens(key))) {
      return false;
    }
    store.remove(operator, under);
    return true;
  }

  /** Empty when none of our master keys wrapped it; an outage of theirs is thrown. */
  private Optional<byte[]> unwrapped(String id, byte[] wrapped) {
    try {
      return Optional.of(runtime.masterKeys().unwrap(wrapped, associated(id)));
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
