package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;

/** The vault's family of an in-memory storage. Safe for use by several threads. */
public final class InMemoryVaultStores implements VaultStores {
  private final SecretStore secrets;
  private final OrganizationKeyStore organizationKeys;
  private final WebhookStore webhooks;

  private InMemoryVaultStores(InMemoryStorage storage, MemoryEngine engine) {
    this.secrets = new MemorySecretStore(storage, engine);
    this.organizationKeys = new MemoryOrganizationKeyStore(storage, engine);
    this.webhooks = new MemoryWebhookStore(storage, engine);
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
  public WebhookStore webhooks() {
    return webhooks;
  }
}
