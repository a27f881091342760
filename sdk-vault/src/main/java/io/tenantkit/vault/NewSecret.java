package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What is put into the vault: one value or several named fields that change together. The values
 * stay the caller's to close.
 *
 * @param type what the secret is; it cannot change later
 * @param fields 1 to {@value #MAX_FIELDS} values of at most 1 MiB (1,048,576 bytes) each
 * @param expectedVersion the version that must be current for the put to happen, 0 when there must
 *     be no such secret yet; empty when whatever is there is to be followed
 */
public record NewSecret(
    String type, Map<String, SecretValue> fields, OptionalLong expectedVersion) {
  /** The most fields of one secret. */
  public static final int MAX_FIELDS = 32;

  /** The field of a secret that has but one value. */
  public static final String VALUE = "value";

  public NewSecret {
    SecretRef.requireName("type", type);
    Objects.requireNonNull(expectedVersion, "expectedVersion");
    if (fields.isEmpty() || fields.size() > MAX_FIELDS) {
      throw new InvalidInputException("fields", "1 to " + MAX_FIELDS);
    }
    if (expectedVersion.isPresent() && expectedVersion.getAsLong() < 0) {
      throw new InvalidInputException("expectedVersion", "0 or more");
    }
    fields.forEach(
        (name, value) -> {
          SecretRef.requireName("field", name);
          Objects.requireNonNull(value, "value");
        });
    fields = Collections.unmodifiableMap(new TreeMap<>(fields));
  }

  /** A secret with one value. */
  public static NewSecret of(SecretValue value) {
    return new NewSecret(Secret.PLAIN, Map.of(VALUE, value), OptionalLong.empty());
  }

  /** A secret of this type with several fields. */
  public static NewSecret of(String type, Map<String, SecretValue> fields) {
    return new NewSecret(type, fields, OptionalLong.empty());
  }

  /** Only when there is no such secret yet. */
  public NewSecret onlyNew() {
    return onlyAfter(0);
  }

  /** Only when this version is the current one. */
  public NewSecret onlyAfter(long version) {
    return new NewSecret(type, fields, OptionalLong.of(version));
  }

  /** The field names, never the values. */
  @Override
  public String toString() {
    return "NewSecret[" + type + ", fields " + fields.keySet() + "]";
  }
}
