package io.tenantkit.livekit.sip;

/** Whether the media of a call are encrypted (SRTP). */
public enum SipEncryption {
  /** They are not. */
  DISABLE,
  /** They are when the other end can. */
  ALLOW,
  /** They are, or there is no call. */
  REQUIRE,
  /** What a later server says and this library does not know. */
  UNKNOWN
}
