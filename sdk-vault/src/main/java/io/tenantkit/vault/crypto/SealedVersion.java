package io.tenantkit.vault.crypto;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One version of a secret as it is stored: its data key, wrapped, and its fields, sealed. Nothing
 * in it is secret.
 *
 * <p>Each is one record in the format of {@link io.tenantkit.secret.SealingKey}: the data key at
 * the organization layer, holding 48 bytes (the data key's id of 16, then the key of 32), and the
 * fields at the data layer, holding the plaintext. Arrays are copied on the way in and on the way
 * out. Immutable, safe for use by several threads.
 */
public final class SealedVersion {
  /** The most fields of one version. */
  public static final int MAX_FIELDS = 64;

  private final byte[] wrappedDataKey;
  private final Map<String, byte[]> fields;

  /**
   * Takes what the storage kept, unverified: {@link SecretEnvelope} decides whether it opens.
   *
   * @throws InvalidInputException if there are not 1 to {@link #MAX_FIELDS} fields, or a name is
   *     not 1 to {@link AssociatedData#MAX_ID_BYTES} bytes
   */
  public SealedVersion(byte[] wrappedDataKey, Map<String, byte[]> fields) {
    this(copy(fields), wrappedDataKey.clone());
  }

  /** Copies nothing. */
  private SealedVersion(Map<String, byte[]> fields, byte[] wrappedDataKey) {
    requireFields(fields.keySet());
    this.wrappedDataKey = wrappedDataKey;
    this.fields = fields;
  }

  /**
   * As the constructor, with the map and the arrays themselves instead of copies: the caller gives
   * them away and must not touch them again.
   *
   * @throws InvalidInputException as the constructor does
   */
  public static SealedVersion takeOver(byte[] wrappedDataKey, Map<String, byte[]> fields) {
    return new SealedVersion(fields, wrappedDataKey);
  }

  /** A copy of the record that holds the data key. */
  public byte[] wrappedDataKey() {
    return wrappedDataKey.clone();
  }

  /** A copy of the fields' records by name, in the order given. */
  public Map<String, byte[]> fields() {
    return copy(fields);
  }

  /** The same fields with the data key wrapped anew. */
  public SealedVersion withWrappedDataKey(byte[] rewrapped) {
    return new SealedVersion(rewrapped, fields);
  }

  /** The wrapped data key itself, for reading only. */
  byte[] wrappedDataKeyUncopied() {
    return wrappedDataKey;
  }

  /** The fields themselves, for reading only. */
  Map<String, byte[]> fieldsUncopied() {
    return fields;
  }

  static void requireFields(Set<String> names) {
    if (names.isEmpty() || names.size() > MAX_FIELDS) {
      throw new InvalidInputException("fields", "1 to " + MAX_FIELDS);
    }
    names.forEach(name -> AssociatedData.requireId("field", name));
  }

  /** Whether both hold the same records under the same names. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SealedVersion that
        && Arrays.equals(wrappedDataKey, that.wrappedDataKey)
        && fields.keySet().equals(that.fields.keySet())
        && fields.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), that.fields.get(e.getKey())));
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(wrappedDataKey), fields.keySet());
  }

  /** The names of the fields. */
  @Override
  public String toString() {
    return "SealedVersion" + fields.keySet();
  }

  private static Map<String, byte[]> copy(Map<String, byte[]> fields) {
    Map<String, byte[]> copy = new LinkedHashMap<>();
    fields.forEach((name, record) -> copy.put(name, record.clone()));
    return copy;
  }
}
