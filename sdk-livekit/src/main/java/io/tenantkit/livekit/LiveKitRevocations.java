package io.tenantkit.livekit;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenDenial;
import java.time.Duration;

/**
 * Takes tokens back. LiveKit's server cannot be told that a token is no longer good: it looks at
 * signature and times alone, lets the bearer in again, and hands all who are in a room fresh tokens
 * of {@link #REFRESHED} that are signed with the tenant's key. So a revocation is a denial that is
 * kept until that has run out:
 *
 * <ul>
 *   <li>no new token is issued for that identity and room, and {@link LiveKitTokenIssuer#verify}
 *       refuses those that were; at once on this node, within the plane's revocation bound on
 *       others;
 *   <li>who is in the room is put out at once;
 *   <li>who comes back, with the old token or a refreshed one, is put out again: as soon as {@link
 *       #seen} is told, and otherwise at the next look. In between it is in the room.
 * </ul>
 *
 * <p>Looks begin every {@link #LOOK_EVERY}, or when the look before is done: at a few tenants at a
 * time, each for some seconds, and at the rest of its rooms the next time. So with many denied
 * rooms or tenants a look at all of them takes longer. When a tenant's server failed or was away,
 * it is looked at again {@link #LOOK_EVERY} later and then after pauses that double, up to {@link
 * #LONGEST_PAUSE}: so late it may be noticed that the server is back. No tenant's server holds up
 * the looks at others'.
 *
 * <p>A denial ends {@link #WINDOW} after the last token that the ledger has for them (one of all
 * tokens not before the policy's longest life), and {@link #WINDOW} after they were last seen: as
 * long as somebody keeps coming back it stays. While the server cannot be reached it stays too, for
 * a day at most beyond its end.
 *
 * <p>A suspended organization's people are in their rooms still: revoking, lifting and looking go
 * on for it.
 *
 * <p>What the server itself refuses takes a new key pair: {@link LiveKit#connect} without overlap,
 * and the old pair removed from the server's configuration. See {@link #revokeAll}.
 *
 * <p>Of the context's environment. Revoking and lifting need {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}, reading {@link
 * io.tenantkit.tenant.Scopes#LIVEKIT_READ}; all are refused inside a joined transaction. Safe for
 * use by several threads; blocks on the storage and on the server.
 */
public interface LiveKitRevocations {
  /** How often rooms are looked at for those who were put out. */
  Duration LOOK_EVERY = Duration.ofSeconds(10);

  /** The longest pause between looks at the rooms of a tenant whose server failed or was away. */
  Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** How long the tokens live that the server itself hands out. */
  Duration REFRESHED = Duration.ofMinutes(10);

  /**
   * How long after a token's end its bearer may still get in: a minute that the server grants, a
   * refreshed token, another minute, and one for clocks and for who looks.
   */
  Duration WINDOW = REFRESHED.plusMinutes(3);

  /**
   * Revokes a token: the bearer's identity is kept out of the token's room until the token has run
   * out, also with its other tokens and new ones.
   *
   * @param jti the token's id
   * @param reason for people, 1 to 255 characters
   * @throws io.tenantkit.NotFoundException when the ledger has no such token
   * @throws io.tenantkit.InvalidInputException when it is a token of no room
   * @throws io.tenantkit.ConflictException when the organization has too many denials already
   */
  Revocation revoke(TenantContext context, String jti, String reason);

  /**
   * Keeps an identity out of a room until its last token has run out; when the ledger has none, as
   * long as the policy lets a token live.
   *
   * @param reason for people, 1 to 255 characters
   */
  Revocation revoke(TenantContext context, String identity, String room, String reason);

  /**
   * Revokes all tokens that were issued up to now, and puts out, in all rooms that live, who has
   * not been given a newer one for that room. New tokens are issued as before. What is signed in
   * the same second as this counts as before. The server still lets the old ones in, and each is
   * put out again: as soon as {@link #seen} is told where the policy writes tokens at once, and
   * otherwise, and when nothing is known of them, by the looks alone. Only a new key pair makes the
   * server refuse them.
   *
   * <p>Of a server that has more rooms than one answer may list, or a room that has more people,
   * those are looked at that the ledger knows of tokens from before, as far as there is time for
   * it; others may stay, and the removal is {@link Revocation.Removal#PENDING}.
   *
   * <p>A token without an id is none of these: a refreshed one, also a newer token's, or one that
   * somebody else signed with the same key. {@link LiveKitTokenIssuer#verify} refuses it, and
   * people's clients whose token the ledger does not know are put out from ten seconds after they
   * came. The ledger forgets a token a day after its end; who then is there still may be put out,
   * and comes back with a new one. The server's own participants, as recorders, dispatched agents
   * and telephone calls, stay.
   *
   * @param reason for people, 1 to 255 characters
   */
  Revocation revokeAll(TenantContext context, String reason);

  /** Denials that hold, in the order of their ids. */
  Page<TokenDenial> list(TenantContext context, PageRequest page);

  /**
   * Ends a denial: tokens are issued again, and those that are still good are good.
   *
   * @throws io.tenantkit.NotFoundException when there is none with this id
   */
  void lift(TenantContext context, String denialId);

  /**
   * Told that somebody has come into a room, as by the server's webhook: puts out who is denied
   * there, by a token of theirs, by name, or because all tokens that they were given are. The last
   * is known at once where the policy for this context writes tokens at once ({@link
   * LedgerMode#DURABLE}); in batches, the row of a newer token may still come, so that the looks
   * decide.
   *
   * @return what became of them; {@link Revocation.Removal#NOT_THERE} when they are not denied, or
   *     gone; {@link Revocation.Removal#PENDING} when that is not known yet, or the server could
   *     not be asked
   */
  Revocation.Removal seen(TenantContext context, String identity, String room);
}
