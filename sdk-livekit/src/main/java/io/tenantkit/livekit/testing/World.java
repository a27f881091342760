package io.tenantkit.livekit.testing;

import io.tenantkit.livekit.testing.FakeWorker.Serves;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import livekit.LivekitAgentDispatch.JobRestartPolicy;
import livekit.LivekitAgentDispatch.RoomAgentDispatch;
import livekit.LivekitModels;
import livekit.LivekitModels.DisconnectReason;
import livekit.LivekitRoom.CreateRoomRequest;
import livekit.LivekitRoom.RoomConfiguration;
import livekit.LivekitWebhook.WebhookEvent;
import org.jspecify.annotations.Nullable;

/** All that is on the server, under one lock. */
final class World {
  static final int MAX_NAME = 256;
  static final int MAX_METADATA = 512 * 1024;
  static final int MAX_ATTRIBUTES = 64 * 1024;

  final Clock clock;
  final Ids ids;
  final Minter minter;
  final Webhooks webhooks;
  final boolean autoCreate;
  final boolean remoteUnmute;
  final Map<String, LiveRoom> rooms = new LinkedHashMap<>();
  final List<FakeWorker> workers = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private Instant lastSent = Instant.MIN;

  World(
      Clock clock,
      Ids ids,
      Minter minter,
      Webhooks webhooks,
      boolean autoCreate,
      boolean remoteUnmute) {
    this.clock = clock;
    this.ids = ids;
    this.minter = minter;
    this.webhooks = webhooks;
    this.autoCreate = autoCreate;
    this.remoteUnmute = remoteUnmute;
  }

  /** What is done under the lock. */
  interface Work<T, X extends Exception> {
    T run() throws X;
  }

  /** Rooms whose time is over are closed first, so a test that ticks the clock needs no thread. */
  <T, X extends Exception> T locked(Work<T, X> work) throws X {
    lock.lock();
    try {
      closeIdle();
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  private void closeIdle() {
    Instant now = clock.instant();
    for (LiveRoom room : List.copyOf(rooms.values())) {
      if (room.idle(now)) {
        close(room, DisconnectReason.ROOM_CLOSED);
      }
    }
  }

  @Nullable LiveRoom room(String name) {
    return rooms.get(name);
  }

  Optional<FakeParticipant> participant(String room, String identity) {
    return Optional.ofNullable(room(room)).map(found -> found.participants.get(identity));
  }

  /** A room that is there stays as it is, whatever is asked for. */
  LiveRoom open(CreateRoomRequest request) throws Fault {
    @Nullable LiveRoom there = room(request.getName());
    if (there != null) {
      return there;
    }
    if (!request.getRoomPreset().isEmpty()) {
      throw Fault.inner("invalid_argument", "unknown room configuration in create room request");
    }
    LiveRoom room = new LiveRoom(ids.next("RM_"), request, clock.instant());
    rooms.put(room.name, room);
    say("room_started", event -> event.setRoom(room.proto()));
    List<RoomAgentDispatch> agents =
        request.getAgentsCount() == 0
            // Workers without a name serve each room to which no agent is sent by name.
            ? List.of(RoomAgentDispatch.getDefaultInstance())
            : request.getAgentsList();
    for (RoomAgentDispatch agent : agents) {
      String deployment = NewerFields.deployment(agent);
      if (Limits.badDeployment(deployment).isEmpty()) {
        dispatch(
            room,
            agent.getAgentName(),
            agent.getMetadata(),
            deployment,
            NewerFields.attributes(agent),
            agent.getRestartPolicy());
      }
    }
    return room;
  }

  Dispatch dispatch(
      LiveRoom room,
      String agentName,
      String metadata,
      String deployment,
      Map<String, String> attributes,
      JobRestartPolicy restartPolicy) {
    Dispatch dispatch =
        Dispatch.of(
            ids.next("AD_"),
            room.name,
            agentName,
            metadata,
            deployment,
            attributes,
            restartPolicy,
            oneLater());
    room.dispatches.put(dispatch.id(), dispatch);
    launch(dispatch, Serves.ROOMS, Optional.empty());
    for (FakeParticipant each : room.participants.values()) {
      if (!each.grants.dependent()) {
        if (each.publishing) {
          launch(dispatch, Serves.PUBLISHERS, Optional.of(each.identity()));
        }
        launch(dispatch, Serves.PARTICIPANTS, Optional.of(each.identity()));
      }
    }
    return dispatch;
  }

  /** No two dispatches have the same time, as on a server whose clock does not stand. */
  private Instant oneLater() {
    Instant now = clock.instant();
    lastSent = now.isAfter(lastSent) ? now : lastSent.plusNanos(1);
    return lastSent;
  }

  /** Nobody who registers later gets what there was no worker for. */
  private void launch(Dispatch dispatch, Serves wanted, Optional<String> participant) {
    workers.stream()
        .filter(worker -> worker.takes(dispatch, wanted))
        .min(Comparator.comparingLong(FakeWorker::running))
        .ifPresent(
            worker -> {
              String id = ids.next("AJ_");
              String identity = "agent-" + id;
              String token =
                  minter.job(worker.apiKey(), dispatch.room(), identity, worker.agentName());
              FakeJob job =
                  new FakeJob(id, identity, dispatch, worker, participant, token, oneLater());
              dispatch.jobs().add(job);
              worker.give(job);
            });
  }

  void launch(LiveRoom room, Serves wanted, FakeParticipant participant) {
    if (!participant.grants.dependent()) {
      for (Dispatch dispatch : room.dispatches.values()) {
        launch(dispatch, wanted, Optional.of(participant.identity()));
      }
    }
  }

  void recall(LiveRoom room, Dispatch dispatch) {
    room.dispatches.remove(dispatch.id());
    for (FakeJob job : dispatch.jobs()) {
      job.end();
      @Nullable FakeParticipant agent = room.participants.get(job.identity());
      if (agent != null) {
        remove(agent, DisconnectReason.PARTICIPANT_REMOVED);
      }
    }
  }

  /** Lets somebody in whom the check of joins found good. */
  FakeParticipant join(Grants grants) throws Refusal {
    String name = grants.videoOrNone().room();
    if (Limits.tooLong(grants.metadata(), MAX_METADATA)) {
      throw new Refusal(400, "metadata size exceeds limits");
    }
    if (Limits.tooLong(grants.attributes())) {
      throw new Refusal(400, "attribute size exceeds limits");
    }
    LiveRoom room;
    try {
      room = open(request(name, grants));
    } catch (Fault e) {
      throw new Refusal(e.status(), e.text());
    }
    @Nullable FakeParticipant before = room.participants.get(grants.identity());
    if (before != null) {
      remove(before, DisconnectReason.DUPLICATE_IDENTITY);
    }
    if (!grants.dependent() && room.full()) {
      throw new Refusal(500, "room has exceeded its max participants");
    }
    FakeParticipant participant =
        new FakeParticipant(this, room, ids.next("PA_"), grants, clock.instant());
    launch(room, Serves.PARTICIPANTS, participant);
    room.enter(participant);
    say(
        "participant_joined",
        event -> event.setRoom(room.proto()).setParticipant(participant.proto()));
    return participant;
  }

  private static CreateRoomRequest request(String room, Grants grants) {
    CreateRoomRequest.Builder request =
        CreateRoomRequest.newBuilder().setName(room).setRoomPreset(grants.roomPreset());
    grants.roomConfig().ifPresent(config -> configure(request, config));
    return request.build();
  }

  private static void configure(CreateRoomRequest.Builder request, RoomConfiguration config) {
    request
        .addAllAgents(config.getAgentsList())
        .setEmptyTimeout(config.getEmptyTimeout())
        .setDepartureTimeout(config.getDepartureTimeout())
        .setMaxParticipants(config.getMaxParticipants())
        .setMetadata(config.getMetadata());
  }

  void remove(FakeParticipant participant, DisconnectReason reason) {
    LiveRoom room = participant.room;
    if (room.participants.get(participant.identity()) != participant) {
      return;
    }
    for (LivekitModels.TrackInfo track : participant.disconnect(reason)) {
      say(participant, "track_unpublished", track);
    }
    // As the server does, it is told with who was there before it went.
    LivekitModels.Room before = room.proto();
    room.leave(participant, clock.instant());
    for (Dispatch dispatch : room.dispatches.values()) {
      dispatch.jobs().stream()
          .filter(job -> job.identity().equals(participant.identity()))
          .forEach(FakeJob::end);
    }
    say("participant_left", event -> event.setRoom(before).setParticipant(participant.proto()));
  }

  void close(LiveRoom room, DisconnectReason reason) {
    for (FakeParticipant each : List.copyOf(room.participants.values())) {
      remove(each, reason);
    }
    room.dispatches.values().forEach(each -> each.jobs().forEach(FakeJob::end));
    rooms.remove(room.name);
    say("room_finished", event -> event.setRoom(room.proto()));
  }

  void say(FakeParticipant participant, String what, LivekitModels.TrackInfo track) {
    say(
        what,
        event ->
            event
                .setRoom(participant.room.minimal())
                .setParticipant(
                    LivekitModels.ParticipantInfo.newBuilder()
                        .setSid(participant.sid())
                        .setIdentity(participant.identity()))
                .setTrack(track));
  }

  private void say(String what, Consumer<WebhookEvent.Builder> about) {
    WebhookEvent.Builder event =
        WebhookEvent.newBuilder()
            .setEvent(what)
            .setId(ids.next("EV_"))
            .setCreatedAt(clock.instant().getEpochSecond());
    about.accept(event);
    webhooks.queue(event.build());
  }
}
