package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;

/**
 * The public id of an API key, safe to log: 1 to 64 printable ASCII characters without spaces.
 *
 * @param value the id's text
 */
public record ApiKeyId(String value) {
  public ApiKeyId {
    if (value.isEmpty() || value.length() > 64 || !isGraphic(value)) {
      throw new InvalidInputException(
          "apiKeyId", "1 to 64 printable ASCII characters without spaces");
    }
  }

  private static boolean isGraphic(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  /** The id with this text. */
  public static ApiKeyId of(String value) {
    return new ApiKeyId(value);
  }

  /** The id's text. */
  @Override
  public String toString() {
    return value;
  }
}
