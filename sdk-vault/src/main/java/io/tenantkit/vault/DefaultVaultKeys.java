package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

final class DefaultVaultKeys implements VaultKeys {
  private static final int MAX_REASON = 1_000;

  /** Longer than a put takes that had read the key as the newest. */
  private static final Duration SUPERSEDED = Duration.ofHours(1);

  private final PlaneRuntime runtime;
  private final VaultStores stores;
  private final OrganizationKeyRing ring;
  private final SecretRewrapping secrets;
  private final MasterKeyRewrapping masterKeys;
  private final Erasures erasures;
  private final KeysDoctor doctor;

  private DefaultVaultKeys(DefaultSecretVault vault, KeySettings settings) {
    this.runtime = vault.runtime();
    this.stores = vault.stores();
    this.ring = vault.ring();
    WrappedKeys erasureKeys =
        new WrappedKeys(runtime, stores.erasures().keys(), ErasureSigner.LABEL);
    ErasureSigner signer = new ErasureSigner(runtime, erasureKeys);
    this.secrets = new SecretRewrapping(runtime, stores.secretRewraps(), ring, vault.envelope());
    this.masterKeys =
        new MasterKeyRewrapping(
            runtime, stores.organizationKeys(), ring, erasureKeys, vault.markKeys());
    this.erasures = new Erasures(runtime, stores, ring, signer, settings.erasureList());
    this.doctor =
        new KeysDoctor(runtime, stores, ring, erasures, masterKeys, settings.erasureList());
  }

  static VaultKeys of(SecretVault vault) {
    DefaultSecretVault ours = ours(vault);
    return new DefaultVaultKeys(ours, ours.keySettings());
  }

  static VaultKeys of(SecretVault vault, KeySettings settings) {
    DefaultSecretVault ours = ours(vault);
    ours.ring().requireOpen();
    ours.set(settings);
    DefaultVaultKeys keys = new DefaultVaultKeys(ours, settings);
    keys.erasures.applyList();
    return keys;
  }

  private static DefaultSecretVault ours(SecretVault vault) {
    if (vault instanceof DefaultSecretVault ours) {
      return ours;
    }
    throw new TenantkitException(
        ErrorCode.INTERNAL, "keys are those of a vault that SecretVault.of made");
  }

  @Override
  public OrganizationKey rotate(TenantContext context) {
    begin(context);
    return shown(ring.rotate(context, "asked"));
  }

  private static OrganizationKey shown(StoredOrganizationKey key) {
    return new OrganizationKey(key.number(), key.keyId(), key.masterKeyId(), key.createdAt());
  }

  @Override
  public SecretsRewrap rewrapSecrets(TenantContext context) {
    begin(context);
    context.requireOwnTransaction("re-wrap of secrets");
    return secrets.run(context);
  }

  @Override
  public SecretsRewrap planSecretsRewrap(TenantContext context) {
    begin(context);
    context.requireOwnTransaction("re-wrap of secrets");
    return secrets.plan(context);
  }

  @Override
  public List<OrganizationKey> destroyUnusedKeys(TenantContext context) {
    begin(context);
    context.requireOwnTransaction("destruction of keys");
    return unused(context, runtime.now()).stream()
        .filter(key -> stores.organizationKeys().destroy(context, key.keyId(), gone(context, key)))
        .map(DefaultVaultKeys::shown)
        .toList();
  }

  private AuditEvent gone(TenantContext context, StoredOrganizationKey key) {
    return runtime
        .event(
            context, runtime.now(), "organization_key.destroyed", "organization_key", key.keyId())
        .with("number", Integer.toString(key.number()));
  }

  @Override
  public List<OrganizationKey> planKeyDestruction(TenantContext context) {
    begin(context);
    return unused(context, runtime.now()).stream().map(DefaultVaultKeys::shown).toList();
  }

  /** As far as it can be seen beforehand; the storage looks again. */
  private List<StoredOrganizationKey> unused(TenantContext context, Instant now) {
    List<Counted> counted = stores.organizationKeys().ring(context);
    if (counted.size() < 2) {
      return List.of();
    }
    Set<String> used = stores.secretRewraps().counts(context).keySet();
    List<StoredOrganizationKey> unused = new ArrayList<>();
    for (int i = 0; i + 1 < counted.size(); i++) {
      StoredOrganizationKey key = counted.get(i).key();
      Instant superseded = counted.get(i + 1).key().createdAt();
      if (!superseded.isAfter(now.minus(SUPERSEDED)) && !used.contains(key.keyId())) {
        unused.add(key);
      }
    }
    return unused;
  }

  @Override
  public KeysReport.OrganizationKeys doctor(TenantContext context) {
    begin(context);
    return doctor.look(context);
  }

  @Override
  public KeysReport doctor(Operator operator) {
    begin(operator);
    return doctor.look(operator);
  }

  @Override
  public MasterKeyRewrap rewrapMasterKey(Operator operator) {
    begin(operator);
    return masterKeys.run(operator, false);
  }

  @Override
  public MasterKeyRewrap planMasterKeyRewrap(Operator operator) {
    begin(operator);
    return masterKeys.run(operator, true);
  }

  @Override
  public void retireMasterKey(Operator operator, String masterKeyId) {
    begin(operator);
    masterKeys.retire(operator, masterKeyId);
    runtime
        .events()
        .publish(
            new Event(
                EventType.MASTER_KEY_RETIRED,
                runtime.now(),
                Optional.empty(),
                masterKeyId,
                Map.of("actor", operator.actor().id())));
  }

  @Override
  public Erasure eraseOrganization(Operator operator, OrganizationId organization) {
    begin(operator);
    if (runtime.coreStores().organizations().find(operator, organization).isEmpty()) {
      throw new NotFoundException("organization");
    }
    Erasure erasure =
        erasures.organization(
            TenantContext.trusted(organization, operator.actor()), operator.reason());
    runtime
        .events()
        .publish(
            Event.of(
                EventType.ORGANIZATION_ERASED,
                erasure.at(),
                organization,
                erasure.id(),
                Map.of(
                    "actor", operator.actor().id(),
                    "keys", Integer.toString(erasure.keys().size()))));
    return erasure;
  }

  @Override
  public Erasure eraseSecret(TenantContext context, SecretRef ref, String reason) {
    begin(context);
    context.requireOwnTransaction("erasure of a secret");
    context.require(Scopes.SECRETS_WRITE);
    Texts.require("reason", reason, MAX_REASON);
    context.require(Scopes.SECRETS_READ);
    Places.require(context, ref);
    // One that was deleted is erased as well: it need not come back into use for that.
    Secret secret =
        stores.secrets().find(context, ref).orElseThrow(() -> new NotFoundException("secret"));
    return erasures.secret(context, secret, reason);
  }

  @Override
  public List<Erasure> erasures(TenantContext context) {
    begin(context);
    return erasures.list(context);
  }

  @Override
  public int applyErasures(Operator operator) {
    begin(operator);
    return erasures.apply(operator);
  }

  private void begin(TenantContext context) {
    ring.requireOpen();
    context.require(Scopes.KEYS_MANAGE);
  }

  /** Work over all organizations commits one after the other, which no transaction around can. */
  private void begin(Operator operator) {
    ring.requireOpen();
    if (operator.transaction().isPresent()) {
      throw new TenantkitException(
          ErrorCode.JOINED_TRANSACTION_REFUSED,
          "work on keys is refused inside a joined transaction");
    }
  }
}
