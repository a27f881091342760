package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;

/** The vault's family of an in-memory storage. Safe for use by several threads. */
public final class InMemoryVaultStores implements VaultStores {
  private final SecretStore secrets;
  private final OrganizationKeyStore organizationKeys;
  private final RotationStore rotations;

  private InMemoryVaultStores(InMemoryStorage storage, MemoryEngine engine) {
    MemorySecretStore kept = new MemorySecretStore(storage, engine);
    this.secrets = kept;
    this.rotations = new MemoryRotationStore(storage, engine, kept::secret);
    this.organizationKeys = new MemoryOrganizationKeyStore(storage, engine);
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
  public RotationStore rotations() {
    return rotations;
  }
}
