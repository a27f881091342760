package io.tenantkit.vault;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An in-memory storage that answers with other stores for the vault: a database that misbehaves.
 */
record DecoratedStorage(InMemoryStorage inner, VaultStores vaultStores) implements Storage {

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    return family == VaultStores.class
        ? Optional.of(family.cast(vaultStores))
        : inner.stores(family);
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return inner.readiness();
  }

  @Override
  public void close() {
    inner.close();
  }

  /** Two stores as a family, which has no others. */
  record Stores(SecretStore secrets, OrganizationKeyStore organizationKeys) implements VaultStores {
    @Override
    public WebhookStore webhooks() {
      throw new UnsupportedOperationException();
    }
  }

  /** Rows that somebody changed in the database, seen when they are read for a reveal. */
  static UnaryOperator<VaultStores> changing(UnaryOperator<OpenedSecret> change) {
    return stores ->
        new Stores(
            new Secrets(stores.secrets()) {
              @Override
              public Optional<OpenedSecret> open(
                  TenantContext context,
                  SecretRef ref,
                  OptionalLong version,
                  Function<Secret, AuditEvent> event) {
                return super.open(context, ref, version, event).map(change);
              }
            },
            stores.organizationKeys());
  }

  /** Key rows that somebody changed in the database. */
  static UnaryOperator<VaultStores> changingKeys(UnaryOperator<StoredOrganizationKey> change) {
    return stores ->
        new Stores(
            stores.secrets(),
            new Keys(stores.organizationKeys()) {
              @Override
              public Optional<StoredOrganizationKey> newest(TenantContext context) {
                return super.newest(context).map(change);
              }

              @Override
              public Optional<StoredOrganizationKey> find(TenantContext context, String keyId) {
                return super.find(context, keyId).map(change);
              }
            });
  }

  /** Passes every verb on. */
  static class Secrets implements SecretStore {
    private final SecretStore inner;

    Secrets(SecretStore inner) {
      this.inner = inner;
    }

    @Override
    public Optional<String> findProject(TenantContext context, String name) {
      return inner.findProject(context, name);
    }

    @Override
    public Optional<Secret> find(TenantContext context, SecretRef ref) {
      return inner.find(context, ref);
    }

    @Override
    public boolean create(
        TenantContext context, Secret secret, StoredSecretVersion first, AuditEvent event) {
      return inner.create(context, secret, first, event);
    }

    @Override
    public boolean addVersion(
        TenantContext context,
        Secret changed,
        long expectedVersion,
        StoredSecretVersion version,
        AuditEvent event) {
      return inner.addVersion(context, changed, expectedVersion, version, event);
    }

    @Override
    public Optional<OpenedSecret> open(
        TenantContext context,
        SecretRef ref,
        OptionalLong version,
        Function<Secret, AuditEvent> event) {
      return inner.open(context, ref, version, event);
    }

    @Override
    public List<SecretVersion> versions(TenantContext context, SecretId id) {
      return inner.versions(context, id);
    }

    @Override
    public List<Secret> list(TenantContext context, String afterId, int limit) {
      return inner.list(context, afterId, limit);
    }

    @Override
    public boolean delete(TenantContext context, SecretId id, AuditEvent event) {
      return inner.delete(context, id, event);
    }
  }

  /** Passes every verb on. */
  static class Keys implements OrganizationKeyStore {
    private final OrganizationKeyStore inner;

    Keys(OrganizationKeyStore inner) {
      this.inner = inner;
    }

    @Override
    public Optional<StoredOrganizationKey> newest(TenantContext context) {
      return inner.newest(context);
    }

    @Override
    public Optional<StoredOrganizationKey> find(TenantContext context, String keyId) {
      return inner.find(context, keyId);
    }

    @Override
    public boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event) {
      return inner.insert(context, key, event);
    }
  }
}
