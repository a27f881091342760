package io.tenantkit.vault;

import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.ErasureStore;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.IntegrationStore;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretRewrapStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.VersionChoice;
import io.tenantkit.vault.spi.WebhookStore;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * An in-memory storage that answers with other stores for the vault: a database that misbehaves.
 */
record DecoratedStorage(InMemoryStorage inner, VaultStores vaultStores) implements Storage {

  @Override
  public <F> Optional<F> stores(Class<F> family) {
    return family == VaultStores.class ? Optional.of(family.cast(whole())) : inner.stores(family);
  }

  /** What the decorator says nothing of is the inner storage's. */
  private VaultStores whole() {
    if (!(vaultStores instanceof Stores decorated)) {
      return vaultStores;
    }
    VaultStores rest = InMemoryVaultStores.in(inner);
    return new VaultStores() {
      @Override
      public SecretStore secrets() {
        return vaultStores.secrets();
      }

      @Override
      public OrganizationKeyStore organizationKeys() {
        return vaultStores.organizationKeys();
      }

      @Override
      public SecretRewrapStore secretRewraps() {
        return decorated.rewraps() == null ? rest.secretRewraps() : decorated.rewraps();
      }

      @Override
      public ErasureStore erasures() {
        return rest.erasures();
      }

      @Override
      public SecretUsageStore secretUsage() {
        return rest.secretUsage();
      }

      @Override
      public IntegrationStore integrations() {
        return rest.integrations();
      }

      @Override
      public WebhookStore webhooks() {
        return rest.webhooks();
      }

      @Override
      public RotationStore rotations() {
        return rest.rotations();
      }

      @Override
      public CredentialMarkStore credentialMarks() {
        return rest.credentialMarks();
      }
    };
  }

  @Override
  public List<ReadinessIssue> readiness() {
    return inner.readiness();
  }

  @Override
  public void close() {
    inner.close();
  }

  /** Two stores as a family, or three. */
  record Stores(
      SecretStore secrets, OrganizationKeyStore organizationKeys, SecretRewrapStore rewraps)
      implements VaultStores {
    Stores(SecretStore secrets, OrganizationKeyStore organizationKeys) {
      this(secrets, organizationKeys, null);
    }

    @Override
    public SecretUsageStore secretUsage() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SecretRewrapStore secretRewraps() {
      return rewraps;
    }

    @Override
    public ErasureStore erasures() {
      throw new UnsupportedOperationException();
    }

    @Override
    public IntegrationStore integrations() {
      throw new UnsupportedOperationException("not of these tests");
    }

    @Override
    public WebhookStore webhooks() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CredentialMarkStore credentialMarks() {
      throw new UnsupportedOperationException();
    }

    @Override
    public RotationStore rotations() {
      throw new UnsupportedOperationException();
    }
  }

  /** Rows that somebody changed in the database, seen when they are read for a reveal. */
  static UnaryOperator<VaultStores> changing(UnaryOperator<OpenedSecret> change) {
    return stores -> {
      AtomicReference<OpenedSecret> changed = new AtomicReference<>();
      return new Stores(
          new Secrets(stores.secrets()) {
            @Override
            public Optional<OpenedSecret> open(
                TenantContext context,
                SecretRef ref,
                VersionChoice version,
                Function<OpenedSecret, AuditEvent> event) {
              Optional<OpenedSecret> opened = super.open(context, ref, version, event).map(change);
              opened.ifPresent(changed::set);
              return opened;
            }
          },
          stores.organizationKeys(),
          new Rewraps(stores.secretRewraps()) {
            @Override
            public Optional<WrappedVersion> find(
                TenantContext context, String secretId, long number) {
              StoredSecretVersion row = changed.get().version();
              return super.find(context, secretId, number)
                  .map(there -> there.under(row.organizationKeyId(), row.wrappedDataKey()));
            }
          });
    };
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
    public boolean isTaken(TenantContext context, SecretRef ref) {
      return inner.isTaken(context, ref);
    }

    @Override
    public SortedSet<TeamId> teams(TenantContext context, SecretId id) {
      return inner.teams(context, id);
    }

    @Override
    public List<Secret> findAll(TenantContext context, Collection<SecretRef> refs) {
      return inner.findAll(context, refs);
    }

    @Override
    public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
      return inner.writeAll(context, writes);
    }

    @Override
    public Optional<OpenedSecret> open(
        TenantContext context,
        SecretRef ref,
        VersionChoice version,
        Function<OpenedSecret, AuditEvent> event) {
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
    public List<Secret> search(
        TenantContext context, SecretQuery query, Instant now, SecretPlace after, int limit) {
      return inner.search(context, query, now, after, limit);
    }

    @Override
    public boolean destroy(TenantContext context, Secret secret, AuditEvent event) {
      return inner.destroy(context, secret, event);
    }

    @Override
    public List<OrganizationId> organizationsWithExpired(
        Instant before, String afterId, int limit) {
      return inner.organizationsWithExpired(before, afterId, limit);
    }

    @Override
    public List<ExpiredVersion> expired(TenantContext context, Instant before, int limit) {
      return inner.expired(context, before, limit);
    }

    @Override
    public List<Secret> listAll(TenantContext context, String afterId, int limit) {
      return inner.listAll(context, afterId, limit);
    }

    @Override
    public Optional<SecretHistory> openAll(
        TenantContext context, SecretId id, Function<SecretHistory, AuditEvent> event) {
      return inner.openAll(context, id, event);
    }

    @Override
    public boolean restore(TenantContext context, SecretHistory history, AuditEvent event) {
      return inner.restore(context, history, event);
    }
  }

  /** Passes every verb on. */
  static class Rewraps implements SecretRewrapStore {
    private final SecretRewrapStore inner;

    Rewraps(SecretRewrapStore inner) {
      this.inner = inner;
    }

    @Override
    public List<WrappedVersion> notUnder(
        TenantContext context, String keyId, WrappedVersion after, int limit) {
      return inner.notUnder(context, keyId, after, limit);
    }

    @Override
    public Optional<WrappedVersion> find(TenantContext context, String secretId, long number) {
      return inner.find(context, secretId, number);
    }

    @Override
    public int rewrap(
        TenantContext context,
        List<SecretRewrapStore.Rewrapped> versions,
        IntFunction<AuditEvent> event) {
      return inner.rewrap(context, versions, event);
    }

    @Override
    public Map<String, Long> counts(TenantContext context) {
      return inner.counts(context);
    }

    @Override
    public Map<String, Long> counts(TenantContext context, String secretId) {
      return inner.counts(context, secretId);
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

    @Override
    public List<Counted> ring(TenantContext context) {
      return inner.ring(context);
    }

    @Override
    public boolean rewrap(
        TenantContext context, List<OrganizationKeyStore.Rewrapped> keys, AuditEvent event) {
      return inner.rewrap(context, keys, event);
    }

    @Override
    public long reserve(TenantContext context, String keyId, long encryptions) {
      return inner.reserve(context, keyId, encryptions);
    }

    @Override
    public List<OrganizationId> due(
        Instant createdBy, long encryptions, String afterId, int limit) {
      return inner.due(createdBy, encryptions, afterId, limit);
    }

    @Override
    public boolean destroy(TenantContext context, String keyId, AuditEvent event) {
      return inner.destroy(context, keyId, event);
    }
  }
}
