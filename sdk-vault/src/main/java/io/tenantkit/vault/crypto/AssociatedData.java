package io.tenantkit.vault.crypto;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a secret version is bound to, encoded for each layer of the envelope.
 *
 * <p><b>Encoding, final.</b> A list of parts, each as its length (4 bytes, big-endian) and its
 * bytes. Text is UTF-8, numbers are 8 bytes big-endian, keys' ids are 16 bytes as they are. The
 * first part is a label that says which list follows, and each label has a fixed number of parts,
 * so that two different lists never give the same bytes.
 *
 * <pre>
 *  layer         parts
 *  master        "tenantkit/v1/ad/organization-key" | organization | key number | key id
 *  organization  "tenantkit/v1/ad/data-key" | organization | project | environment | secret
 *                | version | binding
 *  data          "tenantkit/v1/ad/field" | organization | project | environment | secret
 *                | version | binding | field name
 * </pre>
 *
 * <p>The binding is free for what else must not change behind the vault's back, such as the hosts
 * that a credential may be sent to; it is empty unless set. Immutable, safe for use by several
 * threads.
 */
public final class AssociatedData {
  /** The longest id or field name, in bytes of UTF-8. */
  public static final int MAX_ID_BYTES = 256;

  /** The longest binding, in bytes. */
  public static final int MAX_BINDING_BYTES = 16_384;

  private static final String ORGANIZATION_KEY = "tenantkit/v1/ad/organization-key";
  private static final String DATA_KEY = "tenantkit/v1/ad/data-key";
  private static final String FIELD = "tenantkit/v1/ad/field";

  private final SecretVersionId id;
  private final byte[] binding;

  private AssociatedData(SecretVersionId id, byte[] binding) {
    this.id = Objects.requireNonNull(id, "id");
    this.binding = binding;
  }

  /** Bound to the ids alone: the binding is empty. */
  public static AssociatedData of(SecretVersionId id) {
    return new AssociatedData(id, new byte[0]);
  }

  /**
   * The same ids with this binding, which is copied.
   *
   * @throws InvalidInputException if it is longer than {@link #MAX_BINDING_BYTES}
   */
  public AssociatedData withBinding(byte[] newBinding) {
    if (newBinding.length > MAX_BINDING_BYTES) {
      throw new InvalidInputException("binding", "at most " + MAX_BINDING_BYTES + " bytes");
    }
    return new AssociatedData(id, newBinding.clone());
  }

  /**
   * What an organization's key is bound to while a master key wraps it.
   *
   * @param number the key's number in the organization's ring, from 1
   * @param keyId the key's 16-byte id
   * @throws InvalidInputException if an argument is out of its bound
   */
  public static byte[] ofOrganizationKey(String organization, long number, byte[] keyId) {
    requireId("organization", organization);
    requireNumber("key number", number);
    if (keyId.length != SealingKey.ID_BYTES) {
      throw new InvalidInputException("key id", "exactly " + SealingKey.ID_BYTES + " bytes");
    }
    return new Parts(ORGANIZATION_KEY).text(organization).number(number).bytes(keyId).encoded();
  }

  /** What the version's data key is bound to while the organization's key wraps it. */
  public byte[] forDataKey() {
    return version(DATA_KEY).encoded();
  }

  /**
   * What one field is bound to while the data key seals it.
   *
   * @throws InvalidInputException if the name has not 1 to {@link #MAX_ID_BYTES} bytes
   */
  public byte[] forField(String name) {
    requireId("field", name);
    return version(FIELD).text(name).encoded();
  }

  /** The ids that this is made of. */
  public SecretVersionId id() {
    return id;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AssociatedData that
        && id.equals(that.id)
        && Arrays.equals(binding, that.binding);
  }

  @Override
  public int hashCode() {
    return 31 * id.hashCode() + Arrays.hashCode(binding);
  }

  @Override
  public String toString() {
    return "AssociatedData[" + id + ", binding of " + binding.length + " bytes]";
  }

  static void requireId(String property, String value) {
    int length = 0;
    try {
      // Strict: String.getBytes would turn every broken surrogate into one and the same '?', and
      // two ids would share an encoding.
      length =
          value.length() > MAX_ID_BYTES
              ? Integer.MAX_VALUE
              : StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value)).remaining();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(property, "well-formed Unicode text");
    }
    if (length < 1 || length > MAX_ID_BYTES) {
      throw new InvalidInputException(property, "1 to " + MAX_ID_BYTES + " bytes of UTF-8");
    }
  }

  static void requireNumber(String property, long number) {
    if (number < 1) {
      throw new InvalidInputException(property, "1 to " + Long.MAX_VALUE);
    }
  }

  private Parts version(String label) {
    return new Parts(label)
        .text(id.organization())
        .text(id.project())
        .text(id.environment())
        .text(id.secret())
        .number(id.version())
        .bytes(binding);
  }

  /** The length-prefixed list, as it grows. */
  private static final class Parts {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    Parts(String label) {
      text(label);
    }

    Parts text(String value) {
      return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    Parts number(long value) {
      return bytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    Parts bytes(byte[] value) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
      out.writeBytes(value);
      return this;
    }

    byte[] encoded() {
      return out.toByteArray();
    }
  }
}
