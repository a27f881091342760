package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who is in a room, and putting them out, with a token for that room alone. Safe for use by several
 * threads; blocks on the server.
 */
final class RoomPeople {
  private static final String CALLER = "tenantkit";
  private static final String SERVICE = "RoomService";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerCalls calls;
  private final ServerCalls unrecorded;

  /**
   * Over these calls.
   *
   * @param calls leave an event each
   * @param unrecorded leave none: rooms are looked at again and again
   */
  RoomPeople(ServerCalls calls, ServerCalls unrecorded) {
    this.calls = calls;
    this.unrecorded = unrecorded;
  }

  /** The identities in a room; none when there is no such room. */
  Set<String> in(TenantContext context, String room) {
    Purpose purpose =
        new Purpose("livekit.participants.listed", "participants listed", Map.of("room", room));
    JsonNode answer;
    try {
      answer =
          unrecorded.call(
              context,
              new ServerCall(
                  SERVICE,
                  "ListParticipants",
                  within(room),
                  JSON.createObjectNode().put("room", room).toString(),
                  purpose));
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        return Set.of();
      }
      throw e;
    }
    Set<String> identities = new HashSet<>();
    answer.path("participants").forEach(each -> identities.add(each.path("identity").asText("")));
    return identities;
  }

  /** Puts somebody out; whether they were there. */
  boolean remove(TenantContext context, String room, String identity) {
    Purpose purpose =
        new Purpose(
            "livekit.participant.removed",
            "participant removed: revoked",
            Map.of("room", room, "identity", identity));
    String request = JSON.createObjectNode().put("room", room).put("identity", identity).toString();
    try {
      calls.call(
          context, new ServerCall(SERVICE, "RemoveParticipant", within(room), request, purpose));
      return true;
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private static ApiToken within(String room) {
    return ApiToken.inRoom(room, CALLER).grant(VideoPermission.ROOM_ADMIN);
  }
}
