package io.tenantkit.vault.spi;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;

/**
 * Keyed fingerprints of one set of credentials, by which two are compared without being opened. Who
 * has them and not the installation's key learns nothing, not even by guessing.
 *
 * @param key of the public id of the key alone: names who may have signed, and excludes nobody
 * @param server of the server alone: excludes nobody
 * @param pair of the public id and the secret: one organization's alone
 * @param serverSecret of the server and the secret: one organization's alone
 * @param shortSecret whether the secret is shorter than it should be
 */
public record CredentialMarks(
    String key, String server, String pair, String serverSecret, boolean shortSecret) {
  /** The characters of a mark, lower-case hexadecimal. */
  public static final int LENGTH = 64;

  /** Checks that each is a mark. */
  public CredentialMarks {
    requireMark(key);
    requireMark(server);
    requireMark(pair);
    requireMark(serverSecret);
  }

  /** Whether both cannot be different organizations'. */
  public boolean excludes(CredentialMarks other) {
    return pair.equals(other.pair) || serverSecret.equals(other.serverSecret);
  }

  /** Why credentials are refused that are somebody else's. It does not tell whose. */
  public static TenantkitException taken() {
    return new TenantkitException(
        ErrorCode.CREDENTIALS_TAKEN,
        "the credentials are not this organization's own: each needs an account of its own");
  }

  private static void requireMark(String mark) {
    if (mark.length() != LENGTH) {
      throw new IllegalArgumentException("a mark has " + LENGTH + " characters");
    }
  }
}
