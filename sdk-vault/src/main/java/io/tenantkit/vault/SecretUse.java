package io.tenantkit.vault;

/**
 * Code that is lent a secret. It must not keep the secret: it is wiped when the code returns or
 * throws.
 *
 * @param <S> what is lent
 * @param <T> what the code answers
 */
@FunctionalInterface
public interface SecretUse<S, T> {
  /** Works with the secret. What it throws reaches the caller as it is. */
  T with(S secret);
}
