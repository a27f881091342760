/**
 * LiveKit for each tenant on its own server: {@link io.tenantkit.livekit.LiveKit} keeps an
 * organization's credentials in the vault, and {@link io.tenantkit.livekit.LiveKitTokenIssuer}
 * signs and verifies join tokens with them. No type of LiveKit's own SDK appears in a signature
 * here, and nothing is read from the process environment.
 */
@NullMarked
package io.tenantkit.livekit;

import org.jspecify.annotations.NullMarked;
