package io.tenantkit.vault;

import com.github.benmanes.caffeine.cache.Scheduler;
import io.tenantkit.ControlPlane;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.VersionChoice;
import io.tenantkit.vault.usage.SecretUses;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Puts the parts of the vault together. */
final class DefaultSecretVault implements SecretVault {
  private static final Duration ROTATION_CHECK = Duration.ofMinutes(5);

  private final PlaneRuntime runtime;
  private final VaultStores stores;
  private final OrganizationKeyRing ring;
  private final SecretEnvelope envelope;
  private final SecretWriter writer;
  private final SecretReader reader;
  private final SecretLifecycle lifecycle;
  private final SecretSharer sharer;
  private final SecretUses uses;
  private volatile KeySettings keySettings = KeySettings.defaults();
  private final SecretArchive archive;
  private final WrappedKeys markKeys;
  private final CredentialMarker marker;

  private DefaultSecretVault(PlaneRuntime runtime, VaultStores stores) {
    SealingKeys sealingKeys = SealingKeys.create();
    SecretStore store = stores.secrets();
    this.stores = stores;
    this.ring =
        new OrganizationKeyRing(
            runtime,
            stores.organizationKeys(),
            sealingKeys,
            Scheduler.systemScheduler(),
            context -> stores.erasures().isErased(context));
    this.envelope = SecretEnvelope.of(sealingKeys, runtime.random());
    SecretSealer sealer = new SecretSealer(ring, envelope, stores.secretRewraps());
    SecretEvents events = new SecretEvents(runtime);
    this.runtime = runtime;
    this.uses = SecretUses.of(runtime, stores.secretUsage());
    this.writer = new SecretWriter(runtime, store, sealer, events);
    this.reader = new SecretReader(runtime, store, sealer, events, uses);
    this.lifecycle = new SecretLifecycle(runtime, store, sealer, events);
    this.sharer = new SecretSharer(runtime, store, sealer, events);
    this.markKeys =
        new WrappedKeys(runtime, stores.credentialMarks().keys(), CredentialMarker.LABEL);
    this.marker = new CredentialMarker(runtime, stores.credentialMarks(), markKeys);
    this.archive = new DefaultSecretArchive(runtime, store, sealer, events);
    runtime
        .maintenance()
        .every("secrets.expired", ExpiredVersions.INTERVAL, new ExpiredVersions(store, lifecycle));
    runtime.maintenance().every("vault.keys.rotate", ROTATION_CHECK, ring::rotateDue);
  }

  /** What {@link VaultKeys} works on. */
  OrganizationKeyRing ring() {
    return ring;
  }

  WrappedKeys markKeys() {
    return markKeys;
  }

  KeySettings keySettings() {
    return keySettings;
  }

  void set(KeySettings settings) {
    keySettings = settings;
    ring.rotateAt(settings.maxEncryptions(), settings.maxAge());
  }

  VaultStores stores() {
    return stores;
  }

  SecretEnvelope envelope() {
    return envelope;
  }

  static SecretVault of(ControlPlane plane) {
    PlaneRuntime runtime = plane.runtime();
    VaultStores stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
    return new DefaultSecretVault(runtime, stores);
  }

  @Override
  public Secret put(TenantContext context, SecretRef ref, NewSecret wanted) {
    return writer.put(context, ref, wanted);
  }

  @Override
  public Map<SecretRef, Secret> putAll(TenantContext context, Map<SecretRef, NewSecret> wanted) {
    return writer.putAll(context, wanted);
  }

  @Override
  public <T> T useFields(
      TenantContext context, SecretRef ref, Purpose purpose, SecretUse<SecretFields, T> code) {
    return reader.use(context, ref, VersionChoice.CURRENT, purpose, code);
  }

  @Override
  public <T> T useFields(
      TenantContext context,
      SecretRef ref,
      Stage stage,
      Purpose purpose,
      SecretUse<SecretFields, T> code) {
    return reader.use(context, ref, VersionChoice.at(stage), purpose, code);
  }

  @Override
  public <T> T useFields(
      TenantContext context,
      SecretRef ref,
      long version,
      Purpose purpose,
      SecretUse<SecretFields, T> code) {
    return reader.use(context, ref, VersionChoice.numbered(version), purpose, code);
  }

  @Override
  public SecretFields reveal(TenantContext context, SecretRef ref) {
    return reader.reveal(context, ref, VersionChoice.CURRENT);
  }

  @Override
  public SecretFields reveal(TenantContext context, SecretRef ref, Stage stage) {
    return reader.reveal(context, ref, VersionChoice.at(stage));
  }

  @Override
  public SecretFields reveal(TenantContext context, SecretRef ref, long version) {
    return reader.reveal(context, ref, VersionChoice.numbered(version));
  }

  @Override
  public Secret get(TenantContext context, SecretRef ref) {
    return reader.get(context, ref);
  }

  @Override
  public Map<SecretRef, Secret> getAll(TenantContext context, Collection<SecretRef> refs) {
    return reader.getAll(context, refs);
  }

  @Override
  public List<SecretVersion> versions(TenantContext context, SecretRef ref) {
    return reader.versions(context, ref);
  }

  @Override
  public Page<Secret> list(TenantContext context, PageRequest page) {
    return reader.list(context, page);
  }

  @Override
  public Page<Secret> search(TenantContext context, SecretQuery query, PageRequest page) {
    return reader.search(context, query, page);
  }

  @Override
  public Secret share(TenantContext context, SecretRef ref, Sharing wanted) {
    return sharer.share(context, ref, wanted);
  }

  @Override
  public Sharing sharing(TenantContext context, SecretRef ref) {
    return sharer.sharing(context, ref);
  }

  @Override
  public Secret update(TenantContext context, SecretRef ref, SecretChange change) {
    return lifecycle.update(context, ref, change);
  }

  @Override
  public Secret promote(TenantContext context, SecretRef ref, long version) {
    return lifecycle.promote(context, ref, version);
  }

  @Override
  public Secret rollBack(TenantContext context, SecretRef ref) {
    return lifecycle.rollBack(context, ref);
  }

  @Override
  public Secret retire(TenantContext context, SecretRef ref) {
    return lifecycle.retire(context, ref);
  }

  @Override
  public Secret deleteVersion(TenantContext context, SecretRef ref, long version) {
    return lifecycle.deleteVersion(context, ref, version);
  }

  @Override
  public Secret undeleteVersion(TenantContext context, SecretRef ref, long version) {
    return lifecycle.undeleteVersion(context, ref, version);
  }

  @Override
  public Secret destroyVersion(TenantContext context, SecretRef ref, long version) {
    return lifecycle.destroyVersion(context, ref, version);
  }

  @Override
  public Secret delete(TenantContext context, SecretRef ref) {
    return lifecycle.delete(context, ref);
  }

  @Override
  public Secret undelete(TenantContext context, SecretRef ref) {
    return lifecycle.undelete(context, ref);
  }

  @Override
  public void destroy(TenantContext context, SecretRef ref) {
    lifecycle.destroy(context, ref);
  }

  @Override
  public SecretUses uses() {
    return uses;
  }

  @Override
  public PlaneRuntime runtime() {
    return runtime;
  }

  @Override
  public CredentialMarker marker() {
    return marker;
  }

  @Override
  public SecretArchive archive() {
    return archive;
  }
}
