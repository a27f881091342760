package io.tenantkit.livekit;

/** What sort of participant a token makes, as LiveKit's {@code kind} claim names it. */
public enum ParticipantKind {
  /** A person's client; what a token without a kind makes. */
  STANDARD("standard"),
  /** Media that comes in by ingress. */
  INGRESS("ingress"),
  /** A recorder. */
  EGRESS("egress"),
  /** A telephone call. */
  SIP("sip"),
  /** An agent. */
  AGENT("agent"),
  /** A connector to another service's call. */
  CONNECTOR("connector"),
  /** A bridge to another medium. */
  BRIDGE("bridge");

  private final String claim;

  ParticipantKind(String claim) {
    this.claim = claim;
  }

  /** The name within a token. */
  public String claim() {
    return claim;
  }

  /** The kind of this name; an unknown one counts as standard, as it does for the server. */
  static ParticipantKind ofClaim(String claim) {
    for (ParticipantKind kind : values()) {
      if (kind.claim.equals(claim)) {
        return kind;
      }
    }
    return STANDARD;
  }
}
