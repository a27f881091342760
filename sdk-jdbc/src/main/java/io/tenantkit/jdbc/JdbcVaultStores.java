package io.tenantkit.jdbc;

import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.IntegrationStore;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.SecretRewrapStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;

record JdbcVaultStores(
    SecretStore secrets,
    OrganizationKeyStore organizationKeys,
    SecretRewrapStore secretRewraps,
    ErasureStore erasures,
    SecretUsageStore secretUsage,
    IntegrationStore integrations,
    WebhookStore webhooks,
    RotationStore rotations,
    CredentialMarkStore credentialMarks)
    implements VaultStores {

  static JdbcVaultStores over(Transactions transactions) {
    return new JdbcVaultStores(
        new JdbcSecrets(transactions),
        new JdbcOrganizationKeys(transactions),
        new JdbcSecretRewraps(transactions),
        new JdbcErasures(transactions),
        new JdbcSecretUsage(transactions),
        new JdbcIntegrations(transactions),
        new JdbcWebhooks(transactions),
        new JdbcRotations(transactions),
        new JdbcCredentialMarks(transactions));
  }
}
