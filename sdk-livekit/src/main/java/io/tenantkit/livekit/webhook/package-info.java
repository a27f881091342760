/**
 * What the tenants' LiveKit servers tell: one receiver for all of them ({@link
 * io.tenantkit.livekit.webhook.LiveKitWebhooks}), typed events, and who was in which room how long
 * ({@link io.tenantkit.livekit.webhook.ParticipantMinutes}).
 */
@NullMarked
package io.tenantkit.livekit.webhook;

import org.jspecify.annotations.NullMarked;
