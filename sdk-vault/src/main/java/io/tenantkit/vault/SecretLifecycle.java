package io.tenantkit.vault;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/**
 * What happens to secrets and their versions without a new value. Every change is made to the row
 * that was read or starts over, so of several at once none is lost.
 */
final class SecretLifecycle {
  private final PlaneRuntime runtime;
  private final SecretStore store;
  private final SecretSealer sealer;
  private final SecretEvents events;

  SecretLifecycle(
      PlaneRuntime runtime, SecretStore store, SecretSealer sealer, SecretEvents events) {
    this.runtime = runtime;
    this.store = store;
    this.sealer = sealer;
    this.events = events;
  }

  Secret update(TenantContext context, SecretRef ref, SecretChange change) {
    return change(
        context,
        ref,
        (before, now) -> {
          OptionalLong expected = change.expectedRevision();
          if (expected.isPresent() && expected.getAsLong() != before.revision()) {
            throw new ConflictException(
                "the expected revision of the secret is not the current one");
          }
          Secret after =
              before
                  .saying(
                      change.appliedTo(before.description()),
                      change.maxVersions().orElse(before.maxVersions()))
                  .touched(now);
          return write(context, before, after, after.currentVersion(), "secret.updated");
        });
  }

  Secret promote(TenantContext context, SecretRef ref, long number) {
    return change(
        context,
        ref,
        (before, now) -> {
          SecretVersion version = usable(context, before, number, now);
          Secret after =
              before.withStages(before.stages().promoted(number), version.expiresAt(), now);
          return write(context, before, after, number, "secret.promoted");
        });
  }

  Secret rollBack(TenantContext context, SecretRef ref) {
    return change(
        context,
        ref,
        (before, now) -> {
          SecretStages stages = before.stages().rolledBack();
          SecretVersion version = usable(context, before, stages.current(), now);
          Secret after = before.withStages(stages, version.expiresAt(), now);
          return write(context, before, after, stages.current(), "secret.rolled_back");
        });
  }

  Secret retire(TenantContext context, SecretRef ref) {
    return change(
        context,
        ref,
        (before, now) -> {
          Secret after = before.withStages(before.stages().retired(), before.expiresAt(), now);
          long ended = before.stages().previous().orElse(0);
          return write(context, before, after, ended, "secret.retired");
        });
  }

  Secret deleteVersion(TenantContext context, SecretRef ref, long number) {
    return change(
        context,
        ref,
        (before, now) -> {
          requireState(version(context, before, number), State.ACTIVE);
          Secret after = before.touched(now);
          return write(context, before, after, number, "secret.version_deleted")
              .marking(number, State.DELETED);
        });
  }

  Secret undeleteVersion(TenantContext context, SecretRef ref, long number) {
    return change(
        context,
        ref,
        (before, now) -> {
          requireState(version(context, before, number), State.DELETED);
          Secret after = before.touched(now);
          return write(context, before, after, number, "secret.version_undeleted")
              .marking(number, State.ACTIVE);
        });
  }

  Secret destroyVersion(TenantContext context, SecretRef ref, long number) {
    return change(
        context,
        ref,
        (before, now) -> {
          if (version(context, before, number).state() == State.DESTROYED) {
            throw new ConflictException("the version is destroyed already");
          }
          return destroying(context, before, number, now, Map.of());
        });
  }

  /**
   * For maintenance, of secrets that are deleted too: destroys a version that has expired.
   *
   * @return whether it was this call that did
   */
  boolean destroyExpired(TenantContext context, SecretRef ref, long number, Instant before) {
    for (int attempt = 1; attempt <= SecretWriter.ATTEMPTS; attempt++) {
      Optional<Secret> secret = store.find(context, ref);
      if (secret.isEmpty()
          || store.versions(context, secret.get().id()).stream()
              .noneMatch(
                  each ->
                      each.number() == number
                          && each.state() != State.DESTROYED
                          && each.isExpiredAt(before))) {
        return false;
      }
      if (store.write(
          context,
          destroying(context, secret.get(), number, runtime.now(), Map.of("reason", "expired")))) {
        return true;
      }
    }
    throw ConflictException.stale("secret");
  }

  private SecretWrite destroying(
      TenantContext context, Secret before, long number, Instant now, Map<String, String> more) {
    Secret after = before.withStages(before.stages().without(number), before.expiresAt(), now);
    AuditEvent event = events.of(context, after, number, now, "secret.version_destroyed", more);
    return SecretWrite.change(before, after, event).marking(number, State.DESTROYED);
  }

  Secret delete(TenantContext context, SecretRef ref) {
    return change(
        context,
        ref,
        (before, now) ->
            write(
                context,
                before,
                before.withDeletedAt(Optional.of(now), now),
                before.currentVersion(),
                "secret.deleted"));
  }

  Secret undelete(TenantContext context, SecretRef ref) {
    require(context, ref);
    return repeat(
        context,
        ref,
        (before, now) -> {
          if (before.deletedAt().isEmpty()) {
            throw new ConflictException("secret is not deleted");
          }
          return write(
              context,
              before,
              before.withDeletedAt(Optional.empty(), now),
              before.currentVersion(),
              "secret.undeleted");
        });
  }

  void destroy(TenantContext context, SecretRef ref) {
    require(context, ref);
    for (int attempt = 1; attempt <= SecretWriter.ATTEMPTS; attempt++) {
      Secret secret = store.find(context, ref).orElseThrow(SecretReader::notFound);
      AuditEvent event =
          events.of(context, secret, secret.currentVersion(), runtime.now(), "secret.destroyed");
      if (store.destroy(context, secret, event)) {
        return;
      }
    }
    throw ConflictException.stale("secret");
  }

  private void require(TenantContext context, SecretRef ref) {
    sealer.requireOpen();
    context.require(Scopes.SECRETS_WRITE);
    Places.require(context, ref);
  }

  /** A change of a secret that is not deleted. */
  private Secret change(
      TenantContext context, SecretRef ref, BiFunction<Secret, Instant, SecretWrite> plan) {
    require(context, ref);
    return repeat(
        context,
        ref,
        (before, now) -> {
          if (before.deletedAt().isPresent()) {
            throw SecretReader.notFound();
          }
          return plan.apply(before, now);
        });
  }

  private Secret repeat(
      TenantContext context, SecretRef ref, BiFunction<Secret, Instant, SecretWrite> plan) {
    for (int attempt = 1; attempt <= SecretWriter.ATTEMPTS; attempt++) {
      Secret before = store.find(context, ref).orElseThrow(SecretReader::notFound);
      SecretWrite write = plan.apply(before, runtime.now());
      if (store.write(context, write)) {
        return write.secret();
      }
    }
    throw ConflictException.stale("secret");
  }

  private SecretWrite write(
      TenantContext context, Secret before, Secret after, long version, String action) {
    return SecretWrite.change(
        before, after, events.of(context, after, version, after.updatedAt(), action));
  }

  private SecretVersion version(TenantContext context, Secret secret, long number) {
    return store.versions(context, secret.id()).stream()
        .filter(each -> each.number() == number)
        .findFirst()
        .orElseThrow(() -> new NotFoundException("secret version"));
  }

  /** One that can be opened, for what is current must be of use. */
  private SecretVersion usable(TenantContext context, Secret secret, long number, Instant now) {
    SecretVersion version = version(context, secret, number);
    requireState(version, State.ACTIVE);
    if (version.isExpiredAt(now)) {
      throw new ConflictException("the version has expired");
    }
    return version;
  }

  private static void requireState(SecretVersion version, State state) {
    if (version.state() != state) {
      throw new ConflictException(
          state == State.ACTIVE ? "the version is not active" : "the version is not deleted");
    }
  }
}
