package io.tenantkit.vault.usage;

import io.tenantkit.tenant.Environment;
import java.time.Instant;

/**
 * What a secret cost on a day, in one unit and currency.
 *
 * @param secret the secret's id
 * @param environment its environment
 * @param day the beginning of the day, UTC
 * @param unit what was counted, for example {@code tokens}
 * @param currency three letters, or empty when no cost was named
 * @param amount how many units
 * @param costMicros the cost in millionths of the currency
 * @param reports how many reports it is the sum of
 */
public record CostLine(
    String secret,
    Environment environment,
    Instant day,
    String unit,
    String currency,
    long amount,
    long costMicros,
    long reports) {}
