/**
 * Media that come into rooms of a tenant's own LiveKit server from elsewhere: {@link
 * io.tenantkit.livekit.ingress.LiveKitIngress}.
 */
@NullMarked
package io.tenantkit.livekit.ingress;

import org.jspecify.annotations.NullMarked;
