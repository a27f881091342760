package io.tenantkit.vault;

import java.time.Instant;

/**
 * A key of an organization, without the key.
 *
 * @param number its place in the ring, from 1; the highest takes new writes
 * @param id its id, never used again
 * @param masterKeyId which master key wraps it
 * @param createdAt when it was made
 */
public record OrganizationKey(int number, String id, String masterKeyId, Instant createdAt) {}
