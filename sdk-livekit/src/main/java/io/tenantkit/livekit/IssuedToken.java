package io.tenantkit.livekit;

import io.tenantkit.secret.SecretValue;
import java.time.Instant;
import java.util.Objects;

/**
 * A signed token and what its holder needs beside it. The token is a credential until it expires:
 * hence a {@link SecretValue}, which prints redacted, is refused by JSON libraries and is read with
 * {@code jwt().string(SecretAccess.get())} where it is handed to the client that may use it.
 *
 * <p>LiveKit's server takes tokens of up to a megabyte, but proxies commonly refuse request lines
 * and headers over 8 KB, and browsers carry the token there: long metadata belongs elsewhere.
 *
 * @param jwt the token, ASCII text of at most {@value LiveKitTokenIssuer#MAX_TOKEN_LENGTH}
 *     characters
 * @param serverUrl the server that accepts it
 * @param expiresAt {@code exp}, to the second
 * @param room the room that it joins
 * @param identity the identity under which it joins
 * @param id {@code jti}, unique, as the audit trail has it
 */
public record IssuedToken(
    SecretValue jwt,
    ServerUrl serverUrl,
    Instant expiresAt,
    String room,
    String identity,
    String id)
    implements AutoCloseable {

  /** Checks that all is there. */
  public IssuedToken {
    Objects.requireNonNull(jwt, "jwt");
    Objects.requireNonNull(serverUrl, "serverUrl");
    Objects.requireNonNull(expiresAt, "expiresAt");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(id, "id");
  }

  /** Wipes the token. */
  @Override
  public void close() {
    jwt.close();
  }
}
