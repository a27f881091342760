package io.tenantkit.livekit.sip;

import java.util.Objects;

/**
 * Somebody who was called, as the server tells. Immutable.
 *
 * @param participantSid the server's id of the presence
 * @param identity in the room; may be the number
 * @param room in which
 * @param callId the server's id of the call
 */
public record SipParticipant(String participantSid, String identity, String room, String callId) {
  /** Checks that all is there. */
  public SipParticipant {
    Objects.requireNonNull(participantSid, "participantSid");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(callId, "callId");
  }

  /** Call and room; not the identity, which may be a number. */
  @Override
  public String toString() {
    return "SipParticipant[" + callId + " in " + room + "]";
  }
}
