package io.tenantkit.livekit.testing;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import livekit.LivekitModels;
import livekit.LivekitRoom.CreateRoomRequest;

/** A room that is open. Guarded by the world's lock. */
final class LiveRoom {
  private static final int EMPTY_SECONDS = 300;
  private static final int DEPARTURE_SECONDS = 20;

  final String name;
  final Map<String, FakeParticipant> participants = new LinkedHashMap<>();
  final Map<String, Dispatch> dispatches = new LinkedHashMap<>();
  String metadata;
  private final String sid;
  private final Instant createdAt;
  private final int emptyTimeout;
  private final int departureTimeout;
  private final int maxParticipants;
  private boolean joined;

  /** Seconds since 1970; none when nobody has left yet. */
  private long lastLeft;

  LiveRoom(String sid, CreateRoomRequest request, Instant now) {
    this.sid = sid;
    this.name = request.getName();
    this.metadata = request.getMetadata();
    this.createdAt = now;
    this.emptyTimeout = request.getEmptyTimeout() == 0 ? EMPTY_SECONDS : request.getEmptyTimeout();
    this.departureTimeout =
        request.getDepartureTimeout() == 0 ? DEPARTURE_SECONDS : request.getDepartureTimeout();
    this.maxParticipants = request.getMaxParticipants();
  }

  boolean full() {
    return maxParticipants > 0 && people() >= maxParticipants;
  }

  private int people() {
    return (int) participants.values().stream().filter(each -> !each.grants.dependent()).count();
  }

  void enter(FakeParticipant participant) {
    participants.put(participant.identity(), participant);
    joined |= !participant.grants.dependent();
  }

  void leave(FakeParticipant participant, Instant now) {
    participants.remove(participant.identity());
    lastLeft = now.getEpochSecond();
  }

  /** Whether nobody is in it but agents and recorders, and its time is over. */
  boolean idle(Instant now) {
    if (people() > 0) {
      return false;
    }
    boolean departed = joined && lastLeft > 0;
    long since = departed ? lastLeft : createdAt.getEpochSecond();
    return now.getEpochSecond() - since >= (departed ? departureTimeout : emptyTimeout);
  }

  LivekitModels.Room proto() {
    return minimal()
        .setEmptyTimeout(emptyTimeout)
        .setDepartureTimeout(departureTimeout)
        .setMaxParticipants(maxParticipants)
        .setCreationTime(createdAt.getEpochSecond())
        .setCreationTimeMs(createdAt.toEpochMilli())
        .setMetadata(metadata)
        .setNumParticipants(people())
        .setNumPublishers(
            (int) participants.values().stream().filter(each -> each.publishing).count())
        .setActiveRecording(
            participants.values().stream()
                .anyMatch(each -> each.grants.videoOrNone().is("recorder")))
        .build();
  }

  /** Sid and name, as in what is said of tracks. */
  LivekitModels.Room.Builder minimal() {
    return LivekitModels.Room.newBuilder().setSid(sid).setName(name);
  }
}
