package io.tenantkit.livekit.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.util.List;
import java.util.Map;

final class DefaultAgentDispatches implements AgentDispatches {
  private static final String SERVICE = "AgentDispatchService";

  private final RoomCalls calls;
  private final DefaultLiveKitRooms rooms;

  DefaultAgentDispatches(ServerCalls calls) {
    this.calls = new RoomCalls(calls);
    this.rooms = new DefaultLiveKitRooms(calls);
  }

  @Override
  public AgentDispatch create(
      TenantContext context, String room, RoomConfig config, RoomAgent agent) {
    context.require(Scopes.LIVEKIT_AGENT);
    // Sent into a room that is there, an agent comes in any case; a room of this name stays as it
    // is.
    calls.create(context, room, config);
    ObjectNode request = RoomCalls.object().put("room", room).put("agentName", agent.name());
    if (!agent.metadata().isEmpty()) {
      request.put("metadata", agent.metadata());
    }
    agent.restart().ifPresent(policy -> request.put("restartPolicy", policy.claim()));
    agent.deployment().ifPresent(deployment -> request.put("deployment", deployment));
    if (!agent.attributes().isEmpty()) {
      ObjectNode attributes = request.putObject("attributes");
      agent.attributes().forEach(attributes::put);
    }
    return Answers.dispatch(
        calls.call(
            context,
            SERVICE,
            "CreateDispatch",
            RoomCalls.within(room),
            request,
            new Purpose(
                "livekit.agent.dispatched",
                "send an agent into a LiveKit room",
                Map.of("room", room, "agent", agent.name()))));
  }

  @Override
  public List<AgentDispatch> list(TenantContext context, String room) {
    context.require(Scopes.LIVEKIT_READ);
    // Asked about a room that is not there, the server waits for an answer that never comes.
    if (rooms.list(context, List.of(room)).isEmpty()) {
      return List.of();
    }
    return Answers.list(
        Answers.field(
            calls.call(
                context,
                SERVICE,
                "ListDispatch",
                RoomCalls.within(room),
                RoomCalls.object().put("room", room),
                new Purpose(
                    "livekit.agents.listed",
                    "list the agents sent into a LiveKit room",
                    Map.of("room", room))),
            "agent_dispatches"),
        Answers::dispatch);
  }

  @Override
  public void delete(TenantContext context, String room, String dispatchId) {
    context.require(Scopes.LIVEKIT_AGENT);
    RoomTexts.name("room", room);
    RoomTexts.name("dispatchId", dispatchId);
    try {
      calls.call(
          context,
          SERVICE,
          "DeleteDispatch",
          RoomCalls.within(room),
          RoomCalls.object().put("room", room).put("dispatchId", dispatchId),
          new Purpose(
              "livekit.agent.recalled",
              "take an agent's sending back",
              Map.of("room", room, "dispatch", dispatchId)));
    } catch (LiveKitException e) {
      if (e.failure() == ServerFailure.NOT_FOUND) {
        throw new NotFoundException("dispatch");
      }
      throw e;
    }
  }
}
