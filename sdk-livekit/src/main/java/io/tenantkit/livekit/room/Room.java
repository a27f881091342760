package io.tenantkit.livekit.room;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A room as its server tells of it. What the server keeps of its own (its TURN password) is not
 * here. Immutable.
 *
 * @param sid the server's id of this room, another one when a room of that name is made again
 * @param name the name
 * @param metadata text for all clients, may be empty
 * @param createdAt when it was made
 * @param emptyTimeout how long it stays when nobody has come
 * @param departureTimeout how long it stays when all have left
 * @param maxParticipants how many may be in it; 0 for any number
 * @param participants how many are in it, as of the server's last count
 * @param publishers how many of them publish
 * @param recording whether it is being recorded
 */
public record Room(
    String sid,
    String name,
    String metadata,
    Instant createdAt,
    Duration emptyTimeout,
    Duration departureTimeout,
    int maxParticipants,
    int participants,
    int publishers,
    boolean recording) {
  /** Checks that all is there. */
  public Room {
    Objects.requireNonNull(sid, "sid");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(emptyTimeout, "emptyTimeout");
    Objects.requireNonNull(departureTimeout, "departureTimeout");
  }

  /** Name and counts; not the metadata, which may be personal. */
  @Override
  public String toString() {
    return "Room[" + name + ", participants=" + participants + "]";
  }
}
