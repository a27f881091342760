package io.tenantkit.vault;

import java.time.Instant;

/**
 * A version of a secret as it may be shown.
 *
 * @param number from 1
 * @param createdBy the actor that put it
 * @param createdAt when, microsecond precision
 */
public record SecretVersion(long number, String createdBy, Instant createdAt) {}
