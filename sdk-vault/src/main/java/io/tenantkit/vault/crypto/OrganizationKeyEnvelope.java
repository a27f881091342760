package io.tenantkit.vault.crypto;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.KeyLayer;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/**
 * Makes keys for organizations, wraps them under the master keys and unwraps them.
 *
 * <p>A wrapped key is bound to its organization, number and id, so that a row moved to another
 * organization or another place in its ring does not open. Safe for use by several threads; blocks
 * as long as the {@link MasterKeys} do.
 */
public final class OrganizationKeyEnvelope {
  private final SealingKeys keys;
  private final MasterKeys masterKeys;
  private final SecureRandom random;

  private OrganizationKeyEnvelope(SealingKeys keys, MasterKeys masterKeys, SecureRandom random) {
    this.keys = Objects.requireNonNull(keys, "keys");
    this.masterKeys = Objects.requireNonNull(masterKeys, "masterKeys");
    this.random = Objects.requireNonNull(random, "random");
  }

  /** An envelope over these master keys. */
  public static OrganizationKeyEnvelope of(
      SealingKeys keys, MasterKeys masterKeys, SecureRandom random) {
    return new OrganizationKeyEnvelope(keys, masterKeys, random);
  }

  /**
   * A fresh random key with a fresh random id, wrapped under the current master key.
   *
   * @throws InvalidInputException if an argument is out of its bound
   */
  public WrappedOrganizationKey generate(String organization, long number) {
    byte[] id = new byte[SealingKey.ID_BYTES];
    byte[] key = new byte[SealingKey.KEY_BYTES];
    random.nextBytes(id);
    random.nextBytes(key);
    try {
      return wrap(organization, number, id, key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * The key, ready for use; the caller closes it.
   *
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if it does not open for
   *     any reason
   */
  public SealingKey open(WrappedOrganizationKey wrapped) {
    byte[] key = unwrap(wrapped);
    try {
      return keys.key(KeyLayer.ORGANIZATION, wrapped.keyId(), key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * The same key under the current master key; everything that it has sealed stays as it is.
   *
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if it does not open for
   *     any reason
   */
  public WrappedOrganizationKey rewrap(WrappedOrganizationKey wrapped) {
    byte[] key = unwrap(wrapped);
    try {
      return wrap(wrapped.organization(), wrapped.number(), wrapped.keyId(), key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private WrappedOrganizationKey wrap(String organization, long number, byte[] id, byte[] key) {
    byte[] context = AssociatedData.ofOrganizationKey(organization, number, id);
    return new WrappedOrganizationKey(
        organization, number, id, masterKeys.wrap(key, context, random));
  }

  private byte[] unwrap(WrappedOrganizationKey wrapped) {
    return masterKeys.unwrap(
        wrapped.record(),
        AssociatedData.ofOrganizationKey(
            wrapped.organization(), wrapped.number(), wrapped.keyId()));
  }
}
