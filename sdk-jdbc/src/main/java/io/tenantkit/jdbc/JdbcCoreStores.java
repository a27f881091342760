package io.tenantkit.jdbc;

import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;

record JdbcCoreStores(
    OrganizationStore organizations,
    ApiKeyStore apiKeys,
    KeyUpkeepStore keyUpkeep,
    AuditStore audit,
    MasterKeyStore masterKeys)
    implements CoreStores {

  static JdbcCoreStores over(Transactions transactions) {
    return new JdbcCoreStores(
        new JdbcOrganizations(transactions),
        new JdbcApiKeys(transactions),
        new JdbcKeyUpkeep(transactions),
        new JdbcAudit(transactions),
        new JdbcMasterKeys(transactions));
  }
}
