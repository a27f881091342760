package io.tenantkit;

/**
 * The caller's context does not allow the operation: a scope is missing, or the environment is out
 * of reach.
 */
public final class AccessDeniedException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  /** What is missing; safe to show to the caller, who could have read it in the documentation. */
  public AccessDeniedException(String message) {
    super(ErrorCode.ACCESS_DENIED, message);
  }
}
