package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;

/** Why a LiveKit server did not do what it was asked for. */
public enum ServerFailure {
  /** It does not accept the tenant's credentials, or they may not do this. */
  REFUSED(ErrorCode.LIVEKIT_REFUSED, "the LiveKit server refuses the credentials"),
  /** A token that somebody else signed has run out; the server was not asked. */
  EXPIRED(ErrorCode.LIVEKIT_REFUSED, "the token for the LiveKit server has expired"),
  /** No such room, participant, track or the like. */
  NOT_FOUND(ErrorCode.NOT_FOUND, "the LiveKit server knows no such thing"),
  /** It says that the request is not right. */
  INVALID(ErrorCode.LIVEKIT_FAILED, "the LiveKit server refuses the request"),
  /** It exists already, or the state does not allow it. */
  CONFLICT(ErrorCode.CONFLICT, "the LiveKit server's state does not allow it"),
  /** A limit of the server or of its plan. */
  EXHAUSTED(ErrorCode.LIVEKIT_FAILED, "the LiveKit server is at a limit"),
  /** This server does not have it: a feature of LiveKit Cloud, or of a later version. */
  UNSUPPORTED(ErrorCode.LIVEKIT_FAILED, "the LiveKit server does not have this"),
  /** It is not able to now; of some calls, also because the room is not there. */
  UNAVAILABLE(ErrorCode.EGRESS_FAILED, "the LiveKit server is not able to now"),
  /** It failed. */
  FAILED(ErrorCode.LIVEKIT_FAILED, "the LiveKit server failed"),
  /**
   * The other end of a telephone call did not take it, or the way there failed; {@link
   * LiveKitException#sipStatus} says which.
   */
  CALL_FAILED(ErrorCode.LIVEKIT_FAILED, "the telephone call failed"),
  /** What answers is no LiveKit server. */
  NO_LIVEKIT(ErrorCode.LIVEKIT_FAILED, "what answers is no LiveKit server");

  private final ErrorCode code;
  private final String sentence;

  ServerFailure(ErrorCode code, String sentence) {
    this.code = code;
    this.sentence = sentence;
  }

  ErrorCode code() {
    return code;
  }

  String sentence() {
    return sentence;
  }
}
