/**
 * Recording and streaming from a tenant's own LiveKit server: {@link
 * io.tenantkit.livekit.egress.LiveKitEgress}. The work is done by the server's egress service, to
 * storages and addresses that the tenant names.
 */
@NullMarked
package io.tenantkit.livekit.egress;

import org.jspecify.annotations.NullMarked;
