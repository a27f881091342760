package io.tenantkit.vault.usage;

import java.time.Instant;

/**
 * A sum of uses.
 *
 * @param key what it is of, as the query grouped: a secret's id (empty for attempts that got none),
 *     {@code KIND:id} of an actor, a tool or an address (empty for none), or the beginning of a day
 *     or hour as {@link Instant} writes it
 * @param ok uses that got the value
 * @param refused attempts that were denied or found nothing
 * @param failed attempts at which the record or the storage failed
 * @param firstAt the first of them
 * @param lastAt the last of them
 */
public record UsageLine(
    String key, long ok, long refused, long failed, Instant firstAt, Instant lastAt) {}
