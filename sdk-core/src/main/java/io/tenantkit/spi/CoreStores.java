package io.tenantkit.spi;

/**
 * The core's family of stores. All of them share one database, so one verb can write a row and its
 * audit row together.
 */
public interface CoreStores {
  /** Organizations. */
  OrganizationStore organizations();

  /** Teams and their members. */
  TeamStore teams();

  /** API keys. */
  ApiKeyStore apiKeys();

  /** What time does to API keys. */
  KeyUpkeepStore keyUpkeep();

  /** Pairs of issuer and external organization. */
  ExternalOrganizationStore externalOrganizations();

  /** The audit trail. */
  AuditStore audit();

  /** Signed heads of the audit trail. */
  AuditCheckpointStore auditCheckpoints();

  /** Which master keys the storage was written with. */
  MasterKeyStore masterKeys();

  /** The counts of rate limits and credits that nodes share. */
  RateLimitStore rateLimits();

  /** What changed, for the caches of every node. */
  ChangeStore changes();

  /** How much keys are used. */
  UsageStore usage();

  /** Tokens that were issued, and who is denied. */
  TokenLedgerStore tokenLedger();

  /** Which events from outside were taken. */
  ReceivedEventStore receivedEvents();

  /** Who was where and how long. */
  PresenceStore presences();
}
