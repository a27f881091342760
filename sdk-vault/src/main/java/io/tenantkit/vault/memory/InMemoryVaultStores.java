package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
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

/** The vault's family of an in-memory storage. Safe for use by several threads. */
public final class InMemoryVaultStores implements VaultStores {
  private final SecretStore secrets;
  private final OrganizationKeyStore organizationKeys;
  private final SecretRewrapStore secretRewraps;
  private final ErasureStore erasures;
  private final SecretUsageStore secretUsage;
  private final IntegrationStore integrations;
  private final WebhookStore webhooks;
  private final RotationStore rotations;
  private final CredentialMarkStore credentialMarks;

  private InMemoryVaultStores(InMemoryStorage storage, MemoryEngine engine) {
    MemoryRotations rotationRows = new MemoryRotations(engine);
    MemoryMarks marks = new MemoryMarks(engine);
    MemorySecrets secretRows = new MemorySecrets(storage, engine, marks);
    MemoryErasures erased = new MemoryErasures(engine);
    MemoryOrganizationKeyStore keyRows =
        new MemoryOrganizationKeyStore(storage, engine, erased, secretRows);
    this.secrets = new MemorySecretStore(storage, engine, secretRows, rotationRows, marks);
    this.organizationKeys = keyRows;
    this.secretRewraps = new MemorySecretRewrapStore(storage, engine, secretRows);
    this.erasures = new MemoryErasureStore(storage, engine, erased, keyRows, secretRows, marks);
    this.secretUsage = new MemorySecretUsage(storage, engine);
    this.integrations = new MemoryIntegrationStore(storage, engine);
    this.webhooks = new MemoryWebhookStore(storage, engine);
    this.rotations = new MemoryRotationStore(storage, engine, rotationRows, secretRows::secret);
    this.credentialMarks = new MemoryCredentialMarkStore(storage, engine, marks, secretRows);
  }

  /** The family of this storage, the same one however often it is asked for. */
  public static VaultStores in(InMemoryStorage storage) {
    return storage.stores(VaultStores.class, engine -> new InMemoryVaultStores(storage, engine));
  }

  @Override
  public SecretStore secrets() {
    return secrets;
  }

  @Override
  public OrganizationKeyStore organizationKeys() {
    return organizationKeys;
  }

  @Override
  public SecretRewrapStore secretRewraps() {
    return secretRewraps;
  }

  @Override
  public ErasureStore erasures() {
    return erasures;
  }

  @Override
  public SecretUsageStore secretUsage() {
    return secretUsage;
  }

  @Override
  public IntegrationStore integrations() {
    return integrations;
  }

  @Override
  public WebhookStore webhooks() {
    return webhooks;
  }

  @Override
  public RotationStore rotations() {
    return rotations;
  }

  @Override
  public CredentialMarkStore credentialMarks() {
    return credentialMarks;
  }
}
