package io.tenantkit.oidc;

import java.io.Serial;

/** Carries a reason out of the reading of a token; nothing of the token, and no stack trace. */
final class LoginRefusal extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final OidcResult.Reason reason;

  LoginRefusal(OidcResult.Reason reason) {
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  static LoginRefusal malformed() {
    return new LoginRefusal(OidcResult.Reason.MALFORMED);
  }

  OidcResult.Reason reason() {
    return reason;
  }
}
