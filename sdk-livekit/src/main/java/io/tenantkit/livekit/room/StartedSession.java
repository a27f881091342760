package io.tenantkit.livekit.room;

import io.tenantkit.livekit.IssuedToken;
import java.util.List;
import java.util.Objects;

/**
 * A session that was started.
 *
 * @param room the room
 * @param agents who was sent into it, also by an earlier call
 * @param token for the participant
 */
public record StartedSession(Room room, List<AgentDispatch> agents, IssuedToken token)
    implements AutoCloseable {
  /** Checks that all is there. */
  public StartedSession {
    Objects.requireNonNull(room, "room");
    agents = List.copyOf(agents);
    Objects.requireNonNull(token, "token");
  }

  /** Wipes the token. The session goes on. */
  @Override
  public void close() {
    token.close();
  }
}
