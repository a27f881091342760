package io.tenantkit.livekit.webhook;

import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.tenant.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What an event says of a participant's presence. A tenant's server is the tenant's: what it tells
 * is held to bounds, and what does not fit says nothing. Stateless.
 */
final class EventPresence {
  private static final Duration LONGEST = Duration.ofDays(366);

  private EventPresence() {}

  static Optional<PresenceChange> of(Environment environment, LiveKitEvent event, Instant now) {
    if (!(event instanceof LiveKitEvent.InRoom inRoom) || !isId(inRoom.room().sid())) {
      return Optional.empty();
    }
    Room room = inRoom.room();
    Presence.Place place = new Presence.Place(environment, room.sid(), name(room.name()));
    Instant at = happened(event, now);
    if (event instanceof LiveKitEvent.RoomFinished) {
      return Optional.of(new PresenceChange.Ended(place, at));
    }
    if (!(event instanceof LiveKitEvent.OfParticipant of) || !isId(of.participant().sid())) {
      return Optional.empty();
    }
    return of(event, place, of.participant(), at);
  }

  private static Optional<PresenceChange> of(
      LiveKitEvent event, Presence.Place place, Participant participant, Instant at) {
    if (event instanceof LiveKitEvent.ParticipantJoined) {
      return Optional.of(
          new PresenceChange.Joined(who(place, participant), joined(participant, at).orElse(at)));
    }
    if (event instanceof LiveKitEvent.ParticipantLeft) {
      return Optional.of(
          new PresenceChange.Left(who(place, participant), joined(participant, at), at));
    }
    if (event instanceof LiveKitEvent.ParticipantConnectionAborted) {
      // It never was connected; if it was counted all the same, this is its end.
      return Optional.of(new PresenceChange.Left(who(place, participant), Optional.empty(), at));
    }
    return Optional.of(new PresenceChange.Seen(place, participant.sid(), at));
  }

  private static Presence.Who who(Presence.Place place, Participant participant) {
    return new Presence.Who(
        place, participant.sid(), name(participant.identity()), kind(participant).claim());
  }

  /** LiveKit's server counts whoever has the grant as an agent, too. */
  private static ParticipantKind kind(Participant participant) {
    boolean agent =
        participant.kind() == ParticipantKind.STANDARD
            && participant.permissions().contains(VideoPermission.AGENT);
    return agent ? ParticipantKind.AGENT : participant.kind();
  }

  private static Instant happened(LiveKitEvent event, Instant now) {
    Instant at = event.createdAt();
    return at.equals(Instant.EPOCH) || at.isAfter(now) ? now : at;
  }

  /** Empty when the server does not say. */
  private static Optional<Instant> joined(Participant participant, Instant at) {
    Instant joined = participant.joinedAt();
    if (!joined.isAfter(Instant.EPOCH)) {
      return Optional.empty();
    }
    Instant earliest = at.minus(LONGEST);
    if (joined.isBefore(earliest)) {
      return Optional.of(earliest);
    }
    // An event's time has whole seconds, so that who has just joined may seem to come after it.
    Instant latest = at.plusMillis(999);
    return Optional.of(joined.isAfter(latest) ? latest : joined);
  }

  private static boolean isId(String text) {
    return !text.isEmpty()
        && text.length() <= Presence.MAX_ID
        && text.chars().allMatch(c -> c > ' ' && c <= '~');
  }

  /** As long as it may be, with what no database keeps replaced. */
  private static String name(String text) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .limit(Presence.MAX_NAME)
        .map(
            c ->
                Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                    ? 0xFFFD
                    : c)
        .forEach(
            c -> {
              if (kept.length() + Character.charCount(c) <= Presence.MAX_NAME) {
                kept.appendCodePoint(c);
              }
            });
    return kept.toString();
  }
}
