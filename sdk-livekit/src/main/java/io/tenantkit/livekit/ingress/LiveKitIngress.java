package io.tenantkit.livekit.ingress;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.tenant.TenantContext;

/**
 * Brings media of encoders and other servers into rooms of each tenant's own LiveKit server, in the
 * context's environment. The server needs LiveKit's ingress service beside it. Each call is signed
 * with the tenant's credentials by a token of a minute that grants ingress and no more, and leaves
 * an event in the audit trail before they are used; the event names room and kind, and neither URLs
 * nor stream keys.
 *
 * <p>All of it needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}, reading too: who has a
 * stream key publishes with it. Throws what {@link io.tenantkit.livekit.room.LiveKitRooms} throws;
 * {@link io.tenantkit.NotFoundException} when there is no such ingress. A server that is not
 * connected to an ingress service answers with {@link io.tenantkit.livekit.ServerFailure#FAILED}.
 * Refused inside a joined transaction. Safe for use by several threads; blocks on the storage and
 * on the server.
 */
public interface LiveKitIngress {

  /** Ingress of the tenants that are connected there. */
  static LiveKitIngress of(LiveKit livekit) {
    return new DefaultLiveKitIngress(livekit.calls());
  }

  /** The ingress of the one server that a token reaches which somebody else signed. */
  static LiveKitIngress of(PresignedLiveKit server) {
    return new DefaultLiveKitIngress(server.calls());
  }

  /** Makes one; one that pulls from a URL begins at once. To be closed, since it has a key. */
  IngressInfo create(TenantContext context, NewIngress wanted);

  /**
   * Changes one for encoders, RTMP or WHIP. To be closed, since it has a key.
   *
   * @throws io.tenantkit.livekit.LiveKitException with {@link
   *     io.tenantkit.livekit.ServerFailure#INVALID} for one that pulls from a URL
   */
  IngressInfo update(TenantContext context, String ingressId, IngressChange change);

  /** Those that the server keeps. To be closed, since they have keys. */
  IngressPage list(TenantContext context, IngressFilter filter);

  /** One of them. To be closed, since it has a key. */
  IngressInfo get(TenantContext context, String ingressId);

  /** Ends one for good; its key does no more. */
  void delete(TenantContext context, String ingressId);
}
