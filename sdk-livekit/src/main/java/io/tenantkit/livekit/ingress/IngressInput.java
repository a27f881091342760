package io.tenantkit.livekit.ingress;

/** How media come in. */
public enum IngressInput {
  /** An encoder sends by RTMP. */
  RTMP,
  /** An encoder sends by WHIP (RFC 9725), that is WebRTC. */
  WHIP,
  /** The server fetches a file or an HLS stream. */
  URL,
  /** What a later server says and this library does not know. */
  UNKNOWN
}
