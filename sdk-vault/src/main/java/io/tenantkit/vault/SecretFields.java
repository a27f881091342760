package io.tenantkit.vault;

import io.tenantkit.NotFoundException;
import io.tenantkit.secret.SecretValue;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The decrypted fields of one secret version. Closing wipes them all. For the thread that opened
 * it.
 */
public final class SecretFields implements AutoCloseable {
  private final Secret secret;
  private final long version;
  private final Destination destination;
  private final Map<String, SecretValue> fields;

  SecretFields(
      Secret secret, long version, Destination destination, Map<String, SecretValue> fields) {
    this.secret = secret;
    this.version = version;
    this.destination = destination;
    this.fields = Map.copyOf(fields);
  }

  /** The secret they belong to. */
  public Secret secret() {
    return secret;
  }

  /** The number of the version they are of. */
  public long version() {
    return version;
  }

  /** Where the values may be sent, as it was bound into their ciphertexts. */
  public Destination destination() {
    return destination;
  }

  /** The fields' names. */
  public Set<String> names() {
    return fields.keySet();
  }

  /** The value of a secret that has but one, which is the field {@code value}. */
  public SecretValue value() {
    return field(NewSecret.VALUE);
  }

  /**
   * One field's value.
   *
   * @throws NotFoundException when the secret has no such field
   */
  public SecretValue field(String name) {
    @Nullable SecretValue value = fields.get(name);
    if (value == null) {
      throw new NotFoundException("secret field");
    }
    return value;
  }

  @Override
  public void close() {
    fields.values().forEach(SecretValue::close);
  }

  /** The field names, never the values. */
  @Override
  public String toString() {
    return "SecretFields" + fields.keySet();
  }
}
