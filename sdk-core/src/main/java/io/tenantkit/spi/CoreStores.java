package io.tenantkit.spi;

/**
 * The core's family of stores. All of them share one database, so one verb can write a row and its
 * audit row together.
 */
public interface CoreStores {
  /** Organizations. */
  OrganizationStore organizations();

  /** API keys. */
  ApiKeyStore apiKeys();

  /** What time does to API keys. */
  KeyUpkeepStore keyUpkeep();

  /** The audit trail. */
  AuditStore audit();

  /** Which master keys the storage was written with. */
  MasterKeyStore masterKeys();
}
