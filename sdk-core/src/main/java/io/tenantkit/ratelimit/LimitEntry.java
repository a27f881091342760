package io.tenantkit.ratelimit;

import io.tenantkit.spi.Bucket;
import io.tenantkit.spi.Pace;
import org.jspecify.annotations.Nullable;

/**
 * One limit of a subject, made ready for calls that may need the storage.
 *
 * @param facts what all subjects share of it
 * @param group whose monitor guards the bucket and the leases
 * @param bucket of a local limit
 * @param leases of a leased limit
 */
record LimitEntry(
    LimitFacts facts, LimitGroup group, @Nullable Bucket bucket, @Nullable HeldLeases leases) {
  RateLimit limit() {
    return facts.limit();
  }

  Pace pace() {
    return facts.pace();
  }
}
