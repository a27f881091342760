package io.tenantkit.livekit.room;

import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * The rooms of each tenant's own LiveKit server, in the context's environment. Each call is signed
 * with the tenant's credentials by a token of a minute that grants this call and no more, and
 * leaves an event in the audit trail before they are used.
 *
 * <p>Reading needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_READ}, all else {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}. Each call throws
 *
 * <ul>
 *   <li>{@link io.tenantkit.NotFoundException} when there are no credentials, or no such room or
 *       participant;
 *   <li>{@link io.tenantkit.livekit.LiveKitException} when the server refuses or fails;
 *   <li>{@link io.tenantkit.vault.egress.EgressException} when it is not reached in time, or may
 *       not be;
 *   <li>{@link io.tenantkit.InvalidInputException} naming the property and the bound;
 *   <li>{@link io.tenantkit.AccessDeniedException} when a scope is missing, or the organization is
 *       suspended.
 * </ul>
 *
 * <p>All are refused inside a joined transaction. Safe for use by several threads; blocks on the
 * storage and on the server.
 */
public interface LiveKitRooms {

  /** The rooms of the tenants that are connected there. */
  static LiveKitRooms of(LiveKit livekit) {
    return new DefaultLiveKitRooms(livekit.calls());
  }

  /** The rooms of the one server that a token reaches which somebody else signed. */
  static LiveKitRooms of(PresignedLiveKit server) {
    return new DefaultLiveKitRooms(server.calls());
  }

  /**
   * Makes a room; one that is there already stays as it is, and is answered. Agents that the
   * configuration names come only when the room is made: {@link AgentDispatches} sends them into
   * any.
   *
   * @param name 1 to 256 bytes
   */
  Room create(TenantContext context, String name, RoomConfig config);

  /** All rooms of the server. */
  List<Room> list(TenantContext context);

  /** Those of these rooms that there are. */
  List<Room> list(TenantContext context, Collection<String> names);

  /** One room. */
  Room get(TenantContext context, String name);

  /** Ends a room and puts out who is in it. */
  void delete(TenantContext context, String name);

  /**
   * Changes the text for all clients of a room.
   *
   * @param metadata at most 512 KiB
   */
  Room updateMetadata(TenantContext context, String room, String metadata);

  /** Who is in a room; nobody, too, when there is no such room. */
  List<Participant> participants(TenantContext context, String room);

  /** One who is in a room. */
  Participant participant(TenantContext context, String room, String identity);

  /**
   * Puts somebody out of a room. With a token that is still good it may come back at once; see
   * revocation.
   */
  void remove(TenantContext context, String room, String identity);

  /**
   * The same, with the time up to which their tokens for the room are taken back: a server that can
   * do so (LiveKit Cloud) refuses them from then on; others pass it over. Unsaid, Cloud takes that
   * of the removal and a minute, new tokens among them.
   *
   * @param tokensBefore to the second, by {@code nbf}; after 1970
   */
  void remove(TenantContext context, String room, String identity, Instant tokensBefore);

  /** Mutes a track, or unmutes it where the server allows that from afar. */
  Track mute(TenantContext context, String room, String identity, String trackSid, boolean muted);

  /** Changes somebody in a room. */
  Participant update(TenantContext context, String room, String identity, ParticipantChange change);

  /** Has somebody get these tracks, or no longer. */
  void subscribe(
      TenantContext context,
      String room,
      String identity,
      Collection<String> trackSids,
      boolean subscribed);

  /** Sends data into a room. */
  void send(TenantContext context, String room, DataMessage message);

  /**
   * Shows somebody's tracks in another room too. LiveKit Cloud has it, a server of one's own not.
   */
  void forward(TenantContext context, String room, String identity, String destinationRoom);

  /** Moves somebody to another room. LiveKit Cloud has it, a server of one's own not. */
  void move(TenantContext context, String room, String identity, String destinationRoom);
}
