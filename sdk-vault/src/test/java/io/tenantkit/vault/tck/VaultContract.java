package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.MasterKeyStore.MasterKeyCheck;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.VersionChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the vault's contracts share: both organizations have a first key, so that rows can name it.
 * The harness's storage must answer {@code stores(VaultStores.class)}.
 */
public abstract class VaultContract extends StorageContract {
  protected final VaultSamples rows = new VaultSamples();

  protected SecretStore secrets;
  protected OrganizationKeyStore organizationKeys;

  @BeforeEach
  final void openVaultStores() {
    VaultStores vault = harness.storage().stores(VaultStores.class).orElseThrow();
    secrets = vault.secrets();
    organizationKeys = vault.organizationKeys();
    stores
        .masterKeys()
        .recordIfAbsent(new MasterKeyCheck(VaultSamples.MASTER_KEY, "00aa", Samples.NOW));
    for (TenantContext context : List.of(acme, globex)) {
      assertThat(
              organizationKeys.insert(
                  context,
                  rows.organizationKey(1, VaultSamples.keyId(context.organization())),
                  samples.event(context.organization(), Samples.CREATED_BY_SETUP)))
          .isTrue();
    }
  }

  protected static SecretRef ref(String name) {
    return SecretRef.of("project", Environment.PRODUCTION, name);
  }

  /** Adds a secret with one version, in the project {@code project}. */
  protected final Secret addSecret(TenantContext context, String id, SecretRef ref) {
    Secret secret = rows.secret(context.organization(), id, ref);
    StoredSecretVersion first = rows.version(context.organization(), 1, id);
    assertThat(
            create(context, secret, first, samples.event(context.organization(), "secret.created")))
        .isTrue();
    return secret;
  }

  protected final Secret addVersion(TenantContext context, Secret before, String content) {
    Secret changed = rows.changed(before);
    assertThat(
            add(
                context,
                changed,
                before.revision(),
                rows.version(context.organization(), changed.currentVersion(), content),
                samples.event(context.organization(), "secret.version_added")))
        .isTrue();
    return changed;
  }

  /** A secret that is not there yet, with its first version. */
  protected final boolean create(
      TenantContext context, Secret secret, StoredSecretVersion first, AuditEvent event) {
    return secrets.write(context, SecretWrite.create(secret, first, event));
  }

  /** A row and a version after the row with this revision. */
  protected final boolean add(
      TenantContext context,
      Secret changed,
      long expectedRevision,
      StoredSecretVersion version,
      AuditEvent event) {
    Secret before = VaultSamples.atRevision(changed, expectedRevision);
    return secrets.write(context, SecretWrite.add(before, changed, version, event));
  }

  protected final Optional<OpenedSecret> open(TenantContext context, SecretRef ref) {
    return open(context, ref, OptionalLong.empty());
  }

  protected final Optional<OpenedSecret> open(
      TenantContext context, SecretRef ref, OptionalLong version) {
    VersionChoice which =
        version.isPresent() ? VersionChoice.numbered(version.getAsLong()) : VersionChoice.CURRENT;
    return secrets.open(
        context, ref, which, any -> samples.event(context.organization(), "secret.opened"));
  }

  /** The ciphertexts of all versions, for comparison; leaves no more than the events of opening. */
  protected final List<Object> contents(TenantContext context, Secret secret) {
    List<Object> shown = new ArrayList<>();
    for (long number = 1; number <= secret.currentVersion(); number++) {
      open(context, secret.ref(), OptionalLong.of(number))
          .ifPresent(opened -> shown.add(VaultSamples.shown(opened.version())));
    }
    return shown;
  }

  /** All that a tenant has, in the core's stores and the vault's, without opening a secret. */
  protected final List<Object> everythingKept(TenantContext context) {
    List<Secret> listed = secrets.list(context, null, 10_000);
    return List.of(
        everything(context),
        listed,
        listed.stream().map(secret -> secrets.versions(context, secret.id())).toList(),
        listed.stream().map(s -> secrets.findProject(context, s.ref().project())).toList(),
        organizationKeys.newest(context).map(VaultSamples::shown));
  }

  /** The call answers false or throws one of our exceptions. */
  protected static void assertRefused(BooleanSupplier call) {
    boolean done;
    try {
      done = call.getAsBoolean();
    } catch (TenantkitException e) {
      return;
    }
    if (done) {
      fail("it was not refused");
    }
  }
}
