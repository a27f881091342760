package io.tenantkit.vault.egress;

import io.tenantkit.TenantkitException;

/**
 * A call to an outside service brought no answer. Its message names the kind and nothing of the
 * request; it has no cause, since those of an HTTP client quote hosts, addresses and headers.
 */
public final class EgressException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final EgressFailure failure;

  EgressException(EgressFailure failure) {
    super(failure.code(), failure.sentence());
    this.failure = failure;
  }

  EgressException(EgressFailure failure, String detail) {
    super(failure.code(), failure.sentence() + ": " + detail);
    this.failure = failure;
  }

  /** What kind of failure it is. */
  public EgressFailure failure() {
    return failure;
  }
}
