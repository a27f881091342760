package io.tenantkit.audit;

import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MacKey;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredAuditKey;
import io.tenantkit.tenant.OrganizationId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The random keys that sign checkpoints: made once, stored wrapped under the master key, wrapped
 * anew when that changes, unwrapped in this process only. A signature therefore outlives any number
 * of master keys. Safe for use by several threads; blocks on the storage and the master keys until
 * a key is in memory.
 */
final class AuditKeys {
  private static final int FIRST = 1;

  private final PlaneRuntime runtime;
  private final AuditCheckpointStore store;
  private final Map<Integer, MacKey> open = new ConcurrentHashMap<>();

  AuditKeys(PlaneRuntime runtime) {
    this.runtime = runtime;
    this.store = runtime.coreStores().auditCheckpoints();
  }

  /** Signs a place in a chain with the newest key, which is made when there is none. */
  AuditCheckpoint sign(
      OrganizationId organization,
      AuditCheckpoint.Kind kind,
      long seq,
      ChainHash hash,
      Instant at) {
    int number = newest();
    String text = AuditCheckpoint.signedText(organization, kind, seq, hash, at, number);
    byte[] signature = key(number).orElseThrow().sign(text.getBytes(StandardCharsets.US_ASCII));
    return new AuditCheckpoint(
        organization, kind, seq, hash, at, number, HexFormat.of().formatHex(signature));
  }

  /** Whether one of this installation's keys signed it. */
  boolean isGenuine(AuditCheckpoint checkpoint) {
    try {
      return key(checkpoint.keyNumber())
          .filter(key -> key.verify(checkpoint.message(), checkpoint.signatureBytes()))
          .isPresent();
    } catch (TenantkitException e) {
      // A row of a key that somebody changed signs nothing.
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        return false;
      }
      throw e;
    }
  }

  /** Wraps the newest key under the current master key, if there is one under another. */
  void rewrap() {
    store.newestKey().ifPresent(this::rewrap);
  }

  private int newest() {
    Optional<StoredAuditKey> stored = store.newestKey();
    if (stored.isEmpty()) {
      make();
      stored = store.newestKey();
    }
    return stored
        .orElseThrow(() -> new StorageException(ErrorCode.INTERNAL, "an audit key is gone"))
        .number();
  }

  private void make() {
    byte[] key = new byte[MacKey.BYTES];
    runtime.random().nextBytes(key);
    try {
      // When another node was faster, its key is the one.
      store.insertKey(
          new StoredAuditKey(FIRST, runtime.masterKeys().currentId(), wrap(FIRST, key), now()));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private Optional<MacKey> key(int number) {
    MacKey known = open.get(number);
    if (known != null) {
      return Optional.of(known);
    }
    return store.key(number).map(this::unwrapped);
  }

  private MacKey unwrapped(StoredAuditKey stored) {
    byte[] key = unwrap(stored);
    try {
      return open.computeIfAbsent(stored.number(), any -> new MacKey(key));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private void rewrap(StoredAuditKey stored) {
    String current = runtime.masterKeys().currentId();
    if (stored.masterKeyId().equals(current)) {
      return;
    }
    byte[] key = unwrap(stored);
    try {
      // When another node was faster, it wrapped the same key.
      store.rewrapKey(
          new StoredAuditKey(
              stored.number(), current, wrap(stored.number(), key), stored.createdAt()),
          stored.masterKeyId());
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private byte[] wrap(int number, byte[] key) {
    return runtime.masterKeys().wrap(key, associatedData(number), runtime.random());
  }

  private byte[] unwrap(StoredAuditKey stored) {
    return runtime.masterKeys().unwrap(stored.wrapped(), associatedData(stored.number()));
  }

  private static byte[] associatedData(int number) {
    return ("tenantkit/v1/audit-key/" + number).getBytes(StandardCharsets.US_ASCII);
  }

  private Instant now() {
    return runtime.now();
  }

  /** Wipes what is in memory. */
  void close() {
    open.values().forEach(MacKey::close);
    open.clear();
  }
}
