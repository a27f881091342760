package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Rooms, participants and tracks as a server writes them in JSON, also outside of answers. For
 * upper modules; hosts do not need it. Unknown fields are passed over, and what is missing is
 * empty. Stateless.
 */
public final class RoomReports {
  private RoomReports() {}

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
