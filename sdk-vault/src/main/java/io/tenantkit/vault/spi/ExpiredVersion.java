package io.tenantkit.vault.spi;

import io.tenantkit.vault.SecretRef;

/**
 * A version that has expired.
 *
 * @param ref its secret
 * @param number its number
 */
public record ExpiredVersion(SecretRef ref, long number) {}
