package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.util.Arrays;
import java.util.Objects;

/**
 * An organization's own LiveKit server and the key pair that it accepts. The secret stays the
 * caller's to close; its text is in no message and no {@link #toString()}.
 *
 * <p>What somebody pastes is taken as it is and never trimmed: LiveKit's server does not trim
 * either, so a blank that came along would only show as tokens that no server accepts. Hence it is
 * refused here.
 *
 * @param serverUrl where the server listens
 * @param apiKey the key's public id, which becomes {@code iss} of every token: 1 to {@value
 *     #MAX_API_KEY_LENGTH} printable ASCII characters without blanks
 * @param apiSecret the key's secret: 1 to {@value #MAX_API_SECRET_BYTES} printable ASCII
 *     characters, blanks only within. LiveKit asks for 32 at least (RFC 7518 §3.2); fewer are
 *     accepted because its development servers use them
 */
public record LiveKitCredentials(ServerUrl serverUrl, String apiKey, SecretValue apiSecret) {
  /** The longest API key, in characters. */
  public static final int MAX_API_KEY_LENGTH = 256;

  /** The longest API secret, in bytes. */
  public static final int MAX_API_SECRET_BYTES = 1_024;

  /**
   * Checks the key and the secret.
   *
   * @throws InvalidInputException naming {@code apiKey} or {@code apiSecret} and its bound
   */
  public LiveKitCredentials {
    Objects.requireNonNull(serverUrl, "serverUrl");
    Objects.requireNonNull(apiSecret, "apiSecret");
    if (apiKey.isEmpty()
        || apiKey.length() > MAX_API_KEY_LENGTH
        || apiKey.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException(
          "apiKey", "1 to " + MAX_API_KEY_LENGTH + " printable ASCII characters without blanks");
    }
    if (!validSecret(apiSecret)) {
      throw new InvalidInputException(
          "apiSecret",
          "1 to "
              + MAX_API_SECRET_BYTES
              + " printable ASCII characters, with no blank at either end");
    }
  }

  /**
   * The credentials of a server.
   *
   * @throws InvalidInputException naming the argument and its bound
   */
  public static LiveKitCredentials of(String serverUrl, String apiKey, SecretValue apiSecret) {
    return new LiveKitCredentials(ServerUrl.of(serverUrl), apiKey, apiSecret);
  }

  private static boolean validSecret(SecretValue secret) {
    int length = secret.length();
    if (length == 0 || length > MAX_API_SECRET_BYTES) {
      return false;
    }
    byte[] bytes = secret.bytes(SecretAccess.get());
    try {
      boolean printable = true;
      for (byte b : bytes) {
        printable &= b >= ' ' && b <= '~';
      }
      return printable && bytes[0] != ' ' && bytes[length - 1] != ' ';
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
