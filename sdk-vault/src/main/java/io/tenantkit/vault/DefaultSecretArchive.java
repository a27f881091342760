package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whole secrets, out and in. */
final class DefaultSecretArchive implements SecretArchive {
  /** Far above what a vault keeps, for it once kept all. */
  private static final int MAX_VERSIONS = 10_000;

  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final SecretSealer sealer;
  private final SecretEvents events;

  DefaultSecretArchive(
      PlaneRuntime runtime, SecretStore store, SecretSealer sealer, SecretEvents events) {
    this.runtime = runtime;
    this.store = store;
    this.sealer = sealer;
    this.events = events;
  }

  private void require(TenantContext context, Scope scope) {
    sealer.requireOpen();
    context.requireOwnTransaction("backup");
    context.require(Scopes.SECRETS_MANAGE);
    context.require(scope);
  }

  @Override
  public List<Secret> list(TenantContext context, @Nullable String afterId, int limit) {
    require(context, Scopes.SECRETS_READ);
    return store.listAll(context, afterId, limit);
  }

  @Override
  public Optional<Secret> find(TenantContext context, SecretRef ref) {
    require(context, Scopes.SECRETS_READ);
    Places.require(context, ref);
    return store.find(context, ref);
  }

  @Override
  public boolean open(
      TenantContext context,
      SecretId id,
      String action,
      Map<String, String> details,
      Visitor visitor)
      throws IOException {
    require(context, Scopes.SECRETS_USE);
    Optional<SecretHistory> opened =
        store.openAll(context, id, found -> event(context, found, action, details));
    if (opened.isEmpty()) {
      return false;
    }
    Secret secret = opened.get().secret();
    visitor.secret(secret);
    for (StoredSecretVersion version : opened.get().versions()) {
      visit(context, secret, version, visitor);
    }
    return true;
  }

  private AuditEvent event(
      TenantContext context, SecretHistory found, String action, Map<String, String> details) {
    Secret secret = found.secret();
    Places.require(context, secret.ref());
    Map<String, String> more = new TreeMap<>(details);
    more.put("versions", Integer.toString(found.versions().size()));
    return events.of(context, secret, secret.currentVersion(), runtime.now(), action, more);
  }

  private void visit(
      TenantContext context, Secret secret, StoredSecretVersion version, Visitor visitor)
      throws IOException {
    SecretVersion shown =
        new SecretVersion(
            version.number(),
            version.state(),
            secret.stages().of(version.number()),
            version.expiresAt(),
            Destination.stored(version.destination()),
            version.createdBy(),
            version.createdAt());
    if (version.state() == State.DESTROYED) {
      visitor.version(shown, Map.of());
      return;
    }
    Map<String, SecretValue> fields = decrypt(context, secret, version);
    try {
      visitor.version(shown, fields);
    } finally {
      fields.values().forEach(SecretValue::close);
    }
  }

  private Map<String, SecretValue> decrypt(
      TenantContext context, Secret secret, StoredSecretVersion version) {
    try {
      return sealer.open(context, new OpenedSecret(secret, version));
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.CIPHERTEXT_REJECTED) {
        events.rejected(context, secret, version.number(), "backup", e);
      }
      throw e;
    }
  }

  @Override
  public Secret planned(TenantContext context, Secret elsewhere) {
    require(context, Scopes.SECRETS_WRITE);
    Places.require(context, elsewhere.ref());
    String project =
        store
            .findProject(context, elsewhere.ref().project())
            .orElseGet(() -> runtime.ids().next("prj"));
    return new Secret(
        new SecretId(runtime.ids().next("sec")),
        context.organization(),
        project,
        elsewhere.ref(),
        elsewhere.type(),
        elsewhere.description(),
        elsewhere.stages(),
        elsewhere.maxVersions(),
        elsewhere.expiresAt(),
        elsewhere.deletedAt(),
        elsewhere.owner(),
        elsewhere.access(),
        elsewhere.createdAt(),
        runtime.now(),
        1);
  }

  @Override
  public StoredSecretVersion seal(
      TenantContext context,
      Secret secret,
      SecretVersion version,
      Map<String, SecretValue> fields) {
    require(context, Scopes.SECRETS_WRITE);
    version.expiresAt().ifPresent(DefaultSecretArchive::requireEarly);
    if (version.state() == State.DESTROYED) {
      if (!fields.isEmpty()) {
        throw new InvalidInputException("fields", "none of a destroyed version");
      }
    } else {
      NewSecret.of(secret.type(), fields).requireSizes();
    }
    return sealer.seal(context, secret, version, fields);
  }

  private static void requireEarly(Instant expires) {
    if (expires.isAfter(SecretWriter.LATEST)) {
      throw new InvalidInputException("expiresAt", "before the year 10000");
    }
  }

  @Override
  public boolean restore(
      TenantContext context, SecretHistory history, Map<String, String> details) {
    require(context, Scopes.SECRETS_WRITE);
    Places.require(context, history.secret().ref());
    requireSound(history);
    return store.restore(context, history, event(context, history, "secret.restored", details));
  }

  /** What no vault would have come to must not come in by this door. */
  private static void requireSound(SecretHistory history) {
    Secret secret = history.secret();
    SecretStages stages = secret.stages();
    Set<Long> kept = new HashSet<>();
    Set<Long> all = new HashSet<>();
    long last = 0;
    Optional<Instant> expires = Optional.empty();
    for (StoredSecretVersion version : history.versions()) {
      requireFit(version.number() > last);
      last = version.number();
      all.add(last);
      if (version.state() != State.DESTROYED) {
        kept.add(last);
      }
      if (last == stages.current()) {
        expires = version.expiresAt();
      }
    }
    requireFit(!all.isEmpty() && all.size() <= MAX_VERSIONS && last <= stages.newest());
    requireFit(stages.current() == 0 || all.contains(stages.current()));
    requireFit(expires.equals(secret.expiresAt()));
    requireStage(stages.pending(), kept);
    requireStage(stages.previous(), kept);
    requireFit(stages.pending().isEmpty() || !stages.pending().equals(stages.previous()));
    requireFit(stages.of(0).isEmpty());
  }

  private static void requireStage(OptionalLong stage, Set<Long> kept) {
    requireFit(stage.isEmpty() || kept.contains(stage.getAsLong()));
  }

  private static void requireFit(boolean fits) {
    if (!fits) {
      throw new InvalidInputException("versions", "versions and stages as a vault keeps them");
    }
  }
}
