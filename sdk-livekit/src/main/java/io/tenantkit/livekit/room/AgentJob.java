package io.tenantkit.livekit.room;

import java.time.Instant;
import java.util.Objects;

/**
 * That a worker took an agent's job, as its server tells. Immutable.
 *
 * @param id the server's id
 * @param state how it stands, as far as the server knows. LiveKit's own server tells how it stood
 *     when the worker took it, and never again: of a job that failed or ended since, too, it says
 *     {@link State#RUNNING}. Whether the agent is there, {@link LiveKitRooms#participants} tells.
 * @param identity as whom the agent joins, may be empty
 * @param startedAt since when, by the server's clock
 */
public record AgentJob(String id, State state, String identity, Instant startedAt) {
  /** How a job stands. */
  public enum State {
    /** No worker has begun it. */
    PENDING,
    /** A worker took it. */
    RUNNING,
    /** It ended well. */
    SUCCEEDED,
    /** It ended otherwise. */
    FAILED,
    /** One that is newer than this library. */
    UNKNOWN
  }

  /** Checks that all is there. */
  public AgentJob {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(startedAt, "startedAt");
  }

  /** Whether the server knows that it is over. */
  public boolean ended() {
    return state == State.SUCCEEDED || state == State.FAILED;
  }
}
