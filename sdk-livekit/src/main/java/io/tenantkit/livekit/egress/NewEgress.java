package io.tenantkit.livekit.egress;

/** What shall be recorded or streamed, and to where: one of LiveKit's five kinds. */
public sealed interface NewEgress
    permits RoomCompositeEgress, ParticipantEgress, TrackCompositeEgress, TrackEgress, WebEgress {}
