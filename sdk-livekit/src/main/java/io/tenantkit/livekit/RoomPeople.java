package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Who is in a room, and putting them out, with a token for that room alone. Safe for use by several
 * threads; blocks on the server.
 */
final class RoomPeople {
  private static final String CALLER = "tenantkit";
  private static final String SERVICE = "RoomService";

  /** Of what a server may say, so that there is a time for it. */
  private static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

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

  /**
   * Somebody in a room.
   *
   * @param standard whether it is a person's client, and none of the server's own participants
   * @param joinedAt by the server's clock; long ago when it does not tell
   */
  record There(String identity, boolean standard, Instant joinedAt) {}

  /** Which rooms there are: of these names, or of all when none are given. */
  Set<String> live(TenantContext context, Collection<String> names) {
    ObjectNode request = JSON.createObjectNode();
    if (!names.isEmpty()) {
      names.forEach(request.putArray("names")::add);
    }
    JsonNode answer =
        unrecorded.call(
            context,
            new ServerCall(
                SERVICE,
                "ListRooms",
                ApiToken.of(CALLER).grant(VideoPermission.ROOM_LIST),
                request.toString(),
                new Purpose("livekit.rooms.listed", "rooms listed", Map.of())));
    Set<String> rooms = new HashSet<>();
    answer.path("rooms").forEach(each -> rooms.add(each.path("name").asText("")));
    return rooms;
  }

  /** Who is in a room; nobody when there is no such room. */
  List<There> in(TenantContext context, String room) {
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
        return List.of();
      }
      throw e;
    }
    List<There> all = new ArrayList<>();
    answer.path("participants").forEach(each -> all.add(there(each)));
    return all;
  }

  private static There there(JsonNode json) {
    String kind = json.path("kind").asText("").toLowerCase(Locale.ROOT);
    long seconds = json.has("joinedAt") ? json.path("joinedAt").asLong(0) : 0;
    if (seconds == 0) {
      seconds = json.path("joined_at").asLong(0);
    }
    return new There(
        json.path("identity").asText(""),
        ParticipantKind.ofClaim(kind) == ParticipantKind.STANDARD,
        Instant.ofEpochSecond(Math.max(0, Math.min(seconds, LAST_SECOND))));
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
