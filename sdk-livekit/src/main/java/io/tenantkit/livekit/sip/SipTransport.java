package io.tenantkit.livekit.sip;

/** How SIP goes over the network. */
public enum SipTransport {
  /** As the server finds it. */
  AUTO,
  /** UDP. */
  UDP,
  /** TCP. */
  TCP,
  /** TLS. */
  TLS,
  /** What a later server says and this library does not know. */
  UNKNOWN
}
