package io.tenantkit.vault.spi;

import io.tenantkit.tenant.Operator;
import java.time.Instant;
import java.util.List;

/**
 * Keys of the installation for one use, wrapped under master keys. A master key cannot be retired
 * while there is a wrapping under it.
 */
public interface WrappedKeyStore {
  /**
   * A key under a master key.
   *
   * @param id which key
   * @param masterKeyId which master key wraps it
   * @param wrapped its sealed record
   * @param createdAt when it was wrapped
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared; a row on its way to the storage.
  record WrappedKey(String id, String masterKeyId, byte[] wrapped, Instant createdAt) {}

  /** Every wrapping, oldest first. Some may be of nobody's making. */
  List<WrappedKey> all();

  /**
   * Adds a wrapping; does nothing when that key under that master key is there.
   *
   * @throws io.tenantkit.TenantkitException with {@code MASTER_KEY_MISMATCH} when the master key
   *     was retired
   */
  void add(WrappedKey key);

  /** Removes wrappings whose rows are still as they were read. */
  void remove(Operator operator, List<WrappedKey> keys);
}
