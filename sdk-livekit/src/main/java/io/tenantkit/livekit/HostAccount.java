package io.tenantkit.livekit;

import io.tenantkit.tenant.Operator;

/**
 * The host's own LiveKit account, for administration: apart from all tenants, whose calls do not
 * reach it. Given to {@link LiveKit.Builder#hostAccount}. The trail is organizations' and tells
 * nothing of it; a host that wants to know keeps the tokens' ids. Safe for use by several threads.
 */
public interface HostAccount {
  /** The server. */
  ServerUrl serverUrl();

  /** The key's public id. */
  String apiKey();

  /**
   * Signs a token for the host's own server; no policy holds it, but for the bounds of {@link
   * TokenRequest} and {@link LiveKitTokenIssuer#MAX_TOKEN_LENGTH}. Does not block.
   *
   * @throws io.tenantkit.InvalidInputException when the token would be longer
   */
  IssuedToken issue(Operator operator, TokenRequest<?> request);

  /** Asks the server whether it takes the credentials. Blocks for at most 5 seconds. */
  LiveKitCheck check(Operator operator);
}
