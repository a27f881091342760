package io.tenantkit.livekit.egress;

/** How something is encoded: one of LiveKit's presets, or each setting by itself. */
public sealed interface EgressEncoding permits EncodingPreset, EncodingOptions {}
