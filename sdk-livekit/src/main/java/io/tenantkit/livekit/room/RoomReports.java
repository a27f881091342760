package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.ServerCalls;

/**
 * Rooms, participants and tracks as a server writes them in JSON, also outside of answers, and the
 * rooms of servers that were replaced. For upper modules; hosts do not need it. Unknown fields are
 * passed over, and what is missing is empty. Stateless.
 */
public final class RoomReports {
  private RoomReports() {}

  /** The rooms of another server than the current one: {@link ServerCalls#replaced}. */
  public static LiveKitRooms rooms(ServerCalls calls) {
    return new DefaultLiveKitRooms(calls);
  }

  /** A room. */
  public static Room room(JsonNode json) {
    return Answers.room(json);
  }

  /** A participant. */
  public static Participant participant(JsonNode json) {
    return Answers.participant(json);
  }

  /** A track. */
  public static Track track(JsonNode json) {
    return Answers.track(json);
  }
}
