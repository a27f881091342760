package io.tenantkit.jdbc;

import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.AuditCheckpointStore;
import io.tenantkit.spi.AuditStore;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.MasterKeyStore;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.spi.TeamStore;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.UsageStore;

record JdbcCoreStores(
    OrganizationStore organizations,
    TeamStore teams,
    ApiKeyStore apiKeys,
    KeyUpkeepStore keyUpkeep,
    ExternalOrganizationStore externalOrganizations,
    AuditStore audit,
    AuditCheckpointStore auditCheckpoints,
    MasterKeyStore masterKeys,
    RateLimitStore rateLimits,
    ChangeStore changes,
    UsageStore usage,
    TokenLedgerStore tokenLedger,
    ReceivedEventStore receivedEvents,
    PresenceStore presences)
    implements CoreStores {

  static JdbcCoreStores over(Transactions transactions) {
    return new JdbcCoreStores(
        new JdbcOrganizations(transactions),
        new JdbcTeams(transactions),
        new JdbcApiKeys(transactions),
        new JdbcKeyUpkeep(transactions),
        new JdbcExternalOrganizations(transactions),
        new JdbcAudit(transactions),
        new JdbcAuditCheckpoints(transactions),
        new JdbcMasterKeys(transactions),
        transactions.dialect() == Dialect.POSTGRESQL
            ? new PostgresqlRateLimits(transactions)
            : new H2RateLimits(transactions),
        transactions.dialect() == Dialect.POSTGRESQL
            ? new PostgresqlChanges(transactions)
            : new H2Changes(transactions),
        new JdbcUsage(transactions),
        new JdbcTokenLedger(transactions),
        new JdbcReceivedEvents(transactions),
        new JdbcPresences(transactions));
  }
}
