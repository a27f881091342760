package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.spi.CredentialClaim;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is put into the vault: one value or several named fields that change together, and what goes
 * with them. The values stay the caller's to close. Immutable.
 */
public final class NewSecret {
  /** The most fields of one secret. */
  public static final int MAX_FIELDS = 32;

  /** The longest value of a field, in bytes: 1 MiB. */
  public static final int MAX_FIELD_BYTES = 1_048_576;

  /** The most bytes of all fields of a version together: 4 MiB. */
  public static final int MAX_BYTES = 4 * MAX_FIELD_BYTES;

  /** The field of a secret that has but one value. */
  public static final String VALUE = "value";

  private final String type;
  private final Map<String, SecretValue> fields;
  private final Options options;

  /** What may be said beside type and fields; filled once, in {@link NewSecret#with}. */
  private static final class Options {
    private OptionalLong expectedVersion = OptionalLong.empty();
    private Optional<SecretDescription> description = Optional.empty();
    private OptionalInt maxVersions = OptionalInt.empty();
    private Optional<Instant> expiresAt = Optional.empty();
    private Destination destination = Destination.none();
    private Sharing sharing = Sharing.privately();
    private boolean pending;
    private Optional<CredentialClaim> claim = Optional.empty();

    private Options copy() {
      Options copy = new Options();
      copy.expectedVersion = expectedVersion;
      copy.description = description;
      copy.maxVersions = maxVersions;
      copy.expiresAt = expiresAt;
      copy.destination = destination;
      copy.sharing = sharing;
      copy.pending = pending;
      copy.claim = claim;
      return copy;
    }
  }

  private NewSecret(String type, Map<String, SecretValue> fields, Options options) {
    this.type = type;
    this.fields = fields;
    this.options = options;
  }

  /** A secret with one value. */
  public static NewSecret of(SecretValue value) {
    return of(Secret.PLAIN, Map.of(VALUE, value));
  }

  /**
   * A secret of this type with several fields.
   *
   * @param type what the secret is; it cannot change later
   * @param fields 1 to {@value #MAX_FIELDS} values of at most 1 MiB (1,048,576 bytes) each and 4
   *     MiB (4,194,304 bytes) together, which is looked at when they are put
   */
  public static NewSecret of(String type, Map<String, SecretValue> fields) {
    SecretRef.requireName("type", type);
    if (fields.isEmpty() || fields.size() > MAX_FIELDS) {
      throw new InvalidInputException("fields", "1 to " + MAX_FIELDS);
    }
    fields.forEach(
        (name, value) -> {
          SecretRef.requireName("field", name);
          Objects.requireNonNull(value, "value");
        });
    return new NewSecret(type, Collections.unmodifiableMap(new TreeMap<>(fields)), new Options());
  }

  /** Only when there is no such secret yet. */
  public NewSecret onlyNew() {
    return onlyAfter(0);
  }

  /** Only when this version is the current one; 0: only when there is no such secret yet. */
  public NewSecret onlyAfter(long version) {
    if (version < 0) {
      throw new InvalidInputException("expectedVersion", "0 or more");
    }
    return with(more -> more.expectedVersion = OptionalLong.of(version));
  }

  /** Described so, also when the secret exists and was described otherwise. */
  public NewSecret described(SecretDescription description) {
    Objects.requireNonNull(description, "description");
    return with(more -> more.description = Optional.of(description));
  }

  /** Keeping so many versions, 1 to {@value Secret#MAX_VERSIONS}, from this put on. */
  public NewSecret keeping(int versions) {
    Secret.requireMaxVersions(versions);
    return with(more -> more.maxVersions = OptionalInt.of(versions));
  }

  /** The version expires at this time, which must be to come when it is put. */
  public NewSecret expiringAt(Instant time) {
    Objects.requireNonNull(time, "expiresAt");
    return with(more -> more.expiresAt = Optional.of(time));
  }

  /** The version may be sent there and nowhere else; this is bound into its ciphertexts. */
  public NewSecret to(Destination destination) {
    Objects.requireNonNull(destination, "destination");
    return with(more -> more.destination = destination);
  }

  /**
   * Shared so when the put creates the secret; one that exists stays shared as it is. {@link
   * SecretVault#share} changes that.
   */
  public NewSecret sharedWith(Sharing sharing) {
    Objects.requireNonNull(sharing, "sharing");
    return with(more -> more.sharing = sharing);
  }

  /** The version waits as pending until it is promoted; the current one stays in force. */
  public NewSecret asPending() {
    return with(more -> more.pending = true);
  }

  /**
   * Put only when no other organization has these credentials; the put throws {@link
   * io.tenantkit.ErrorCode#CREDENTIALS_TAKEN} otherwise. For upper modules.
   */
  public NewSecret claiming(CredentialClaim claim) {
    Objects.requireNonNull(claim, "claim");
    return with(more -> more.claim = Optional.of(claim));
  }

  private NewSecret with(Consumer<Options> change) {
    Options changed = options.copy();
    change.accept(changed);
    return new NewSecret(type, fields, changed);
  }

  /** What the secret is. */
  public String type() {
    return type;
  }

  /** The values by field name. */
  public Map<String, SecretValue> fields() {
    return fields;
  }

  /**
   * The version that must be current for the put to happen, 0 when there must be no such secret
   * yet; empty when whatever is there is to be followed.
   */
  public OptionalLong expectedVersion() {
    return options.expectedVersion;
  }

  /** What is said of the secret from this put on; empty when that stays as it is. */
  public Optional<SecretDescription> description() {
    return options.description;
  }

  /** How many versions the secret keeps from this put on; empty when that stays as it is. */
  public OptionalInt maxVersions() {
    return options.maxVersions;
  }

  /** When the version expires; empty when it does not. */
  public Optional<Instant> expiresAt() {
    return options.expiresAt;
  }

  /** Where the version may be sent. */
  public Destination destination() {
    return options.destination;
  }

  /** With whom a secret that the put creates is shared. */
  public Sharing sharing() {
    return options.sharing;
  }

  /** Whether the version waits as pending. */
  public boolean isPending() {
    return options.pending;
  }

  /** What the put claims. */
  public Optional<CredentialClaim> claim() {
    return options.claim;
  }

  /** The bytes of all values. */
  long length() {
    return fields.values().stream().mapToLong(SecretValue::length).sum();
  }

  /** Demands the bounds of the values; a closed one throws {@link IllegalStateException}. */
  void requireSizes() {
    for (SecretValue value : fields.values()) {
      if (value.length() > MAX_FIELD_BYTES) {
        throw new InvalidInputException("fields", "values of at most 1,048,576 bytes (1 MiB)");
      }
    }
    if (length() > MAX_BYTES) {
      throw new InvalidInputException("fields", "at most 4,194,304 bytes (4 MiB) together");
    }
  }

  private List<Object> parts() {
    return List.of(
        type,
        fields,
        options.expectedVersion,
        options.description,
        options.maxVersions,
        options.expiresAt,
        options.destination,
        options.pending,
        options.sharing,
        options.claim);
  }

  /** Whether both would put the same; values are compared in constant time. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NewSecret that && parts().equals(that.parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  /** The field names, never the values. */
  @Override
  public String toString() {
    return "NewSecret[" + type + ", fields " + fields.keySet() + "]";
  }
}
