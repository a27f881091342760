package io.tenantkit.livekit;

import io.tenantkit.TenantkitException;
import java.util.Optional;

/**
 * A LiveKit server answered, and did not do what it was asked for. The message names the kind of
 * failure and nothing that the server said: that is a tenant's text.
 */
public final class LiveKitException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final ServerFailure failure;

  /** 0 for none; what an exception holds must be serializable. */
  private final int sipStatus;

  LiveKitException(ServerFailure failure) {
    super(failure.code(), failure.sentence());
    this.failure = failure;
    this.sipStatus = 0;
  }

  LiveKitException(SipStatus status) {
    super(
        ServerFailure.CALL_FAILED.code(),
        ServerFailure.CALL_FAILED.sentence() + ": SIP status " + status.code());
    this.failure = ServerFailure.CALL_FAILED;
    this.sipStatus = status.code();
  }

  /** What kind of failure it is. */
  public ServerFailure failure() {
    return failure;
  }

  /** How the call ended, when this is about a telephone call. */
  public Optional<SipStatus> sipStatus() {
    return sipStatus == 0 ? Optional.empty() : Optional.of(new SipStatus(sipStatus));
  }
}
