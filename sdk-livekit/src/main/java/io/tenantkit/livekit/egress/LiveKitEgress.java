package io.tenantkit.livekit.egress;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.livekit.SecretUrl;
import io.tenantkit.tenant.TenantContext;
import java.util.Collection;

/**
 * Records and streams out of rooms of each tenant's own LiveKit server, in the context's
 * environment. The server needs LiveKit's egress service beside it. Each call is signed with the
 * tenant's credentials by a token of a minute that grants recording and no more, and leaves an
 * event in the audit trail before they are used; the event names room, kind and outputs, and
 * neither URLs nor credentials of storages.
 *
 * <p>Reading needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}, all else {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. Throws what {@link
 * io.tenantkit.livekit.room.LiveKitRooms} throws; {@link io.tenantkit.NotFoundException} also when
 * there is no such room or egress. A server that is not connected to an egress service answers with
 * {@link io.tenantkit.livekit.ServerFailure#FAILED}, or {@link
 * io.tenantkit.livekit.ServerFailure#UNAVAILABLE} when there is none to take the work. Refused
 * inside a joined transaction. Safe for use by several threads; blocks on the storage and on the
 * server.
 */
public interface LiveKitEgress {

  /** Egress of the tenants that are connected there. */
  static LiveKitEgress of(LiveKit livekit) {
    return new DefaultLiveKitEgress(livekit.calls());
  }

  /** The egress of the one server that a token reaches which somebody else signed. */
  static LiveKitEgress of(PresignedLiveKit server) {
    return new DefaultLiveKitEgress(server.calls());
  }

  /**
   * Starts one. Secrets in it are read during the call; they stay the caller's to close.
   *
   * @return as the server has it now; it goes on by itself
   */
  EgressInfo start(TenantContext context, NewEgress wanted);

  /** Changes the layout of one that records a room, 1 to 256 bytes. */
  EgressInfo updateLayout(TenantContext context, String egressId, String layout);

  /**
   * Begins and ends streams of one that streams.
   *
   * @param add where to stream as well, at most 16
   * @param remove where to stream no longer, at most 16
   */
  EgressInfo updateStreams(
      TenantContext context,
      String egressId,
      Collection<SecretUrl> add,
      Collection<SecretUrl> remove);

  /** Those that the server keeps, with those that ended for as long as it does. */
  EgressPage list(TenantContext context, EgressFilter filter);

  /** One of them. */
  EgressInfo get(TenantContext context, String egressId);

  /** Ends one; what was recorded is then written to its storage. */
  EgressInfo stop(TenantContext context, String egressId);
}
