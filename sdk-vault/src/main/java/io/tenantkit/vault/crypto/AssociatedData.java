package io.tenantkit.vault.crypto;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
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
 *                | version | binding | field names
 *  data          "tenantkit/v1/ad/field" | organization | project | environment | secret
 *                | version | binding | field name
 * </pre>
 *
 * <p>The field names are one part: the same encoding again, of the names in the order of their
 * UTF-8 bytes. So a field that was added, or taken away, is noticed although every other one still
 * opens.
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

  private static final byte[] ORGANIZATION_KEY = utf8("tenantkit/v1/ad/organization-key");
  private static final byte[] DATA_KEY = utf8("tenantkit/v1/ad/data-key");
  private static final byte[] FIELD = utf8("tenantkit/v1/ad/field");

  private final SecretVersionId id;
  private final byte[] binding;

  /** The parts from the organization to the binding, encoded: every list of a version has them. */
  private final byte[] version;

  private AssociatedData(SecretVersionId id, byte[] binding) {
    this.id = Objects.requireNonNull(id, "id");
    this.binding = binding;
    this.version =
        encode(
            utf8(id.organization()),
            utf8(id.project()),
            utf8(id.environment()),
            utf8(id.secret()),
            number(id.version()),
            binding);
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
    return encode(ORGANIZATION_KEY, utf8(organization), number(number), keyId);
  }

  /**
   * What the version's data key is bound to while the organization's key wraps it.
   *
   * @param fields the names of all fields of the version, in any order
   * @throws InvalidInputException if a name has not 1 to {@link #MAX_ID_BYTES} bytes
   */
  public byte[] forDataKey(Set<String> fields) {
    byte[][] names = new byte[fields.size()][];
    int next = 0;
    for (String name : fields) {
      requireId("field", name);
      names[next++] = utf8(name);
    }
    Arrays.sort(names, Arrays::compareUnsigned);
    return version(DATA_KEY, encode(names));
  }

  /**
   * What one field is bound to while the data key seals it.
   *
   * @throws InvalidInputException if the name has not 1 to {@link #MAX_ID_BYTES} bytes
   */
  public byte[] forField(String name) {
    requireId("field", name);
    return version(FIELD, utf8(name));
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
    int ascii = 0;
    while (ascii < value.length() && value.charAt(ascii) < 0x80) {
      ascii++;
    }
    if (ascii == value.length() && ascii > 0 && ascii <= MAX_ID_BYTES) {
      return;
    }
    // Counted by hand and strictly: String.getBytes would turn every broken surrogate into one and
    // the same '?', and two ids would share an encoding.
    int bytes = 0;
    for (int i = 0; i < value.length() && bytes <= MAX_ID_BYTES; i++) {
      char c = value.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new InvalidInputException(property, "well-formed Unicode text");
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    if (bytes < 1 || bytes > MAX_ID_BYTES) {
      throw new InvalidInputException(property, "1 to " + MAX_ID_BYTES + " bytes of UTF-8");
    }
  }

  static void requireNumber(String property, long number) {
    if (number < 1) {
      throw new InvalidInputException(property, "1 to " + Long.MAX_VALUE);
    }
  }

  /** The list of a label, the version's own parts and one more. */
  private byte[] version(byte[] label, byte[] last) {
    byte[] encoded = new byte[2 * Integer.BYTES + label.length + version.length + last.length];
    int at = put(encoded, 0, label);
    System.arraycopy(version, 0, encoded, at, version.length);
    put(encoded, at + version.length, last);
    return encoded;
  }

  /** The length-prefixed list. */
  private static byte[] encode(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += Integer.BYTES + part.length;
    }
    byte[] encoded = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      at = put(encoded, at, part);
    }
    return encoded;
  }

  /** Writes a part with its length, and says where the next one goes. */
  private static int put(byte[] encoded, int at, byte[] part) {
    encoded[at] = (byte) (part.length >>> 24);
    encoded[at + 1] = (byte) (part.length >>> 16);
    encoded[at + 2] = (byte) (part.length >>> 8);
    encoded[at + 3] = (byte) part.length;
    System.arraycopy(part, 0, encoded, at + Integer.BYTES, part.length);
    return at + Integer.BYTES + part.length;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
