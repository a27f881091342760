package io.tenantkit.livekit.sip;

import io.tenantkit.livekit.spi.RequestTexts;
import io.tenantkit.secret.SecretValue;
import java.util.Objects;

/**
 * A user and password at a telephone provider. The password goes to the tenant's server in the body
 * of the call; it stays the caller's to close.
 *
 * @param username 1 to 256 bytes
 * @param password as the provider has it
 */
public record SipAuth(String username, SecretValue password) {
  /** Checks the bound. */
  public SipAuth {
    RequestTexts.name("username", username, 256);
    Objects.requireNonNull(password, "password");
  }

  /** Neither. */
  @Override
  public String toString() {
    return "SipAuth[redacted]";
  }
}
