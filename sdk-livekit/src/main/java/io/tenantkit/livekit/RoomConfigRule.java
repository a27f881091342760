package io.tenantkit.livekit;

/** What tokens and sessions may say of the room that their join creates. */
public enum RoomConfigRule {
  /**
   * Anything that the caller's scopes allow: bounds, metadata, tags, playout, agents, one of the
   * server's presets, and by {@link io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN} recording.
   */
  ANY,
  /**
   * Who shall come, and no more: no preset either, since a preset may bring agents and recordings
   * that the request does not show.
   */
  AGENTS,
  /** Nothing: the room is as the server makes it, and no agent is sent into it. */
  NONE
}
