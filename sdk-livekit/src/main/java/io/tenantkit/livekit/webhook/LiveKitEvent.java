package io.tenantkit.livekit.webhook;

import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.livekit.room.Track;
import java.time.Instant;
import java.util.Objects;

/**
 * What a LiveKit server tells. A server fills rooms and participants as it sees fit: with events of
 * tracks it gives their ids and names alone. Immutable.
 */
public sealed interface LiveKitEvent {
  /** The server's id of this event, another one for each. */
  String id();

  /** When it happened, in whole seconds. */
  Instant createdAt();

  /** An event in a room. */
  sealed interface InRoom extends LiveKitEvent {
    /** The room. */
    Room room();
  }

  /** An event of a participant. */
  sealed interface OfParticipant extends InRoom {
    /** The participant. */
    Participant participant();
  }

  /** An event of a recording or of media that go out. */
  sealed interface OfEgress extends LiveKitEvent {
    /** What goes out. */
    MediaReport egress();
  }

  /** An event of media that come in. */
  sealed interface OfIngress extends LiveKitEvent {
    /** What comes in. */
    MediaReport ingress();
  }

  /** An event of an agent's job. */
  sealed interface OfAgentJob extends LiveKitEvent {
    /** The job. */
    AgentJobReport job();
  }

  /**
   * Media that go out or come in; what the server tells of keys and addresses is left out.
   * Immutable.
   *
   * @param id the server's id
   * @param roomSid the server's id of the room, may be empty
   * @param roomName the room, may be empty
   * @param status in the server's words, as {@code EGRESS_ACTIVE}, may be empty
   * @param error why it failed in the server's words, may be empty
   */
  record MediaReport(String id, String roomSid, String roomName, String status, String error) {
    /** Checks that all is there. */
    public MediaReport {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(roomSid, "roomSid");
      Objects.requireNonNull(roomName, "roomName");
      Objects.requireNonNull(status, "status");
      Objects.requireNonNull(error, "error");
    }
  }

  /**
   * An agent's job. Immutable.
   *
   * @param id the server's id
   * @param dispatchId the server's id of the dispatch that it is of, may be empty
   * @param agentName the agent, may be empty
   * @param roomName the room, may be empty
   * @param status in the server's words, as {@code JS_RUNNING}, may be empty
   * @param error why it failed in the server's words, may be empty
   */
  record AgentJobReport(
      String id,
      String dispatchId,
      String agentName,
      String roomName,
      String status,
      String error) {
    /** Checks that all is there. */
    public AgentJobReport {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(dispatchId, "dispatchId");
      Objects.requireNonNull(agentName, "agentName");
      Objects.requireNonNull(roomName, "roomName");
      Objects.requireNonNull(status, "status");
      Objects.requireNonNull(error, "error");
    }
  }

  /** A room was made. */
  record RoomStarted(String id, Instant createdAt, Room room) implements InRoom {}

  /** A room is no more. */
  record RoomFinished(String id, Instant createdAt, Room room) implements InRoom {}

  /** A participant is connected. */
  record ParticipantJoined(String id, Instant createdAt, Room room, Participant participant)
      implements OfParticipant {}

  /** A participant that was connected is gone. */
  record ParticipantLeft(String id, Instant createdAt, Room room, Participant participant)
      implements OfParticipant {}

  /** A participant wanted to connect and did not get so far. */
  record ParticipantConnectionAborted(
      String id, Instant createdAt, Room room, Participant participant) implements OfParticipant {}

  /** A participant publishes a track. */
  record TrackPublished(
      String id, Instant createdAt, Room room, Participant participant, Track track)
      implements OfParticipant {}

  /** A participant publishes a track no more. */
  record TrackUnpublished(
      String id, Instant createdAt, Room room, Participant participant, Track track)
      implements OfParticipant {}

  /** Media begin to go out. */
  record EgressStarted(String id, Instant createdAt, MediaReport egress) implements OfEgress {}

  /** Media that go out have another state. */
  record EgressUpdated(String id, Instant createdAt, MediaReport egress) implements OfEgress {}

  /** Media go out no more. */
  record EgressEnded(String id, Instant createdAt, MediaReport egress) implements OfEgress {}

  /** Media begin to come in. */
  record IngressStarted(String id, Instant createdAt, MediaReport ingress) implements OfIngress {}

  /** Media come in no more. */
  record IngressEnded(String id, Instant createdAt, MediaReport ingress) implements OfIngress {}

  /** An agent began a job. */
  record AgentJobStarted(String id, Instant createdAt, AgentJobReport job) implements OfAgentJob {}

  /** An agent's job is over. */
  record AgentJobEnded(String id, Instant createdAt, AgentJobReport job) implements OfAgentJob {}

  /**
   * What a later server tells and this library does not know.
   *
   * @param name the event's name
   */
  record Unknown(String id, Instant createdAt, String name) implements LiveKitEvent {}
}
