package io.tenantkit.apikey;

import io.tenantkit.ErrorCode;
import java.util.Objects;

/** What became of one row of an import. */
public sealed interface ImportResult {

  /**
   * It is a key now.
   *
   * @param key the key
   */
  record Imported(ApiKey key) implements ImportResult {
    public Imported {
      Objects.requireNonNull(key, "key");
    }
  }

  /**
   * It was refused, or the storage failed.
   *
   * @param code why
   * @param message why, for people
   */
  record Failed(ErrorCode code, String message) implements ImportResult {
    public Failed {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(message, "message");
    }
  }
}
