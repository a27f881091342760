package io.tenantkit.livekit.testing;

import java.util.Map;
import java.util.Optional;
import livekit.LivekitAgentDispatch.AgentDispatch;
import livekit.LivekitAgentDispatch.CreateAgentDispatchRequest;
import livekit.LivekitAgentDispatch.DeleteAgentDispatchRequest;
import livekit.LivekitAgentDispatch.ListAgentDispatchRequest;
import livekit.LivekitAgentDispatch.ListAgentDispatchResponse;
import livekit.LivekitRoom.CreateRoomRequest;
import org.jspecify.annotations.Nullable;

/** The methods for agents. */
final class DispatchApi {
  private static final String SERVICE = "AgentDispatchService";

  private final World world;

  DispatchApi(World world) {
    this.world = world;
  }

  void register(Twirp twirp) {
    twirp.add(
        SERVICE, "CreateDispatch", CreateAgentDispatchRequest.getDefaultInstance(), this::create);
    twirp.add(
        SERVICE, "DeleteDispatch", DeleteAgentDispatchRequest.getDefaultInstance(), this::delete);
    twirp.add(SERVICE, "ListDispatch", ListAgentDispatchRequest.getDefaultInstance(), this::list);
  }

  private AgentDispatch create(CreateAgentDispatchRequest request, Optional<Grants> grants)
      throws Fault {
    RoomApi.requireAdmin(grants, request.getRoom());
    String deployment = NewerFields.deployment(request);
    Optional<String> bad = Limits.badDeployment(deployment);
    if (bad.isPresent()) {
      throw Fault.inner("invalid_argument", bad.get());
    }
    if (Limits.tooLong(request.getMetadata(), World.MAX_METADATA)) {
      throw Fault.inner("invalid_argument", "metadata size exceeds limits");
    }
    Map<String, String> attributes = NewerFields.attributes(request);
    if (Limits.tooLong(attributes)) {
      throw Fault.inner("invalid_argument", "attribute size exceeds limits");
    }
    LiveRoom room =
        world.autoCreate
            ? world.open(CreateRoomRequest.newBuilder().setName(request.getRoom()).build())
            : room(request.getRoom());
    return world
        .dispatch(
            room,
            request.getAgentName(),
            request.getMetadata(),
            deployment,
            attributes,
            request.getRestartPolicy())
        .proto();
  }

  private AgentDispatch delete(DeleteAgentDispatchRequest request, Optional<Grants> grants)
      throws Fault {
    RoomApi.requireAdmin(grants, request.getRoom());
    LiveRoom room = room(request.getRoom());
    @Nullable Dispatch dispatch = room.dispatches.get(request.getDispatchId());
    if (dispatch == null) {
      throw Fault.inner("not_found", "dispatch ID not found");
    }
    AgentDispatch answer = dispatch.proto();
    world.recall(room, dispatch);
    return answer;
  }

  private ListAgentDispatchResponse list(ListAgentDispatchRequest request, Optional<Grants> grants)
      throws Fault {
    RoomApi.requireAdmin(grants, request.getRoom());
    ListAgentDispatchResponse.Builder answer = ListAgentDispatchResponse.newBuilder();
    for (Dispatch each : room(request.getRoom()).dispatches.values()) {
      if (request.getDispatchId().isEmpty() || request.getDispatchId().equals(each.id())) {
        answer.addAgentDispatches(each.proto());
      }
    }
    return answer.build();
  }

  private LiveRoom room(String name) throws Fault {
    @Nullable LiveRoom room = world.room(name);
    if (room == null) {
      throw Fault.noResponse();
    }
    return room;
  }
}
