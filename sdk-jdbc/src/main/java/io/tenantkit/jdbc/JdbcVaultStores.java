package io.tenantkit.jdbc;

import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;

record JdbcVaultStores(
    SecretStore secrets, OrganizationKeyStore organizationKeys, RotationStore rotations)
    implements VaultStores {

  static JdbcVaultStores over(Transactions transactions) {
    return new JdbcVaultStores(
        new JdbcSecrets(transactions), new JdbcOrganizationKeys(transactions), new JdbcRotations(transactions));
  }
}
