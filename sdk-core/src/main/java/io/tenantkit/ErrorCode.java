package io.tenantkit;

/** Why an operation was refused: stable names that a host may switch on, log and document. */
public enum ErrorCode {
  /** An argument lies outside its stated bound. */
  INVALID_INPUT,
  /** A master key, or the file that should hold it, cannot be used. */
  MASTER_KEY_INVALID,
  /** A sealed record does not open: damaged, moved, or made with another key. */
  CIPHERTEXT_REJECTED
}
