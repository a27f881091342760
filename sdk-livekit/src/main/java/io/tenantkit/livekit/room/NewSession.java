package io.tenantkit.livekit.room;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import java.util.List;
import java.util.Objects;

/**
 * A session to be started: a room, the agents in it, and somebody's token for it. Immutable.
 *
 * @param participant who joins, and which room
 * @param config what the room shall be like if it is not there; agents are not named here
 * @param agents who is sent into it, at most 16 with different names
 */
public record NewSession(ParticipantToken participant, RoomConfig config, List<RoomAgent> agents) {
  /** Checks the bounds. */
  public NewSession {
    Objects.requireNonNull(participant, "participant");
    agents = List.copyOf(agents);
    if (!config.agents().isEmpty()) {
      throw new InvalidInputException("config", "no agents; they are the session's");
    }
    if (agents.size() > RoomConfig.MAX_AGENTS
        || agents.stream().map(RoomAgent::name).distinct().count() < agents.size()) {
      throw new InvalidInputException(
          "agents", "at most " + RoomConfig.MAX_AGENTS + ", each name once");
    }
  }

  /** With a room as the server makes it, and these agents. */
  public static NewSession of(ParticipantToken participant, RoomAgent... agents) {
    return new NewSession(participant, RoomConfig.builder().build(), List.of(agents));
  }

  /** With what the room shall be like if it is not there. */
  public NewSession config(RoomConfig wanted) {
    return new NewSession(participant, wanted, agents);
  }
}
