/**
 * The way to what is not typed here: {@link io.tenantkit.livekit.sdk.LiveKitSdkCalls}. The only
 * room whose public signatures show types of others, Google's protocol buffers.
 */
@NullMarked
package io.tenantkit.livekit.sdk;

import org.jspecify.annotations.NullMarked;
