package io.tenantkit.vault.spi;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A secret version as it is stored: ciphertext only. Arrays are not copied here; stores copy in and
 * out.
 *
 * @param number from 1
 * @param organizationKeyId which key of the organization wraps the data key, 32 lower-case
 *     hexadecimal characters
 * @param wrappedDataKey the data key's sealed record
 * @param fields each field's sealed record
 * @param createdBy the actor that put it
 * @param createdAt when, microsecond precision
 */
// A storage moves these bytes and compares none; equality of rows is never asked for.
@SuppressWarnings("ArrayRecordComponent")
public record StoredSecretVersion(
    long number,
    String organizationKeyId,
    byte[] wrappedDataKey,
    Map<String, byte[]> fields,
    String createdBy,
    Instant createdAt) {
  public StoredSecretVersion {
    fields = Collections.unmodifiableMap(new TreeMap<>(fields));
  }
}
