package io.tenantkit.vault.spi;

/** The vault's family of stores, in the same database as the core's. */
public interface VaultStores {
  /** Secrets and their versions. */
  SecretStore secrets();

  /** The wrapped keys of organizations. */
  OrganizationKeyStore organizationKeys();

  /** The wrapped data keys of secret versions. */
  SecretRewrapStore secretRewraps();

  /** What was erased for ever. */
  ErasureStore erasures();

  /** Sums of the uses of secrets. */
  SecretUsageStore secretUsage();

  /** Integrations. */
  IntegrationStore integrations();

  /** Webhook endpoints and what they could not be told. */
  WebhookStore webhooks();

  /** The rotations of secrets. */
  RotationStore rotations();

  /** Marks of credentials. */
  CredentialMarkStore credentialMarks();
}
