package io.tenantkit.vault.crypto;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SealingKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One key of an organization as it is stored: wrapped by a master key. Nothing in it is secret.
 * Arrays are copied on the way in and on the way out. Immutable, safe for use by several threads.
 *
 * @param organization id of the organization
 * @param number the key's number in the organization's ring, from 1
 * @param keyId the key's 16-byte id, which stands in every record that it seals
 * @param record the key in the format of {@link SealingKey}, master layer, holding 32 bytes
 */
// Copied in and out, and equal by content: see below.
@SuppressWarnings("ArrayRecordComponent")
public record WrappedOrganizationKey(
    String organization, long number, byte[] keyId, byte[] record) {

  /**
   * Takes what the storage kept, unverified: {@link OrganizationKeyEnvelope} decides whether it
   * opens.
   *
   * @throws InvalidInputException naming the part that is out of its bound
   */
  public WrappedOrganizationKey {
    AssociatedData.requireId("organization", organization);
    AssociatedData.requireNumber("key number", number);
    if (keyId.length != SealingKey.ID_BYTES) {
      throw new InvalidInputException("key id", "exactly " + SealingKey.ID_BYTES + " bytes");
    }
    keyId = keyId.clone();
    record = record.clone();
  }

  @Override
  public byte[] keyId() {
    return keyId.clone();
  }

  @Override
  public byte[] record() {
    return record.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WrappedOrganizationKey that
        && organization.equals(that.organization)
        && number == that.number
        && Arrays.equals(keyId, that.keyId)
        && Arrays.equals(record, that.record);
  }

  @Override
  public int hashCode() {
    return Objects.hash(organization, number, Arrays.hashCode(keyId), Arrays.hashCode(record));
  }

  @Override
  public String toString() {
    return "WrappedOrganizationKey["
        + organization
        + " #"
        + number
        + ", "
        + HexFormat.of().formatHex(keyId)
        + "]";
  }
}
