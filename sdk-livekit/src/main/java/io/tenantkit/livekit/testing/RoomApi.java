package io.tenantkit.livekit.testing;

import com.google.protobuf.Message;
import java.util.Map;
import java.util.Optional;
import livekit.LivekitAgentDispatch.RoomAgentDispatch;
import livekit.LivekitModels;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitModels.ParticipantInfo;
import livekit.LivekitRoom.CreateRoomRequest;
import livekit.LivekitRoom.DeleteRoomRequest;
import livekit.LivekitRoom.DeleteRoomResponse;
import livekit.LivekitRoom.ForwardParticipantRequest;
import livekit.LivekitRoom.ListParticipantsRequest;
import livekit.LivekitRoom.ListParticipantsResponse;
import livekit.LivekitRoom.ListRoomsRequest;
import livekit.LivekitRoom.ListRoomsResponse;
import livekit.LivekitRoom.MoveParticipantRequest;
import livekit.LivekitRoom.MuteRoomTrackRequest;
import livekit.LivekitRoom.MuteRoomTrackResponse;
import livekit.LivekitRoom.PerformRpcRequest;
import livekit.LivekitRoom.RemoveParticipantResponse;
import livekit.LivekitRoom.RoomParticipantIdentity;
import livekit.LivekitRoom.SendDataRequest;
import livekit.LivekitRoom.SendDataResponse;
import livekit.LivekitRoom.UpdateParticipantRequest;
import livekit.LivekitRoom.UpdateRoomMetadataRequest;
import livekit.LivekitRoom.UpdateSubscriptionsRequest;
import livekit.LivekitRoom.UpdateSubscriptionsResponse;
import org.jspecify.annotations.Nullable;

/** The methods for rooms and participants: checks in the server's order, and its words. */
final class RoomApi {
  private static final String SERVICE = "RoomService";
  private static final int NONCE = 16;

  private final World world;

  RoomApi(World world) {
    this.world = world;
  }

  void register(Twirp twirp) {
    twirp.add(SERVICE, "CreateRoom", CreateRoomRequest.getDefaultInstance(), this::create);
    twirp.add(SERVICE, "ListRooms", ListRoomsRequest.getDefaultInstance(), this::list);
    twirp.add(SERVICE, "DeleteRoom", DeleteRoomRequest.getDefaultInstance(), this::delete);
    twirp.add(
        SERVICE,
        "ListParticipants",
        ListParticipantsRequest.getDefaultInstance(),
        this::participants);
    twirp.add(
        SERVICE, "GetParticipant", RoomParticipantIdentity.getDefaultInstance(), this::participant);
    twirp.add(
        SERVICE, "RemoveParticipant", RoomParticipantIdentity.getDefaultInstance(), this::remove);
    twirp.add(SERVICE, "MutePublishedTrack", MuteRoomTrackRequest.getDefaultInstance(), this::mute);
    twirp.add(
        SERVICE, "UpdateParticipant", UpdateParticipantRequest.getDefaultInstance(), this::update);
    twirp.add(
        SERVICE,
        "UpdateSubscriptions",
        UpdateSubscriptionsRequest.getDefaultInstance(),
        this::subscribe);
    twirp.add(SERVICE, "SendData", SendDataRequest.getDefaultInstance(), this::send);
    twirp.add(
        SERVICE,
        "UpdateRoomMetadata",
        UpdateRoomMetadataRequest.getDefaultInstance(),
        this::updateMetadata);
    twirp.add(
        SERVICE,
        "ForwardParticipant",
        ForwardParticipantRequest.getDefaultInstance(),
        (request, grants) ->
            elsewhere(
                grants, request.getRoom(), request.getIdentity(), request.getDestinationRoom()));
    twirp.add(
        SERVICE,
        "MoveParticipant",
        MoveParticipantRequest.getDefaultInstance(),
        (request, grants) ->
            elsewhere(
                grants, request.getRoom(), request.getIdentity(), request.getDestinationRoom()));
    twirp.add(SERVICE, "PerformRpc", PerformRpcRequest.getDefaultInstance(), this::perform);
  }

  static void requireAdmin(Optional<Grants> grants, String room) throws Fault {
    if (grants.filter(held -> held.administers(room)).isEmpty()) {
      throw Fault.denied();
    }
  }

  private static void require(Optional<Grants> grants, String name) throws Fault {
    if (grants.filter(held -> held.may(name)).isEmpty()) {
      throw Fault.denied();
    }
  }

  /** The limit is said twice, as the server says it. */
  private static void requireData(boolean tooLong, String what, int limit) throws Fault {
    if (tooLong) {
      throw new Fault("invalid_argument", what + " exceeds limits " + limit);
    }
  }

  private static void requireMetadata(String metadata) throws Fault {
    requireData(Limits.tooLong(metadata, World.MAX_METADATA), "metadata size", World.MAX_METADATA);
  }

  private LivekitModels.Room create(CreateRoomRequest request, Optional<Grants> grants)
      throws Fault {
    require(grants, "roomCreate");
    if (Limits.tooLong(request.getName(), World.MAX_NAME)) {
      throw Fault.inner(
          "invalid_argument", "room name length exceeds limits: max length " + World.MAX_NAME);
    }
    requireMetadata(request.getMetadata());
    for (RoomAgentDispatch agent : request.getAgentsList()) {
      requireMetadata(agent.getMetadata());
      requireData(
          Limits.tooLong(NewerFields.attributes(agent)), "attribute size", World.MAX_ATTRIBUTES);
    }
    return world.open(request).proto();
  }

  private ListRoomsResponse list(ListRoomsRequest request, Optional<Grants> grants) throws Fault {
    require(grants, "roomList");
    ListRoomsResponse.Builder answer = ListRoomsResponse.newBuilder();
    for (LiveRoom room : world.rooms.values()) {
      if (request.getNamesCount() == 0 || request.getNamesList().contains(room.name)) {
        answer.addRooms(room.proto());
      }
    }
    return answer.build();
  }

  private DeleteRoomResponse delete(DeleteRoomRequest request, Optional<Grants> grants)
      throws Fault {
    require(grants, "roomCreate");
    world.close(there(request.getRoom()), DisconnectReason.ROOM_DELETED);
    return DeleteRoomResponse.getDefaultInstance();
  }

  private LiveRoom there(String name) throws Fault {
    @Nullable LiveRoom room = world.room(name);
    if (room == null) {
      throw Fault.inner("not_found", "requested room does not exist");
    }
    return room;
  }

  private ListParticipantsResponse participants(
      ListParticipantsRequest request, Optional<Grants> grants) throws Fault {
    requireAdmin(grants, request.getRoom());
    ListParticipantsResponse.Builder answer = ListParticipantsResponse.newBuilder();
    @Nullable LiveRoom room = world.room(request.getRoom());
    if (room != null) {
      room.participants.values().forEach(each -> answer.addParticipants(each.proto()));
    }
    return answer.build();
  }

  private ParticipantInfo participant(RoomParticipantIdentity request, Optional<Grants> grants)
      throws Fault {
    requireAdmin(grants, request.getRoom());
    return known(request.getRoom(), request.getIdentity()).proto();
  }

  private RemoveParticipantResponse remove(RoomParticipantIdentity request, Optional<Grants> grants)
      throws Fault {
    requireAdmin(grants, request.getRoom());
    world.remove(
        known(request.getRoom(), request.getIdentity()), DisconnectReason.PARTICIPANT_REMOVED);
    return RemoveParticipantResponse.getDefaultInstance();
  }

  private FakeParticipant known(String room, String identity) throws Fault {
    return world
        .participant(room, identity)
        .orElseThrow(() -> Fault.inner("not_found", "participant does not exist"));
  }

  /** Where the server asks the participant's own node, which is not there when nobody is. */
  private FakeParticipant reached(String room, String identity) throws Fault {
    return world.participant(room, identity).orElseThrow(Fault::noResponse);
  }

  private MuteRoomTrackResponse mute(MuteRoomTrackRequest request, Optional<Grants> grants)
      throws Fault {
    requireAdmin(grants, request.getRoom());
    FakeParticipant participant = reached(request.getRoom(), request.getIdentity());
    if (!request.getMuted() && !world.remoteUnmute) {
      throw Fault.inner("failed_precondition", "remote unmute not enabled");
    }
    MuteRoomTrackResponse.Builder answer = MuteRoomTrackResponse.newBuilder();
    participant.setMuted(request.getTrackSid(), request.getMuted()).ifPresent(answer::setTrack);
    return answer.build();
  }

  private ParticipantInfo update(UpdateParticipantRequest request, Optional<Grants> grants)
      throws Fault {
    requireData(Limits.tooLong(request.getName(), World.MAX_NAME), "name length", World.MAX_NAME);
    requireMetadata(request.getMetadata());
    Map<String, String> attributes = request.getAttributesMap();
    requireData(Limits.tooLong(attributes), "attribute size", World.MAX_ATTRIBUTES);
    requireAdmin(grants, request.getRoom());
    FakeParticipant participant = known(request.getRoom(), request.getIdentity());
    participant.grants =
        participant.grants.with(request.getName(), request.getMetadata(), attributes);
    if (request.hasPermission()) {
      participant.permit(request.getPermission());
    }
    return participant.proto();
  }

  private UpdateSubscriptionsResponse subscribe(
      UpdateSubscriptionsRequest request, Optional<Grants> grants) throws Fault {
    requireAdmin(grants, request.getRoom());
    reached(request.getRoom(), request.getIdentity());
    return UpdateSubscriptionsResponse.getDefaultInstance();
  }

  private SendDataResponse send(SendDataRequest request, Optional<Grants> grants) throws Fault {
    requireAdmin(grants, request.getRoom());
    int nonce = request.getNonce().size();
    if (nonce != 0 && nonce != NONCE) {
      throw new Fault(
          "invalid_argument", "nonce should be 16-bytes or not present, got: " + nonce + " bytes");
    }
    @Nullable LiveRoom room = world.room(request.getRoom());
    if (room == null) {
      throw Fault.noResponse();
    }
    ReceivedData data =
        new ReceivedData(
            Optional.empty(),
            request.hasTopic() ? Optional.of(request.getTopic()) : Optional.empty(),
            request.getData().toByteArray());
    for (FakeParticipant each : room.participants.values()) {
      if (isFor(request, each)) {
        each.receive(data);
      }
    }
    return SendDataResponse.getDefaultInstance();
  }

  @SuppressWarnings("deprecation") // Older clients name the sids.
  private static boolean isFor(SendDataRequest request, FakeParticipant each) {
    return (request.getDestinationIdentitiesCount() == 0 && request.getDestinationSidsCount() == 0)
        || request.getDestinationIdentitiesList().contains(each.identity())
        || request.getDestinationSidsList().contains(each.sid());
  }

  private LivekitModels.Room updateMetadata(
      UpdateRoomMetadataRequest request, Optional<Grants> grants) throws Fault {
    requireMetadata(request.getMetadata());
    requireAdmin(grants, request.getRoom());
    LiveRoom room = there(request.getRoom());
    room.metadata = request.getMetadata();
    return room.proto();
  }

  /** LiveKit Cloud's alone. */
  private Message elsewhere(
      Optional<Grants> grants, String room, String identity, String destination) throws Fault {
    requireAdmin(grants, room);
    if (grants.filter(held -> held.videoOrNone().destinationRoom().equals(destination)).isEmpty()) {
      throw Fault.denied();
    }
    if (room.equals(destination)) {
      throw new Fault("invalid_argument", "destination room cannot be the same as source room ");
    }
    reached(room, identity);
    throw Fault.inner("unknown", "not implemented");
  }

  /** The fake's participants have no methods to call. */
  private Message perform(PerformRpcRequest request, Optional<Grants> grants) throws Fault {
    requireAdmin(grants, request.getRoom());
    if (request.getDestinationIdentity().isEmpty()) {
      throw Fault.inner("invalid_argument", "destination identity is required");
    }
    reached(request.getRoom(), request.getDestinationIdentity());
    throw Fault.inner("unimplemented", "the fake has no remote procedure calls");
  }
}
