package io.tenantkit.vault;

import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Puts secrets, one or several. */
final class SecretWriter {
  /**
   * How often a change starts over when another one was faster. Each time somebody got on, so
   * nobody waits for nothing; the bound ends it in a transaction that cannot see the others' rows.
   * Of eight that put all the time, one loses sixteen times in a row soon.
   */
  static final int ATTEMPTS = 256;

  /** The most bytes of all values of one batch, which travel to the database together. */
  private static final long MAX_BATCH_BYTES = 16_777_216;

  /** What every storage can keep. */
  static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final SecretSealer sealer;
  private final SecretEvents events;

  SecretWriter(PlaneRuntime runtime, SecretStore store, SecretSealer sealer, SecretEvents events) {
    this.runtime = runtime;
    this.store = store;
    this.sealer = sealer;
    this.events = events;
  }

  Secret put(TenantContext context, SecretRef ref, NewSecret wanted) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_WRITE);
    Places.require(context, ref);
    requireBounds(wanted);
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<Secret> before = store.find(context, ref);
      SecretWrite write = plan(context, ref, wanted, before, name -> project(context, name));
      if (store.write(context, write)) {
        return write.secret();
      }
      requireFree(context, write);
    }
    throw ConflictException.stale("secret");
  }

  Map<SecretRef, Secret> putAll(TenantContext context, Map<SecretRef, NewSecret> wanted) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_WRITE);
    Map<SecretRef, NewSecret> all = new LinkedHashMap<>(wanted);
    Places.requireAll(context, all.keySet());
    all.values().forEach(this::requireBounds);
    requireTogether(all.values());
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      List<SecretWrite> writes = plan(context, all);
      if (store.writeAll(context, writes)) {
        Map<SecretRef, Secret> put = new LinkedHashMap<>();
        writes.forEach(write -> put.put(write.secret().ref(), write.secret()));
        return put;
      }
      writes.forEach(write -> requireFree(context, write));
    }
    throw ConflictException.stale("secret");
  }

  /**
   * What did not become of an addition may be due to a secret that the caller does not see. That it
   * is there cannot be hidden from who may write there, for the name stays refused; names are no
   * secret. Nothing else is told, whatever was expected.
   */
  private void requireFree(TenantContext context, SecretWrite write) {
    SecretRef ref = write.secret().ref();
    if (write.before().isEmpty()
        && store.isTaken(context, ref)
        && store.find(context, ref).isEmpty()) {
      throw new ConflictException("the name is taken");
    }
  }

  private static void requireTogether(Collection<NewSecret> all) {
    if (all.stream().mapToLong(NewSecret::length).sum() > MAX_BATCH_BYTES) {
      throw new InvalidInputException("fields", "at most 16,777,216 bytes (16 MiB) in one batch");
    }
  }

  private List<SecretWrite> plan(TenantContext context, Map<SecretRef, NewSecret> all) {
    Map<SecretRef, Secret> before = new HashMap<>();
    store.findAll(context, all.keySet()).forEach(each -> before.put(each.ref(), each));
    // Secrets that are new together may be the first of one project.
    Map<String, String> projects = new HashMap<>();
    List<SecretWrite> writes = new ArrayList<>();
    all.forEach(
        (ref, wanted) ->
            writes.add(
                plan(
                    context,
                    ref,
                    wanted,
                    Optional.ofNullable(before.get(ref)),
                    name -> projects.computeIfAbsent(name, one -> project(context, one)))));
    return writes;
  }

  private void requireBounds(NewSecret wanted) {
    // A closed value throws here, before an organization's first key is made for it.
    wanted.requireSizes();
    if (wanted.expiresAt().isPresent()) {
      Instant expires = wanted.expiresAt().get();
      if (!expires.isAfter(runtime.now()) || expires.isAfter(LATEST)) {
        throw new InvalidInputException("expiresAt", "a time to come, before the year 10000");
      }
    }
  }

  private String project(TenantContext context, String name) {
    return store.findProject(context, name).orElseGet(() -> runtime.ids().next("prj"));
  }

  private SecretWrite plan(
      TenantContext context,
      SecretRef ref,
      NewSecret wanted,
      Optional<Secret> found,
      UnaryOperator<String> projects) {
    requireExpected(context, ref, wanted, found);
    Instant now = runtime.now();
    @Nullable Secret before = found.orElse(null);
    Secret base = before == null ? planned(context, ref, wanted, projects, now) : before;
    Optional<Instant> expires = wanted.expiresAt().map(time -> time.truncatedTo(ChronoUnit.MICROS));
    Secret changed =
        base.saying(
                wanted.description().orElse(base.description()),
                wanted.maxVersions().orElse(base.maxVersions()))
            .withNextVersion(wanted.isPending(), expires, now);
    StoredSecretVersion version =
        events.tellingRejection(
            context,
            changed,
            changed.stages().newest(),
            "put",
            () -> sealer.seal(context, changed, wanted, expires));
    String action = before == null ? "secret.created" : "secret.version_added";
    Map<String, String> more = wanted.isPending() ? Map.of("stage", "pending") : Map.of();
    AuditEvent event = events.of(context, changed, version.number(), now, action, more);
    SecretWrite write =
        before == null
            ? SecretWrite.create(changed, version, event)
                .sharing(wanted.sharing().teams())
                .heldTo(runtime.plans())
            : SecretWrite.add(before, changed, version, event);
    return write.claiming(wanted.claim());
  }

  private Secret planned(
      TenantContext context,
      SecretRef ref,
      NewSecret wanted,
      UnaryOperator<String> projects,
      Instant now) {
    SecretSharer.requireAllowed(runtime, context, wanted.sharing());
    return Secret.planned(
            new SecretId(runtime.ids().next("sec")),
            context.organization(),
            projects.apply(ref.project()),
            ref,
            wanted.type(),
            context.principal(),
            now)
        .madeFor(wanted.sharing().level());
  }

  private void requireExpected(
      TenantContext context, SecretRef ref, NewSecret wanted, Optional<Secret> before) {
    OptionalLong expected = wanted.expectedVersion();
    if (expected.isPresent()) {
      boolean met =
          expected.getAsLong() == 0
              ? before.isEmpty()
              : before.isPresent() && before.get().currentVersion() == expected.getAsLong();
      if (!met) {
        if (before.isEmpty() && store.isTaken(context, ref)) {
          throw new ConflictException("the name is taken");
        }
        // Not the retryable kind of conflict: the same call can never succeed.
        throw new ConflictException("the expected version of the secret is not the current one");
      }
    }
    if (before.isPresent()) {
      if (!before.get().type().equals(wanted.type())) {
        throw new ConflictException("secret exists with another type");
      }
      if (before.get().deletedAt().isPresent()) {
        throw new ConflictException("secret is deleted: undelete or destroy it first");
      }
    }
  }
}
