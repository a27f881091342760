package io.tenantkit.livekit;

/**
 * A wish for an agent's token: it joins one room as an agent, in the shape that LiveKit's server
 * gives the agents it starts itself. That is kind {@code agent}, the {@code agent} grant, and yes
 * to publish, subscribe, publish data, update its own metadata and subscribe to metrics, each of
 * which can be taken away. An agent neither counts against a room's limit nor keeps a room alive.
 *
 * <p>With the {@code agent} grant its bearer can also register as a worker for any agent name of
 * that server and so receive others' jobs: hand it to agents, never to a browser. So it needs
 * {@link io.tenantkit.tenant.Scopes#LIVEKIT_AGENT} when it is issued.
 *
 * <p>The server asks for a worker's token when it registers and never again, and signs the tokens
 * of its jobs itself, under identities of its own. So a revocation puts the bearer out of the
 * token's room and leaves a worker at work: what ends one is a new key pair on the server, or its
 * process's end.
 */
public final class AgentToken extends JoinToken<AgentToken> {
  /** The attribute in which LiveKit looks for the agent's name. */
  public static final String AGENT_NAME_ATTRIBUTE = "lk.agent_name";

  private AgentToken(TokenSpec spec) {
    super(spec);
  }

  /** A token that joins this room under this identity, bounded as for {@link ParticipantToken}. */
  public static AgentToken join(String room, String identity) {
    TokenSpec spec = TokenSpec.join(ParticipantKind.AGENT, room, identity);
    VideoGrants video =
        spec.video()
            .with(VideoPermission.AGENT, true)
            .with(VideoPermission.CAN_PUBLISH, true)
            .with(VideoPermission.CAN_SUBSCRIBE, true)
            .with(VideoPermission.CAN_PUBLISH_DATA, true)
            .with(VideoPermission.CAN_UPDATE_OWN_METADATA, true)
            .with(VideoPermission.CAN_SUBSCRIBE_METRICS, true);
    return new AgentToken(spec.withVideo(video));
  }

  /** The agent's name as jobs are dispatched to it: 1 to 256 bytes, kept as an attribute. */
  public AgentToken agentName(String agentName) {
    BoundedText.requireName("agentName", agentName, MAX_NAME_BYTES);
    return attribute(AGENT_NAME_ATTRIBUTE, agentName);
  }

  /** May have models infer on the account of the project. */
  public AgentToken inference() {
    return with(spec.with(spec.more().with(ServiceGrant.INFERENCE_PERFORM)));
  }

  /** May write traces and recordings of its sessions. */
  public AgentToken observability() {
    return with(spec.with(spec.more().with(ServiceGrant.OBSERVABILITY_WRITE)));
  }

  @Override
  AgentToken with(TokenSpec changed) {
    return new AgentToken(changed);
  }
}
