package io.tenantkit.livekit;

/**
 * The yes-or-no grants of a token's {@code video} claim. Each is set to yes, set to no, or absent;
 * what absence means is the server's to say and differs ({@link VideoGrants#allows}).
 */
public enum VideoPermission {
  /** Join the room that the token names. */
  ROOM_JOIN("roomJoin"),
  /** Create rooms, and delete any room. */
  ROOM_CREATE("roomCreate"),
  /** List all rooms of the server. */
  ROOM_LIST("roomList"),
  /** Record rooms. */
  ROOM_RECORD("roomRecord"),
  /** Moderate the room that the token names. */
  ROOM_ADMIN("roomAdmin"),
  /** Manage ingress. */
  INGRESS_ADMIN("ingressAdmin"),
  /** Publish tracks; yes unless the token says no. */
  CAN_PUBLISH("canPublish"),
  /** Subscribe to tracks; yes unless the token says no. */
  CAN_SUBSCRIBE("canSubscribe"),
  /** Publish data; as {@link #CAN_PUBLISH} unless the token says otherwise. */
  CAN_PUBLISH_DATA("canPublishData"),
  /** Change its own name, metadata and attributes, also those that came in the token. */
  CAN_UPDATE_OWN_METADATA("canUpdateOwnMetadata"),
  /** Subscribe to the server's metrics. */
  CAN_SUBSCRIBE_METRICS("canSubscribeMetrics"),
  /** Manage an agent's session. */
  CAN_MANAGE_AGENT_SESSION("canManageAgentSession"),
  /** Be invisible to the others. */
  HIDDEN("hidden"),
  /** Count as a recorder. */
  RECORDER("recorder"),
  /** Register as an agent worker, and count as an agent in a room. */
  AGENT("agent");

  private final String claim;

  VideoPermission(String claim) {
    this.claim = claim;
  }

  /** The name within a token. */
  public String claim() {
    return claim;
  }
}
