package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.SealedVersion;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretRewrapStore;
import io.tenantkit.vault.spi.SecretRewrapStore.WrappedVersion;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionBinding;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Turns values into rows and rows into values, with the organization's keys. */
final class SecretSealer {
  /** Between two of them a key was rotated, all was put under it and the one before destroyed. */
  private static final int ATTEMPTS = 3;

  private final OrganizationKeyRing ring;
  private final SecretEnvelope envelope;
  private final SecretRewrapStore rewraps;

  SecretSealer(OrganizationKeyRing ring, SecretEnvelope envelope, SecretRewrapStore rewraps) {
    this.ring = ring;
    this.envelope = envelope;
    this.rewraps = rewraps;
  }

  /** Demands that the control plane is open, before anything is read or written. */
  void requireOpen() {
    ring.requireOpen();
  }

  /**
   * The row of the newest version.
   *
   * @param newestKey as it was just read; empty when it was not asked for
   * @param secret the row with which it is written
   */
  StoredSecretVersion seal(
      TenantContext context,
      Optional<StoredOrganizationKey> newestKey,
      Secret secret,
      NewSecret wanted,
      Optional<Instant> expiresAt) {
    return ring.working(
        () -> seal(ring.newest(context, newestKey), context, secret, wanted, expiresAt));
  }

  private StoredSecretVersion seal(
      OrganizationKeyRing.NamedKey key,
      TenantContext context,
      Secret secret,
      NewSecret wanted,
      Optional<Instant> expiresAt) {
    long number = secret.stages().newest();
    String destination = wanted.destination().canonical();
    SealedVersion sealed =
        envelope.seal(key.key(), VersionBinding.of(secret, number, destination), wanted.fields());
    return new StoredSecretVersion(
        number,
        key.id(),
        sealed.wrappedDataKey(),
        sealed.fields(),
        destination,
        SecretVersion.State.ACTIVE,
        expiresAt,
        context.actor().id(),
        secret.updatedAt());
  }

  /**
   * The row of a version that another vault had, or this one under another id.
   *
   * @param fields none when the version is destroyed
   */
  StoredSecretVersion seal(
      TenantContext context,
      Secret secret,
      SecretVersion version,
      Map<String, SecretValue> fields) {
    return ring.working(() -> seal(ring.newest(context), secret, version, fields));
  }

  private StoredSecretVersion seal(
      OrganizationKeyRing.NamedKey key,
      Secret secret,
      SecretVersion version,
      Map<String, SecretValue> fields) {
    String destination = version.destination().canonical();
    byte[] wrapped = {};
    Map<String, byte[]> records = Map.of();
    if (!fields.isEmpty()) {
      SealedVersion sealed =
          envelope.seal(
              key.key(), VersionBinding.of(secret, version.number(), destination), fields);
      wrapped = sealed.wrappedDataKey();
      records = sealed.fields();
    }
    return new StoredSecretVersion(
        version.number(),
        key.id(),
        wrapped,
        records,
        destination,
        version.state(),
        version.expiresAt(),
        version.createdBy(),
        version.createdAt());
  }

  /**
   * The values of a row, the caller's to close. Since the row was read its data key may have been
   * put under another key and the one that it names destroyed: then the row is asked for once more.
   */
  Map<String, SecretValue> open(TenantContext context, OpenedSecret opened) {
    StoredSecretVersion stored = opened.version();
    String keyId = stored.organizationKeyId();
    byte[] wrapped = stored.wrappedDataKey();
    for (int attempt = 1; ; attempt++) {
      Optional<Map<String, SecretValue>> values = open(context, opened, keyId, wrapped);
      if (values.isPresent()) {
        return values.get();
      }
      WrappedVersion now =
          rewraps
              .find(context, opened.secret().id().value(), stored.number())
              .orElseThrow(SecretReader::notFound);
      if (now.organizationKeyId().equals(keyId) || attempt == ATTEMPTS) {
        throw ring.missing(context);
      }
      keyId = now.organizationKeyId();
      wrapped = now.wrappedDataKey();
    }
  }

  /** Empty when there is no such key. */
  private Optional<Map<String, SecretValue>> open(
      TenantContext context, OpenedSecret opened, String keyId, byte[] wrapped) {
    StoredSecretVersion stored = opened.version();
    return ring.working(
        () ->
            ring.find(context, keyId)
                .map(
                    key ->
                        envelope.openAll(
                            key,
                            VersionBinding.of(
                                opened.secret(), stored.number(), stored.destination()),
                            sealed(wrapped, stored.fields()))));
  }

  private static SealedVersion sealed(byte[] wrapped, Map<String, byte[]> fields) {
    try {
      // The store gave a copy, which nobody else reads.
      return SealedVersion.takeOver(wrapped, fields);
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }
}
