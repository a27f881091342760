package io.tenantkit.livekit.egress;

/** Where a single track may go. */
public sealed interface TrackOutput permits FileOutput, WebSocketOutput {}
