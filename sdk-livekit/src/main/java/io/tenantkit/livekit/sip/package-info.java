/**
 * Telephony of a tenant's own LiveKit server: trunks, rules that take calls into rooms, and calls
 * out of them. {@link io.tenantkit.livekit.sip.LiveKitSip}.
 */
@NullMarked
package io.tenantkit.livekit.sip;

import org.jspecify.annotations.NullMarked;
