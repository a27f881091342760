package io.tenantkit.livekit.room;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * That an agent was sent into a room, as its server tells. Immutable.
 *
 * @param id the server's id
 * @param room the room
 * @param agentName which agent
 * @param metadata text for its job, may be empty
 * @param attributes texts by name for its job
 * @param createdAt since when, by the server's clock
 * @param jobs what workers took: none when there was no worker as it was sent, since nobody who
 *     registers later is given it
 */
public record AgentDispatch(
    String id,
    String room,
    String agentName,
    String metadata,
    Map<String, String> attributes,
    Instant createdAt,
    List<AgentJob> jobs) {
  /** Checks that all is there. */
  public AgentDispatch {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(agentName, "agentName");
    Objects.requireNonNull(metadata, "metadata");
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    Objects.requireNonNull(createdAt, "createdAt");
    jobs = List.copyOf(jobs);
  }

  /** Id, agent and room; not the metadata or attributes, which may be personal. */
  @Override
  public String toString() {
    return "AgentDispatch[" + id + ", " + agentName + " in " + room + "]";
  }
}
