package io.tenantkit.livekit;

import java.util.Objects;
import java.util.Optional;

/**
 * Which issued tokens are meant: all, unless narrowed. Immutable.
 *
 * @param identity of this identity only
 * @param room for this room only
 * @param liveOnly only those that have not ended
 */
public record TokenQuery(Optional<String> identity, Optional<String> room, boolean liveOnly) {
  private static final TokenQuery ALL = new TokenQuery(Optional.empty(), Optional.empty(), false);

  /** Checks that all is there. */
  public TokenQuery {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(room, "room");
  }

  /** All that the ledger has. */
  public static TokenQuery all() {
    return ALL;
  }

  /** Of one identity. */
  public TokenQuery of(String wanted) {
    return new TokenQuery(Optional.of(wanted), room, liveOnly);
  }

  /** For one room. */
  public TokenQuery in(String wanted) {
    return new TokenQuery(identity, Optional.of(wanted), liveOnly);
  }

  /** Those that have not ended. */
  public TokenQuery live() {
    return new TokenQuery(identity, room, true);
  }
}
