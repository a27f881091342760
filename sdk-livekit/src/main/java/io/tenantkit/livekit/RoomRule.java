package io.tenantkit.livekit;

import io.tenantkit.tenant.TenantContext;

/**
 * Which rooms a caller may have tokens for, by their names. LiveKit's server gives a room to
 * whoever has a token for its name, so this is what makes a room somebody's own.
 */
@FunctionalInterface
public interface RoomRule {
  /** Whether this caller may have a token for the room of this name. */
  boolean allows(TenantContext context, String room);

  /** Any room. */
  static RoomRule any() {
    return (context, room) -> true;
  }

  /**
   * Rooms whose names follow a pattern: {@code {organization}} and {@code {actor}} stand for the
   * caller's ids, {@code *} for any text that is not empty, all else for itself. So {@code
   * {actor}/*} makes rooms their actor's own.
   *
   * <p>An id that holds the character which follows it in the pattern owns nothing, for otherwise
   * {@code ada/x} would own rooms of {@code ada}.
   *
   * @throws io.tenantkit.InvalidInputException when there is another placeholder, or an id is
   *     followed by a placeholder or {@code *}
   */
  static RoomRule like(String pattern) {
    return new RoomPattern(pattern);
  }

  /** Rooms that this rule or the other allows. */
  default RoomRule or(RoomRule other) {
    return (context, room) -> allows(context, room) || other.allows(context, room);
  }
}
