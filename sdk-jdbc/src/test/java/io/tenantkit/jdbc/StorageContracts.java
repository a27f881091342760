package io.tenantkit.jdbc;

import io.tenantkit.tck.StorageHarness;
import org.junit.jupiter.api.Nested;

/** Every contract of the core and of the vault, once for each kind of JDBC storage. */
abstract class StorageContracts {

  /** An empty storage. */
  abstract StorageHarness newHarness();

  @Nested
  final class ApiKeyStore extends io.tenantkit.tck.ApiKeyStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class AuditStore extends io.tenantkit.tck.AuditStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class OrganizationStore extends io.tenantkit.tck.OrganizationStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class ExternalOrganizationStore extends io.tenantkit.tck.ExternalOrganizationStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class TeamStore extends io.tenantkit.tck.TeamStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Seed extends io.tenantkit.tck.SeedContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class MasterKeyStore extends io.tenantkit.tck.MasterKeyStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class TenantIsolation extends io.tenantkit.tck.TenantIsolationContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Concurrency extends io.tenantkit.tck.ConcurrencyContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class JoinedTransaction extends io.tenantkit.tck.JoinedTransactionContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class SecretStore extends io.tenantkit.vault.tck.SecretStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class SecretLife extends io.tenantkit.vault.tck.SecretLifeContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class SecretRows extends io.tenantkit.vault.tck.SecretRowsContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class RotationStore extends io.tenantkit.vault.tck.RotationStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Rotation extends io.tenantkit.vault.tck.RotationContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class OrganizationKeyStore extends io.tenantkit.vault.tck.OrganizationKeyStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultKeyStores extends io.tenantkit.vault.tck.VaultKeyStoresContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class ErasedOrganization extends io.tenantkit.vault.tck.ErasedOrganizationContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultKeys extends io.tenantkit.vault.tck.VaultKeysContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class RestoredStages extends io.tenantkit.vault.tck.RestoredStagesContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Compliance extends io.tenantkit.vault.tck.ComplianceContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class SecretUsage extends io.tenantkit.vault.tck.SecretUsageStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultIsolation extends io.tenantkit.vault.tck.VaultIsolationContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultAccess extends io.tenantkit.vault.tck.VaultAccessContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultConcurrency extends io.tenantkit.vault.tck.VaultConcurrencyContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class VaultJoinedTransaction extends io.tenantkit.vault.tck.VaultJoinedTransactionContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Webhook extends io.tenantkit.vault.tck.WebhookContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class ApiKeyRows extends io.tenantkit.tck.ApiKeyRowsContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class AfterCommit extends io.tenantkit.tck.AfterCommitContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Expiry extends io.tenantkit.tck.ExpiryContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class AuditChain extends io.tenantkit.tck.AuditChainContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class ChangeStore extends io.tenantkit.tck.ChangeStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class RateLimitStore extends io.tenantkit.tck.RateLimitStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class RateLimitSchedule extends io.tenantkit.tck.RateLimitScheduleContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class UsageStore extends io.tenantkit.tck.UsageStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class PresenceStore extends io.tenantkit.tck.PresenceStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class KeyUpkeep extends io.tenantkit.tck.KeyUpkeepContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class KeyLife extends io.tenantkit.tck.KeyLifeContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class LeakReport extends io.tenantkit.tck.LeakReportContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class RepeatedCreation extends io.tenantkit.tck.RepeatedCreationContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class LimitLife extends io.tenantkit.tck.LimitLifeContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class IntegrationStore extends io.tenantkit.vault.tck.IntegrationStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class CredentialMarkStore extends io.tenantkit.vault.tck.CredentialMarkStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class Backup extends io.tenantkit.vault.tck.BackupContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }

  @Nested
  final class TokenLedgerStore extends io.tenantkit.tck.TokenLedgerStoreContract {
    @Override
    protected StorageHarness openHarness() {
      return newHarness();
    }
  }
}
