package io.tenantkit.livekit.room;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.tenant.TenantContext;
import java.util.List;

/**
 * Sends agents into rooms of each tenant's own LiveKit server. Reading needs {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_READ}, all else {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_AGENT}; throws what {@link LiveKitRooms} throws. Safe for use
 * by several threads; blocks on the storage and on the server.
 */
public interface AgentDispatches {

  /** Agents of the tenants that are connected there. */
  static AgentDispatches of(LiveKit livekit) {
    return new DefaultAgentDispatches(livekit.calls());
  }

  /** The agents of the one server that a token reaches which somebody else signed. */
  static AgentDispatches of(PresignedLiveKit server) {
    return new DefaultAgentDispatches(server.calls());
  }

  /**
   * Sends an agent into a room, whether or not the room is there: it is made first, so that the
   * agent comes also where the server makes no room by itself.
   */
  default AgentDispatch create(TenantContext context, String room, RoomAgent agent) {
    return create(context, room, RoomConfig.builder().build(), agent);
  }

  /** The same, with what the room shall be like if it is not there. */
  AgentDispatch create(TenantContext context, String room, RoomConfig config, RoomAgent agent);

  /** Who was sent into a room; nobody, too, when there is no such room. */
  List<AgentDispatch> list(TenantContext context, String room);

  /** Takes an agent's sending back: it comes no more, and one that is there leaves. */
  void delete(TenantContext context, String room, String dispatchId);
}
