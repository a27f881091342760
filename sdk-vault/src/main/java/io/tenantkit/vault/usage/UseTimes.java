package io.tenantkit.vault.usage;

import java.time.Instant;

/**
 * How a secret was used so far.
 *
 * @param uses how often its value was handed over
 * @param firstAt when first, as far as it is kept
 * @param lastAt when last
 */
public record UseTimes(long uses, Instant firstAt, Instant lastAt) {}
