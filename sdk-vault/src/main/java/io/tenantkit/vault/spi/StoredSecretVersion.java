package io.tenantkit.vault.spi;

import io.tenantkit.vault.SecretVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A secret version as it is stored: ciphertext only. Arrays are not copied here; stores copy in and
 * out.
 *
 * @param number from 1
 * @param organizationKeyId which key of the organization wraps the data key, 32 lower-case
 *     hexadecimal characters
 * @param wrappedDataKey the data key's sealed record; empty when the version is destroyed
 * @param fields each field's sealed record; none when the version is destroyed
 * @param destination {@link io.tenantkit.vault.Destination#canonical()}, bound into the records
 * @param state whether the value can be had
 * @param expiresAt when it expires, microsecond precision; empty when it does not
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
    String destination,
    SecretVersion.State state,
    Optional<Instant> expiresAt,
    String createdBy,
    Instant createdAt) {
  public StoredSecretVersion {
    // In the order of their names, which one alone has by itself.
    fields =
        fields.size() == 1
            ? Map.copyOf(fields)
            : Collections.unmodifiableMap(new TreeMap<>(fields));
  }

  /** One that is active, never expires and has no destination. */
  public StoredSecretVersion(
      long number,
      String organizationKeyId,
      byte[] wrappedDataKey,
      Map<String, byte[]> fields,
      String createdBy,
      Instant createdAt) {
    this(
        number,
        organizationKeyId,
        wrappedDataKey,
        fields,
        "",
        SecretVersion.State.ACTIVE,
        Optional.empty(),
        createdBy,
        createdAt);
  }
}
