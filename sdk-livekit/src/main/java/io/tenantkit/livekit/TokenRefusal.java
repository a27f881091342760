package io.tenantkit.livekit;

/** Ends the reading of a token; becomes a {@link TokenVerification.Refused}, never leaves. */
final class TokenRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final TokenVerification.Reason reason;

  TokenRefusal(TokenVerification.Reason reason) {
    // Neither text nor trace: hostile tokens are common, and their text belongs into no log.
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  static TokenRefusal malformed() {
    return new TokenRefusal(TokenVerification.Reason.MALFORMED);
  }

  TokenVerification.Reason reason() {
    return reason;
  }
}
