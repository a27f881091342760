package io.tenantkit.secret;

/**
 * The token that every reader of plaintext must hand over.
 *
 * <p>It grants nothing at run time, for any code can get it. It exists to be searched for: the
 * places that name {@code SecretAccess} are all the places of a code base that can see a secret in
 * the clear, so a review knows where to look and an architecture test can hold the list. Immutable,
 * safe for use by several threads.
 */
public final class SecretAccess {
  private static final SecretAccess INSTANCE = new SecretAccess();

  private SecretAccess() {}

  /** The token. */
  public static SecretAccess get() {
    return INSTANCE;
  }
}
