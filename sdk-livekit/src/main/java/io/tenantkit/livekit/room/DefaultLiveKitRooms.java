package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

final class DefaultLiveKitRooms implements LiveKitRooms {
  private static final String SERVICE = "RoomService";
  private static final int MAX_NAMES = 1_000;

  /** Within the years of four digits, far from overflow. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private final RoomCalls calls;

  DefaultLiveKitRooms(ServerCalls calls) {
    this.calls = new RoomCalls(calls);
  }

  @Override
  public Room create(TenantContext context, String name, RoomConfig config) {
    context.require(Scopes.LIVEKIT_ADMIN);
    return calls.create(context, name, config);
  }

  @Override
  public List<Room> list(TenantContext context) {
    context.require(Scopes.LIVEKIT_READ);
    return listed(context, RoomCalls.object());
  }

  @Override
  public List<Room> list(TenantContext context, Collection<String> names) {
    context.require(Scopes.LIVEKIT_READ);
    if (names.isEmpty() || names.size() > MAX_NAMES) {
      // To the server, none means all.
      throw new InvalidInputException("names", "1 to " + MAX_NAMES);
    }
    ObjectNode request = RoomCalls.object();
    ArrayNode wanted = request.putArray("names");
    names.forEach(name -> wanted.add(RoomTexts.name("names", name)));
    return listed(context, request);
  }

  private List<Room> listed(TenantContext context, ObjectNode request) {
    JsonNode answer =
        calls.call(
            context,
            SERVICE,
            "ListRooms",
            RoomCalls.everywhere(VideoPermission.ROOM_LIST),
            request,
            new Purpose("livekit.rooms.listed", "list LiveKit rooms", Map.of()));
    return Answers.list(Answers.field(answer, "rooms"), Answers::room);
  }

  @Override
  public Room get(TenantContext context, String name) {
    return list(context, List.of(name)).stream()
        .filter(room -> room.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new NotFoundException("room"));
  }

  @Override
  public void delete(TenantContext context, String name) {
    context.require(Scopes.LIVEKIT_ADMIN);
    calls.call(
        context,
        "DeleteRoom",
        RoomCalls.everywhere(VideoPermission.ROOM_CREATE),
        RoomCalls.object().put("room", RoomTexts.name("room", name)),
        new Purpose("livekit.room.deleted", "delete a LiveKit room", Map.of("room", name)),
        "room");
  }

  @Override
  public Room updateMetadata(TenantContext context, String room, String metadata) {
    RoomTexts.data("metadata", metadata, RoomTexts.MAX_METADATA);
    return Answers.room(
        moderate(
            context,
            "UpdateRoomMetadata",
            request(room).put("metadata", metadata),
            "livekit.room.updated",
            Map.of("room", room),
            "room"));
  }

  @Override
  public List<Participant> participants(TenantContext context, String room) {
    context.require(Scopes.LIVEKIT_READ);
    JsonNode answer =
        within(
            context,
            "ListParticipants",
            request(room),
            "livekit.participants.listed",
            Map.of("room", room),
            "room");
    return Answers.list(Answers.field(answer, "participants"), Answers::participant);
  }

  @Override
  public Participant participant(TenantContext context, String room, String identity) {
    context.require(Scopes.LIVEKIT_READ);
    return Answers.participant(
        within(
            context,
            "GetParticipant",
            request(room, identity),
            "livekit.participant.read",
            about(room, identity),
            "participant"));
  }

  @Override
  public void remove(TenantContext context, String room, String identity) {
    remove(context, request(room, identity), room, identity);
  }

  @Override
  public void remove(TenantContext context, String room, String identity, Instant tokensBefore) {
    long seconds = tokensBefore.getEpochSecond();
    if (seconds < 1 || tokensBefore.isAfter(LATEST)) {
      throw new InvalidInputException("tokensBefore", "after 1970 and before 10000");
    }
    remove(context, request(room, identity).put("revokeTokenTs", seconds), room, identity);
  }

  private void remove(TenantContext context, ObjectNode request, String room, String identity) {
    moderate(
        context,
        "RemoveParticipant",
        request,
        "livekit.participant.removed",
        about(room, identity),
        "participant");
  }

  @Override
  public Track mute(
      TenantContext context, String room, String identity, String trackSid, boolean muted) {
    JsonNode answer =
        moderate(
            context,
            "MutePublishedTrack",
            request(room, identity)
                .put("trackSid", RoomTexts.name("trackSid", trackSid))
                .put("muted", muted),
            muted ? "livekit.track.muted" : "livekit.track.unmuted",
            about(room, identity),
            "track");
    JsonNode track = Answers.field(answer, "track");
    if (!track.isObject()) {
      // Of a track that is not published, a server may as well say nothing.
      throw new NotFoundException("track");
    }
    return Answers.track(track);
  }

  @Override
  public Participant update(
      TenantContext context, String room, String identity, ParticipantChange change) {
    ObjectNode request = request(room, identity);
    change.name().ifPresent(name -> request.put("name", name));
    change.metadata().ifPresent(metadata -> request.put("metadata", metadata));
    if (!change.attributes().isEmpty()) {
      ObjectNode attributes = request.putObject("attributes");
      change.attributes().forEach(attributes::put);
    }
    change.permissions().ifPresent(all -> permissions(request.putObject("permission"), all));
    return Answers.participant(
        moderate(
            context,
            "UpdateParticipant",
            request,
            "livekit.participant.updated",
            about(room, identity),
            "participant"));
  }

  private static void permissions(ObjectNode json, Set<VideoPermission> all) {
    json.put("canPublish", all.contains(VideoPermission.CAN_PUBLISH));
    json.put("canSubscribe", all.contains(VideoPermission.CAN_SUBSCRIBE));
    json.put("canPublishData", all.contains(VideoPermission.CAN_PUBLISH_DATA));
    json.put("canUpdateMetadata", all.contains(VideoPermission.CAN_UPDATE_OWN_METADATA));
    json.put("canSubscribeMetrics", all.contains(VideoPermission.CAN_SUBSCRIBE_METRICS));
    json.put("hidden", all.contains(VideoPermission.HIDDEN));
  }

  @Override
  public void subscribe(
      TenantContext context,
      String room,
      String identity,
      Collection<String> trackSids,
      boolean subscribed) {
    ObjectNode request = request(room, identity).put("subscribe", subscribed);
    ArrayNode tracks = request.putArray("trackSids");
    trackSids.forEach(sid -> tracks.add(RoomTexts.name("trackSids", sid)));
    moderate(
        context,
        "UpdateSubscriptions",
        request,
        "livekit.participant.subscribed",
        about(room, identity),
        "participant");
  }

  @Override
  public void send(TenantContext context, String room, DataMessage message) {
    ObjectNode request =
        request(room)
            .put("data", Base64.getEncoder().encodeToString(message.bytes()))
            .put("kind", message.reliable() ? "RELIABLE" : "LOSSY");
    message.topic().ifPresent(topic -> request.put("topic", topic));
    if (!message.to().isEmpty()) {
      ArrayNode to = request.putArray("destinationIdentities");
      message.to().forEach(to::add);
    }
    moderate(context, "SendData", request, "livekit.data.sent", Map.of("room", room), "room");
  }

  @Override
  public void forward(TenantContext context, String room, String identity, String destinationRoom) {
    elsewhere(
        context,
        "ForwardParticipant",
        "livekit.participant.forwarded",
        room,
        identity,
        destinationRoom);
  }

  @Override
  public void move(TenantContext context, String room, String identity, String destinationRoom) {
    elsewhere(
        context, "MoveParticipant", "livekit.participant.moved", room, identity, destinationRoom);
  }

  private void elsewhere(
      TenantContext context,
      String method,
      String action,
      String room,
      String identity,
      String destinationRoom) {
    context.require(Scopes.LIVEKIT_ADMIN);
    RoomTexts.name("destinationRoom", destinationRoom);
    ObjectNode request = request(room, identity).put("destinationRoom", destinationRoom);
    ApiToken token = RoomCalls.within(room).destinationRoom(destinationRoom);
    Map<String, String> about =
        Map.of("room", room, "identity", identity, "destination", destinationRoom);
    call(
        context, method, token, request, new Purpose(action, reason(action), about), "participant");
  }

  private JsonNode moderate(
      TenantContext context,
      String method,
      ObjectNode request,
      String action,
      Map<String, String> about,
      String sought) {
    context.require(Scopes.LIVEKIT_ADMIN);
    return within(context, method, request, action, about, sought);
  }

  private JsonNode within(
      TenantContext context,
      String method,
      ObjectNode request,
      String action,
      Map<String, String> about,
      String sought) {
    ApiToken token = RoomCalls.within(request.get("room").asText());
    return call(
        context, method, token, request, new Purpose(action, reason(action), about), sought);
  }

  /**
   * Asked about a participant that is not there, or to send into a room that is not there, a server
   * waits for itself and then says that it is not able to. So it is asked once more who is there.
   */
  private JsonNode call(
      TenantContext context,
      String method,
      ApiToken token,
      ObjectNode request,
      Purpose purpose,
      String sought) {
    try {
      return calls.call(context, method, token, request, purpose, sought);
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.UNAVAILABLE) {
        requireThere(context, request);
      }
      throw e;
    }
  }

  private void requireThere(TenantContext context, ObjectNode request) {
    String room = request.get("room").asText();
    JsonNode identity = request.get("identity");
    if (identity == null) {
      ObjectNode names = RoomCalls.object();
      names.putArray("names").add(room);
      if (listed(context, names).isEmpty()) {
        throw new NotFoundException("room");
      }
      return;
    }
    calls.call(
        context,
        "GetParticipant",
        RoomCalls.within(room),
        request(room, identity.asText()),
        new Purpose("livekit.participant.read", "participant read", about(room, identity.asText())),
        "participant");
  }

  /** For people: the action's own words. */
  private static String reason(String action) {
    return action.substring("livekit.".length()).replace('.', ' ');
  }

  private static ObjectNode request(String room) {
    return RoomCalls.object().put("room", RoomTexts.name("room", room));
  }

  private static ObjectNode request(String room, String identity) {
    return request(room).put("identity", RoomTexts.name("identity", identity));
  }

  private static Map<String, String> about(String room, String identity) {
    return Map.of("room", room, "identity", identity);
  }
}
