package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;

/**
 * The id of an organization, which is the tenant: 1 to 255 characters of {@code a-z 0-9 _ -},
 * beginning with a letter or digit. Case is never folded; upper case is refused, so that two
 * spellings cannot name one tenant. Ids are chosen by the host, never change, and are bound into
 * every ciphertext.
 *
 * @param value the id's text
 */
public record OrganizationId(String value) implements Comparable<OrganizationId> {
  /** The longest id, in characters. */
  public static final int MAX_LENGTH = 255;

  public OrganizationId {
    if (!valid(value)) {
      throw new InvalidInputException(
          "organizationId",
          "1 to 255 characters of a-z, 0-9, '_' and '-', beginning with a letter or digit");
    }
  }

  /** The id with this text. */
  public static OrganizationId of(String value) {
    return new OrganizationId(value);
  }

  private static boolean valid(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!alphanumeric && (i == 0 || (c != '_' && c != '-'))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(OrganizationId other) {
    return value.compareTo(other.value);
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
