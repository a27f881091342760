package io.tenantkit.vault.crypto;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.KeyLayer;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Seals the fields of one secret version under a data key of their own, which the organization's
 * key wraps, and opens them again.
 *
 * <p>Every version gets a fresh data key, so that to change the organization's key only {@link
 * #rewrap} is needed, and to forget a version only its wrapped data key has to go. Data keys are
 * wiped after each call. Safe for use by several threads; nothing blocks but the random source.
 */
public final class SecretEnvelope {
  private static final int DATA_KEY_BYTES = SealingKey.ID_BYTES + SealingKey.KEY_BYTES;

  private final SealingKeys keys;
  private final SecureRandom random;

  private SecretEnvelope(SealingKeys keys, SecureRandom random) {
    this.keys = Objects.requireNonNull(keys, "keys");
    this.random = Objects.requireNonNull(random, "random");
  }

  /** An envelope that makes data keys with {@code keys} from {@code random}. */
  public static SecretEnvelope of(SealingKeys keys, SecureRandom random) {
    return new SecretEnvelope(keys, random);
  }

  /**
   * Seals the fields under a fresh data key; the values stay open and the caller's.
   *
   * @throws InvalidInputException if the key is not of the organization layer, or there are not 1
   *     to {@link SealedVersion#MAX_FIELDS} fields with names of 1 to {@link
   *     AssociatedData#MAX_ID_BYTES} bytes
   */
  public SealedVersion seal(
      SealingKey organizationKey, AssociatedData associated, Map<String, SecretValue> fields) {
    requireOrganizationLayer(organizationKey);
    SealedVersion.requireFields(fields.keySet());
    byte[] dataKey = new byte[DATA_KEY_BYTES];
    random.nextBytes(dataKey);
    try (SealingKey sealing = dataSealingKey(dataKey)) {
      byte[] wrapped =
          organizationKey.seal(dataKey, associated.forDataKey(fields.keySet()), random);
      Map<String, byte[]> sealed = new LinkedHashMap<>();
      fields.forEach((name, value) -> sealed.put(name, seal(sealing, associated, name, value)));
      return new SealedVersion(wrapped, sealed);
    } finally {
      Arrays.fill(dataKey, (byte) 0);
    }
  }

  /**
   * Opens one field. The value is the caller's to close.
   *
   * @throws InvalidInputException if the key is not of the organization layer, or the version has
   *     no such field
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if the data key or the
   *     field does not open for any reason
   */
  public SecretValue open(
      SealingKey organizationKey, AssociatedData associated, SealedVersion sealed, String field) {
    byte[] record = sealed.fieldsUncopied().get(field);
    if (record == null) {
      throw new InvalidInputException("field", "one of the version's fields");
    }
    return withDataKey(
        organizationKey, associated, sealed, key -> open(key, associated, field, record));
  }

  /**
   * Opens all fields, in their order, or none. The values are the caller's to close.
   *
   * @throws InvalidInputException if the key is not of the organization layer
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if the data key or a
   *     field does not open for any reason
   */
  public Map<String, SecretValue> openAll(
      SealingKey organizationKey, AssociatedData associated, SealedVersion sealed) {
    return withDataKey(
        organizationKey,
        associated,
        sealed,
        key -> {
          Map<String, SecretValue> opened = new LinkedHashMap<>();
          try {
            sealed
                .fieldsUncopied()
                .forEach((name, record) -> opened.put(name, open(key, associated, name, record)));
            return opened;
          } catch (RuntimeException e) {
            opened.values().forEach(SecretValue::close);
            throw e;
          }
        });
  }

  /**
   * Wraps the version's data key anew under another key of the organization; the fields stay as
   * they are.
   *
   * @param from the key that the data key is wrapped with now
   * @throws InvalidInputException if a key is not of the organization layer
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if the data key does not
   *     open
   */
  public SealedVersion rewrap(
      SealingKey from, SealingKey to, AssociatedData associated, SealedVersion sealed) {
    return sealed.withWrappedDataKey(
        rewrap(
            from,
            to,
            associated,
            sealed.wrappedDataKeyUncopied(),
            sealed.fieldsUncopied().keySet()));
  }

  /**
   * As {@link #rewrap(SealingKey, SealingKey, AssociatedData, SealedVersion)}, of the wrapped data
   * key alone: the fields' ciphertexts need not be read for it.
   *
   * @param fields the names of the version's fields
   */
  public byte[] rewrap(
      SealingKey from,
      SealingKey to,
      AssociatedData associated,
      byte[] wrappedDataKey,
      Set<String> fields) {
    requireOrganizationLayer(from);
    requireOrganizationLayer(to);
    byte[] context = associated.forDataKey(fields);
    byte[] dataKey = from.open(wrappedDataKey, context);
    try {
      return to.seal(dataKey, context, random);
    } finally {
      Arrays.fill(dataKey, (byte) 0);
    }
  }

  /**
   * Demands that the data key opens, and changes nothing.
   *
   * @param fields the names of the version's fields
   * @throws InvalidInputException if the key is not of the organization layer
   * @throws TenantkitException with {@link ErrorCode#CIPHERTEXT_REJECTED} if it does not
   */
  public void requireOpens(
      SealingKey organizationKey,
      AssociatedData associated,
      byte[] wrappedDataKey,
      Set<String> fields) {
    requireOrganizationLayer(organizationKey);
    Arrays.fill(organizationKey.open(wrappedDataKey, associated.forDataKey(fields)), (byte) 0);
  }

  private <T> T withDataKey(
      SealingKey organizationKey,
      AssociatedData associated,
      SealedVersion sealed,
      Function<SealingKey, T> use) {
    requireOrganizationLayer(organizationKey);
    byte[] dataKey =
        organizationKey.open(
            sealed.wrappedDataKeyUncopied(),
            associated.forDataKey(sealed.fieldsUncopied().keySet()));
    try (SealingKey opening = dataSealingKey(dataKey)) {
      return use.apply(opening);
    } finally {
      Arrays.fill(dataKey, (byte) 0);
    }
  }

  /** From the 48 bytes that the organization's key wraps: id, then key. */
  private SealingKey dataSealingKey(byte[] dataKey) {
    if (dataKey.length != DATA_KEY_BYTES) {
      // It was authentic, so this is our fault and no forgery; padding it would be worse.
      throw new IllegalStateException("a data key of " + dataKey.length + " bytes");
    }
    byte[] id = Arrays.copyOf(dataKey, SealingKey.ID_BYTES);
    byte[] key = Arrays.copyOfRange(dataKey, SealingKey.ID_BYTES, DATA_KEY_BYTES);
    try {
      return keys.key(KeyLayer.DATA, id, key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private byte[] seal(SealingKey key, AssociatedData associated, String name, SecretValue value) {
    byte[] plaintext = value.bytes(SecretAccess.get());
    try {
      return key.seal(plaintext, associated.forField(name), random);
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  private static SecretValue open(
      SealingKey key, AssociatedData associated, String name, byte[] record) {
    return SecretValue.takeOver(key.open(record, associated.forField(name)));
  }

  private static void requireOrganizationLayer(SealingKey key) {
    if (key.layer() != KeyLayer.ORGANIZATION) {
      throw new InvalidInputException("organization key", "a key of the organization layer");
    }
  }
}
