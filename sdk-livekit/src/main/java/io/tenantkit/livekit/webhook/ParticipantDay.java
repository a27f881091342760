package io.tenantkit.livekit.webhook;

import io.tenantkit.livekit.ParticipantKind;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Objects;

/**
 * How much participants of a kind were connected on one day. Immutable.
 *
 * @param date the day, in UTC
 * @param kind what sort of participants
 * @param connections how many connections the day saw; one that spans midnight counts on both days,
 *     and whoever comes back has another one
 * @param connected how long they lasted on that day, together, in milliseconds
 * @param minutes what LiveKit calls connection minutes: each connection as a whole rounded up to
 *     full minutes, at least one; a minute that spans midnight counts for the day in which it
 *     begins
 * @param corrected how many of the connections have an end that no event told: the end of their
 *     room instead, or when they were last seen
 */
public record ParticipantDay(
    LocalDate date,
    ParticipantKind kind,
    long connections,
    Duration connected,
    long minutes,
    long corrected) {
  /** Checks that all is there. */
  public ParticipantDay {
    Objects.requireNonNull(date, "date");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(connected, "connected");
  }
}
