package io.tenantkit.vault.usage;

import io.tenantkit.ErrorCode;

/** What became of the attempt to use a secret. */
public enum UseOutcome {
  /** The value was handed over. */
  OK,
  /** The caller's context did not allow it. */
  DENIED,
  /** There is no such secret, or none that the caller may see: which of the two is never told. */
  NOT_FOUND,
  /** The stored record did not open: damaged, moved, or made with another key. */
  REJECTED,
  /** The storage or the library failed. */
  FAILED;

  /** Whether the caller asked for what it may not have. */
  public boolean refused() {
    return this == DENIED || this == NOT_FOUND;
  }

  /** What an error means for the use. */
  static UseOutcome of(ErrorCode code) {
    return switch (code) {
      case ACCESS_DENIED -> DENIED;
      case NOT_FOUND -> NOT_FOUND;
      case CIPHERTEXT_REJECTED -> REJECTED;
      default -> FAILED;
    };
  }
}
