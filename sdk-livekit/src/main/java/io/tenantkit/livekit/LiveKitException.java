package io.tenantkit.livekit;

import io.tenantkit.TenantkitException;

/**
 * A LiveKit server answered, and did not do what it was asked for. The message names the kind of
 * failure and nothing that the server said: that is a tenant's text.
 */
public final class LiveKitException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final ServerFailure failure;

  LiveKitException(ServerFailure failure) {
    super(failure.code(), failure.sentence());
    this.failure = failure;
  }

  /** What kind of failure it is. */
  public ServerFailure failure() {
    return failure;
  }
}
