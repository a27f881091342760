package io.tenantkit.spi;

import java.time.Instant;

/**
 * A key that signs checkpoints, wrapped under a master key.
 *
 * @param number from 1
 * @param masterKeyId the master key that wraps it
 * @param wrapped the wrapped key; not copied, so never changed
 * @param createdAt when it was made
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; a row on its way to the storage.
public record StoredAuditKey(int number, String masterKeyId, byte[] wrapped, Instant createdAt) {}
