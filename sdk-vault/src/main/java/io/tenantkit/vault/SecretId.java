package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;

/**
 * The id of a secret: made by the vault, never changes and is never used again. It is bound into
 * the secret's ciphertexts.
 *
 * @param value 1 to 64 printable ASCII characters
 */
public record SecretId(String value) {
  public SecretId {
    if (value.isEmpty()
        || value.length() > 64
        || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(
          "secretId", "1 to 64 printable ASCII characters without spaces");
    }
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
