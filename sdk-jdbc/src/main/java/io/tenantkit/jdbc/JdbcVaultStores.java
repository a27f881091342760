package io.tenantkit.jdbc;

import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;

record JdbcVaultStores(
    SecretStore secrets, OrganizationKeyStore organizationKeys, WebhookStore webhooks)
    implements VaultStores {

  static JdbcVaultStores over(Transactions transactions) {
    return new JdbcVaultStores(
        new JdbcSecrets(transactions),
        new JdbcOrganizationKeys(transactions),
        new JdbcWebhooks(transactions));
  }
}
