package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;

/**
 * The id of an integration: made by the library, never changes and is never used again.
 *
 * @param value 1 to 64 characters of {@code A-Z a-z 0-9 . _ -}, beginning with a letter or digit
 */
public record IntegrationId(String value) {
  private static final FieldFormat FORMAT = FieldFormat.of("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  public IntegrationId {
    if (!FORMAT.matches(value)) {
      throw new InvalidInputException(
          "integrationId", "1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'");
    }
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
