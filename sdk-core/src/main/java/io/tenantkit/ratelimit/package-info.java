/**
 * Rate limits and credits: {@link io.tenantkit.ratelimit.RateLimit} says what is allowed, {@link
 * io.tenantkit.ratelimit.RateLimiter} decides over all limits of a call at once, in this process or
 * together with other nodes through {@link io.tenantkit.spi.RateLimitStore}.
 */
@NullMarked
package io.tenantkit.ratelimit;

import org.jspecify.annotations.NullMarked;
