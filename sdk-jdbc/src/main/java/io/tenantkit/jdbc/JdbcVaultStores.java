package io.tenantkit.jdbc;

import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.VaultStores;

record JdbcVaultStores(
    SecretStore secrets, OrganizationKeyStore organizationKeys, SecretUsageStore secretUsage)
    implements VaultStores {

  static JdbcVaultStores over(Transactions transactions) {
    return new JdbcVaultStores(
        new JdbcSecrets(transactions),
        new JdbcOrganizationKeys(transactions),
        new JdbcSecretUsage(transactions));
  }
}
