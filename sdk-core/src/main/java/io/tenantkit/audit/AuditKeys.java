package io.tenantkit.audit;

import io.tenantkit.ErrorCode;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

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
    return key(checkpoint.keyNumber())
        .filter(key -> key.verify(checkpoint.message(), checkpoint.signatureBytes()))
        .isPresent();
  }

  /** Wraps the newest key under the current master key, if it is not yet. */
  void rewrap() {
    if (store.keys().isEmpty()) {
      return;
    }
    String current = runtime.masterKeys().currentId();
    int number = newest();
    byte[] key = unwrapped(number).orElseThrow();
    try {
      boolean done =
          wrappings(number)
              .filter(stored -> stored.masterKeyId().equals(current))
              .anyMatch(this::opens);
      if (!done) {
        // When another node was faster, it wrapped the same key.
        store.rewrapKey(new StoredAuditKey(number, current, wrap(number, key), now()));
      }
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The greatest number of which a row opens; rows that somebody else made do not. */
  private int newest() {
    List<StoredAuditKey> stored = store.keys();
    if (stored.isEmpty()) {
      make();
      stored = store.keys();
    }
    return stored.stream()
        .filter(row -> open.containsKey(row.number()) || opens(row))
        .findFirst()
        .orElseThrow(
            () ->
                new TenantkitException(
                    ErrorCode.CIPHERTEXT_REJECTED, "no master key opens an audit key"))
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
    return unwrapped(number)
        .map(
            key -> {
              try {
                return open.computeIfAbsent(number, any -> new MacKey(key));
              } finally {
                Arrays.fill(key, (byte) 0);
              }
            });
  }

  private Stream<StoredAuditKey> wrappings(int number) {
    return store.keys().stream().filter(stored -> stored.number() == number);
  }

  private Optional<byte[]> unwrapped(int number) {
    return wrappings(number).map(this::unwrapped).flatMap(Optional::stream).findFirst();
  }

  private boolean opens(StoredAuditKey stored) {
    Optional<byte[]> key = unwrapped(stored);
    key.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
    return key.isPresent();
  }

  /** Empty when none of our master keys wrapped it; an outage of theirs is thrown. */
  private Optional<byte[]> unwrapped(StoredAuditKey stored) {
    try {
      return Optional.of(unwrap(stored)).filter(key -> key.length == MacKey.BYTES);
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        return Optional.empty();
      }
      throw e;
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
