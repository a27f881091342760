package io.tenantkit.vault.spi;

import java.time.Instant;

/**
 * An organization's key as it is stored: wrapped by a master key.
 *
 * @param number from 1; new writes use the highest
 * @param keyId 32 lower-case hexadecimal characters, never used again
 * @param masterKeyId which master key wraps it
 * @param wrapped the sealed record
 * @param createdAt when, microsecond precision
 */
// A storage moves these bytes and compares none; equality of rows is never asked for.
@SuppressWarnings("ArrayRecordComponent")
public record StoredOrganizationKey(
    int number, String keyId, String masterKeyId, byte[] wrapped, Instant createdAt) {}
