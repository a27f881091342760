package io.tenantkit.vault.egress;

import io.tenantkit.ErrorCode;

/** Why a call to an outside service brought no answer. */
public enum EgressFailure {
  /** The name or literal stands for an address that may not be called. Nothing was sent. */
  BLOCKED_ADDRESS(ErrorCode.EGRESS_REFUSED, "the address lies in a network that may not be called"),
  /** The URL's form, scheme, host or port is not one that may be called. Nothing was sent. */
  BLOCKED_URL(ErrorCode.EGRESS_REFUSED, "the URL is not one that may be called"),
  /** No such name, nobody listens, the connection broke, or what answered is not HTTP. */
  UNREACHABLE(ErrorCode.EGRESS_FAILED, "the service was not reached"),
  /** The service was too slow, as a whole or between two bytes. It may have got the request. */
  TIMEOUT(ErrorCode.EGRESS_FAILED, "the service did not answer in time"),
  /** No secure connection: a certificate that is not trusted, or not this host's. */
  TLS(ErrorCode.EGRESS_FAILED, "no secure connection to the service"),
  /** The answer is longer than allowed, and the request asked for all of it. */
  TOO_LARGE(ErrorCode.EGRESS_FAILED, "the answer is longer than allowed"),
  /** As many calls as allowed are under way, and none ended in time. Nothing was sent. */
  BUSY(ErrorCode.EGRESS_FAILED, "too many calls are under way");

  private final ErrorCode code;
  private final String sentence;

  EgressFailure(ErrorCode code, String sentence) {
    this.code = code;
    this.sentence = sentence;
  }

  /** The code that the error carries. */
  public ErrorCode code() {
    return code;
  }

  /** Whether the guard refused the target, so that the same call never succeeds. */
  public boolean isRefusal() {
    return code == ErrorCode.EGRESS_REFUSED;
  }

  String sentence() {
    return sentence;
  }
}
