package io.tenantkit.livekit.room;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * That an agent was sent into a room, as its server tells. Immutable.
 *
 * @param id the server's id
 * @param room the room
 * @param agentName which agent
 * @param metadata text for its job, may be empty
 * @param createdAt since when
 * @param jobs ids of the jobs that workers took
 */
public record AgentDispatch(
    String id,
    String room,
    String agentName,
    String metadata,
    Instant createdAt,
    List<String> jobs) {
  /** Checks that all is there. */
  public AgentDispatch {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(agentName, "agentName");
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(createdAt, "createdAt");
    jobs = List.copyOf(jobs);
  }

  /** Id, agent and room; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "AgentDispatch[" + id + ", " + agentName + " in " + room + "]";
  }
}
