package io.tenantkit.livekit;

import java.time.Instant;
import java.util.Optional;

/**
 * A key of the tenant's that may verify.
 *
 * @param server where it signs for
 * @param version of the credentials
 * @param until when its overlap ends, of one that was replaced
 */
record TenantKey(
    String apiKey, SigningKey mac, ServerUrl server, long version, Optional<Instant> until) {}
