package io.tenantkit.vault.integration;

/**
 * What a check of a credential found. Only {@link #INVALID} and {@link #EXPIRED} say that the
 * credential is of no use; the others that are not {@linkplain #usable() usable} say nothing about
 * it.
 */
public enum Verdict {
  /** The provider accepts it. */
  VALID,
  /** The provider knows it, but it may not do what the check asks, or its account is held back. */
  VALID_RESTRICTED,
  /** The provider knows it, but its account has no credit or quota left. */
  VALID_NO_QUOTA,
  /** It was valid once. */
  EXPIRED,
  /** The provider does not accept it: wrong, revoked, disabled or reported as leaked. */
  INVALID,
  /** What answered does not speak as this provider does: a wrong region, base URL or account. */
  WRONG_ENDPOINT,
  /** No answer, or one that says that the provider cannot answer now. */
  UNREACHABLE,
  /** Too many calls; ask later. */
  RATE_LIMITED;

  /** Whether the provider accepts the credential. */
  public boolean usable() {
    return this == VALID || this == VALID_RESTRICTED || this == VALID_NO_QUOTA;
  }

  /** Whether the credential is of no use any more. */
  public boolean rejected() {
    return this == EXPIRED || this == INVALID;
  }
}
