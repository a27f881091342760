package io.tenantkit.vault.usage;

import java.time.Instant;

/**
 * What an actor did with a secret within a time.
 *
 * @param subject who and which; its tool is empty, for all tools are one here
 * @param ok uses that got the value
 * @param refused attempts that were denied or found nothing
 * @param failed attempts at which the record or the storage failed
 * @param firstAt the first of them
 * @param lastAt the last of them
 */
public record ActorAccess(
    UseSubject subject, long ok, long refused, long failed, Instant firstAt, Instant lastAt) {}
