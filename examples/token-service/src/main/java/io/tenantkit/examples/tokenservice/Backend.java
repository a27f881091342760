package io.tenantkit.examples.tokenservice;

import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.tenant.TenantContext;

/** Who may call, and the tokens of whom. Safe for use by several threads. */
interface Backend extends AutoCloseable {

  /** Judges a caller; takes one of its requests. */
  Admission admit(Caller caller, Route route);

  /** Signs a token. */
  IssuedToken issue(TenantContext context, TokenRequest<?> request);

  /** Judges a token. */
  TokenVerification verify(TenantContext context, String jwt);

  /**
   * Whether storage and vault can be used.
   *
   * @throws io.tenantkit.TenantkitException when they cannot
   */
  void requireUsable();

  @Override
  void close();
}
