package io.tenantkit.spi;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What an event says of somebody's presence in a place. Changes may come more than once, and those
 * of one presence in any order: all of them together give the same. Immutable.
 */
public sealed interface PresenceChange {
  /** Which presences it is about. */
  Presence.Place place();

  /**
   * Somebody is there.
   *
   * @param who who
   * @param joinedAt since when
   */
  record Joined(Presence.Who who, Instant joinedAt) implements PresenceChange {
    public Joined {
      Objects.requireNonNull(who, "who");
      Objects.requireNonNull(joinedAt, "joinedAt");
    }

    @Override
    public Presence.Place place() {
      return who.place();
    }
  }

  /**
   * Somebody was seen there; of somebody who is not known it says nothing.
   *
   * @param place where
   * @param id of the presence
   * @param at when
   */
  record Seen(Presence.Place place, String id, Instant at) implements PresenceChange {
    public Seen {
      Objects.requireNonNull(place, "place");
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(at, "at");
    }
  }

  /**
   * Somebody is gone.
   *
   * @param who who
   * @param joinedAt since when it was there, if it was there at all; when empty, somebody who is
   *     not known never was
   * @param leftAt when it left
   */
  record Left(Presence.Who who, Optional<Instant> joinedAt, Instant leftAt)
      implements PresenceChange {
    public Left {
      Objects.requireNonNull(who, "who");
      Objects.requireNonNull(joinedAt, "joinedAt");
      Objects.requireNonNull(leftAt, "leftAt");
    }

    @Override
    public Presence.Place place() {
      return who.place();
    }
  }

  /**
   * The place is no more, so nobody is there.
   *
   * @param place where
   * @param at when
   */
  record Ended(Presence.Place place, Instant at) implements PresenceChange {
    public Ended {
      Objects.requireNonNull(place, "place");
      Objects.requireNonNull(at, "at");
    }
  }
}
