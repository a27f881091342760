package io.tenantkit.vault.spi;

import io.tenantkit.vault.Secret;

/**
 * What was read for a reveal or use, after the audit event was committed.
 *
 * @param secret the secret, deleted or not
 * @param version the version's ciphertexts
 */
public record OpenedSecret(Secret secret, StoredSecretVersion version) {}
