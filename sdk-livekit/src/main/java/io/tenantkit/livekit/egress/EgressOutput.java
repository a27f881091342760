package io.tenantkit.livekit.egress;

/** Where something that was encoded goes. */
public sealed interface EgressOutput
    permits FileOutput, StreamOutput, SegmentsOutput, ImagesOutput {}
