package io.tenantkit.vault.rotation;

import io.tenantkit.InvalidInputException;

/**
 * Thrown by a rotator that knows why it failed. The code is kept and told, so it must come from a
 * fixed list of the rotator's own and never from a provider's answer.
 */
public final class RotationException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MAX_LENGTH = 40;

  private final String code;

  /**
   * For this reason.
   *
   * @param code 1 to 40 lower-case letters and hyphens, for example {@code quota-exceeded}
   */
  public RotationException(String code) {
    super(requireCode(code));
    this.code = code;
  }

  private static String requireCode(String code) {
    // No digits: hardly a secret has none.
    if (code.isEmpty()
        || code.length() > MAX_LENGTH
        || code.chars().anyMatch(c -> (c < 'a' || c > 'z') && c != '-')) {
      throw new InvalidInputException("code", "1 to 40 lower-case letters and hyphens");
    }
    return code;
  }

  /** Why. */
  public String code() {
    return code;
  }
}
