package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.SealedVersion;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionBinding;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Turns values into rows and rows into values, with the organization's keys. */
final class SecretSealer {
  private final OrganizationKeyRing ring;
  private final SecretEnvelope envelope;

  SecretSealer(OrganizationKeyRing ring, SecretEnvelope envelope) {
    this.ring = ring;
    this.envelope = envelope;
  }

  /** Demands that the control plane is open, before anything is read or written. */
  void requireOpen() {
    ring.requireOpen();
  }

  /**
   * The row of the newest version.
   *
   * @param secret the row with which it is written
   */
  StoredSecretVersion seal(
      TenantContext context, Secret secret, NewSecret wanted, Optional<Instant> expiresAt) {
    return ring.working(() -> seal(ring.newest(context), context, secret, wanted, expiresAt));
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

  /** The values of a row, the caller's to close. */
  Map<String, SecretValue> open(TenantContext context, OpenedSecret opened) {
    StoredSecretVersion stored = opened.version();
    return ring.working(
        () ->
            envelope.openAll(
                ring.get(context, stored.organizationKeyId()),
                VersionBinding.of(opened.secret(), stored.number(), stored.destination()),
                sealed(stored)));
  }

  private static SealedVersion sealed(StoredSecretVersion stored) {
    try {
      // The store gave a copy, which nobody else reads.
      return SealedVersion.takeOver(stored.wrappedDataKey(), stored.fields());
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }
}
