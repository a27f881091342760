package io.tenantkit.vault;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.AssociatedData;
import io.tenantkit.vault.crypto.SealedVersion;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.crypto.SecretVersionId;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;

final class DefaultSecretVault implements SecretVault {
  private static final String TARGET = "secret";

  /**
   * Projects in which the library keeps what it uses itself. Whoever may handle secrets in general
   * must not by that replace the server that every participant is sent to.
   */
  private static final Map<String, Scope> RESERVED_PROJECTS =
      Map.of("livekit", Scopes.LIVEKIT_CONNECT, "webhooks", Scopes.WEBHOOKS_MANAGE);

  /**
   * How often a put without an expected version starts over when another one was faster. Each time
   * somebody got on, so nobody waits for nothing; the bound ends it in a transaction that cannot
   * see the others' rows. Of eight that put all the time, one loses sixteen times in a row soon.
   */
  private static final int ATTEMPTS = 256;

  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final OrganizationKeyRing ring;
  private final SecretEnvelope envelope;

  private DefaultSecretVault(PlaneRuntime runtime, VaultStores stores) {
    SealingKeys sealingKeys = SealingKeys.create();
    this.runtime = runtime;
    this.store = stores.secrets();
    this.ring = new OrganizationKeyRing(runtime, stores.organizationKeys(), sealingKeys);
    this.envelope = SecretEnvelope.of(sealingKeys, runtime.random());
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
    ring.requireOpen();
    context.require(Scopes.SECRETS_WRITE);
    requirePlace(context, ref);
    // A closed value throws here, before an organization's first key is made for it.
    wanted.fields().values().forEach(SecretValue::length);
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<Secret> before = store.find(context, ref);
      requireExpected(wanted, before);
      Optional<Secret> done =
          before.isPresent()
              ? addVersion(context, before.get(), wanted)
              : create(context, ref, wanted);
      if (done.isPresent()) {
        return done.get();
      }
      if (wanted.expectedVersion().isPresent()) {
        throw unexpectedVersion();
      }
    }
    throw ConflictException.stale("secret");
  }

  private static void requireExpected(NewSecret wanted, Optional<Secret> before) {
    long current = before.map(Secret::currentVersion).orElse(0L);
    if (wanted.expectedVersion().isPresent() && wanted.expectedVersion().getAsLong() != current) {
      throw unexpectedVersion();
    }
    if (before.isPresent() && !before.get().type().equals(wanted.type())) {
      throw new ConflictException("secret exists with another type");
    }
  }

  /** Not the retryable kind of conflict: the same call can never succeed. */
  private static ConflictException unexpectedVersion() {
    return new ConflictException("the expected version of the secret is not the current one");
  }

  private Optional<Secret> create(TenantContext context, SecretRef ref, NewSecret wanted) {
    Instant now = runtime.now();
    String project =
        store.findProject(context, ref.project()).orElseGet(() -> runtime.ids().next("prj"));
    Secret secret =
        new Secret(
            new SecretId(runtime.ids().next("sec")),
            context.organization(),
            project,
            ref,
            wanted.type(),
            1,
            context.actor().id(),
            now,
            now);
    StoredSecretVersion first = seal(context, secret, wanted);
    AuditEvent event = event(context, secret, now, "secret.created");
    return store.create(context, secret, first, event) ? Optional.of(secret) : Optional.empty();
  }

  private Optional<Secret> addVersion(TenantContext context, Secret before, NewSecret wanted) {
    Instant now = runtime.now();
    Secret changed = before.withNewVersion(now);
    StoredSecretVersion version = seal(context, changed, wanted);
    AuditEvent event = event(context, changed, now, "secret.version_added");
    return store.addVersion(context, changed, before.currentVersion(), version, event)
        ? Optional.of(changed)
        : Optional.empty();
  }

  private StoredSecretVersion seal(TenantContext context, Secret secret, NewSecret wanted) {
    return ring.working(() -> seal(ring.newest(context), context, secret, wanted));
  }

  private StoredSecretVersion seal(
      OrganizationKeyRing.NamedKey key, TenantContext context, Secret secret, NewSecret wanted) {
    long number = secret.currentVersion();
    SealedVersion sealed = envelope.seal(key.key(), associated(secret, number), wanted.fields());
    return new StoredSecretVersion(
        number,
        key.id(),
        sealed.wrappedDataKey(),
        sealed.fields(),
        context.actor().id(),
        secret.updatedAt());
  }

  @Override
  public <T> T useFields(
      TenantContext context, SecretRef ref, Purpose purpose, SecretUse<SecretFields, T> code) {
    Function<Secret, AuditEvent> event =
        secret -> {
          // Gathered before the event is made, for each change of an event copies all details.
          Map<String, String> details = new TreeMap<>(purpose.details());
          details.put("purpose", purpose.reason());
          // Last: what the row says of itself stands, whatever a purpose adds.
          putNames(details, secret);
          return runtime
              .event(context, runtime.now(), purpose.action(), TARGET, secret.id().value())
              .with(details);
        };
    try (SecretFields fields = open(context, ref, OptionalLong.empty(), "use", event)) {
      return code.with(fields);
    }
  }

  @Override
  public SecretFields reveal(TenantContext context, SecretRef ref) {
    return reveal(context, ref, OptionalLong.empty());
  }

  @Override
  public SecretFields reveal(TenantContext context, SecretRef ref, long version) {
    return reveal(context, ref, OptionalLong.of(version));
  }

  private SecretFields reveal(TenantContext context, SecretRef ref, OptionalLong version) {
    return open(
        context,
        ref,
        version,
        "reveal",
        secret -> {
          Map<String, String> details = names(secret);
          if (version.isPresent()) {
            details.put("version", Long.toString(version.getAsLong()));
          }
          return runtime
              .event(context, runtime.now(), "secret.revealed", TARGET, secret.id().value())
              .with(details);
        });
  }

  /** The store commits the event before it answers; nothing is decrypted before that. */
  private SecretFields open(
      TenantContext context,
      SecretRef ref,
      OptionalLong version,
      String operation,
      Function<Secret, AuditEvent> event) {
    ring.requireOpen();
    context.requireOwnTransaction(operation);
    context.require(Scopes.SECRETS_USE);
    requirePlace(context, ref);
    OpenedSecret opened =
        store.open(context, ref, version, event).orElseThrow(() -> new NotFoundException("secret"));
    StoredSecretVersion stored = opened.version();
    return new SecretFields(
        opened.secret(),
        ring.working(
            () ->
                envelope.openAll(
                    ring.get(context, stored.organizationKeyId()),
                    associated(opened.secret(), stored.number()),
                    sealed(stored))));
  }

  private static SealedVersion sealed(StoredSecretVersion stored) {
    try {
      return new SealedVersion(stored.wrappedDataKey(), stored.fields());
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }

  @Override
  public Secret get(TenantContext context, SecretRef ref) {
    ring.requireOpen();
    context.require(Scopes.SECRETS_READ);
    requirePlace(context, ref);
    return find(context, ref);
  }

  @Override
  public List<SecretVersion> versions(TenantContext context, SecretRef ref) {
    return store.versions(context, get(context, ref).id());
  }

  @Override
  public Page<Secret> list(TenantContext context, PageRequest page) {
    ring.requireOpen();
    context.require(Scopes.SECRETS_READ);
    return page.page(
        store.list(context, page.afterId(), page.limit() + 1), secret -> secret.id().value());
  }

  @Override
  public void delete(TenantContext context, SecretRef ref) {
    ring.requireOpen();
    context.require(Scopes.SECRETS_WRITE);
    requirePlace(context, ref);
    Secret secret = find(context, ref);
    if (!store.delete(
        context, secret.id(), event(context, secret, runtime.now(), "secret.deleted"))) {
      throw new NotFoundException("secret");
    }
  }

  @Override
  public PlaneRuntime runtime() {
    return runtime;
  }

  /** The environment, and for a place that belongs to a room of the library that room's scope. */
  private static void requirePlace(TenantContext context, SecretRef ref) {
    context.require(ref.environment());
    Scope reserved = RESERVED_PROJECTS.get(ref.project());
    if (reserved != null) {
      context.require(reserved);
    }
  }

  private Secret find(TenantContext context, SecretRef ref) {
    return store.find(context, ref).orElseThrow(() -> new NotFoundException("secret"));
  }

  private AuditEvent event(TenantContext context, Secret secret, Instant at, String action) {
    return runtime.event(context, at, action, TARGET, secret.id().value()).with(names(secret));
  }

  private static Map<String, String> names(Secret secret) {
    Map<String, String> names = new TreeMap<>();
    putNames(names, secret);
    return names;
  }

  private static void putNames(Map<String, String> details, Secret secret) {
    details.put("project", secret.ref().project());
    details.put("environment", secret.ref().environment().name());
    details.put("name", secret.ref().name());
    details.put("version", Long.toString(secret.currentVersion()));
  }

  /** The row's own words: out of bounds, no vault wrote them, and the caller is not to blame. */
  private static AssociatedData associated(Secret secret, long version) {
    try {
      return AssociatedData.of(
          new SecretVersionId(
              secret.organization().value(),
              secret.projectId(),
              secret.ref().environment().name().toLowerCase(Locale.ROOT),
              secret.id().value(),
              version));
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }
}
