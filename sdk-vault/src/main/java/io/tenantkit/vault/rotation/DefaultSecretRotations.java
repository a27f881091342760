package io.tenantkit.vault.rotation;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.StoredRotation;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.usage.OverdueRotations;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The policies; what they lead to is {@link RotationWork}'s. */
final class DefaultSecretRotations implements SecretRotations {
  /** How often a change starts over when due work or another caller was faster. */
  private static final int ATTEMPTS = 64;

  private static final int BATCH = 100;
  private static final Duration LEAST_BUDGET = Duration.ofMinutes(1);

  /** What every storage can keep. */
  private static final Instant LATEST = Instant.parse("9000-01-01T00:00:00Z");

  private final RotationParts parts;
  private final SecretVault vault;
  private final RotationStore store;

  private DefaultSecretRotations(RotationParts parts) {
    this.parts = parts;
    this.vault = parts.vault();
    this.store = parts.store();
  }

  static SecretRotations of(SecretRotations.Builder settings) {
    PlaneRuntime runtime = settings.vault.runtime();
    VaultStores stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
    RotatorCalls calls = new RotatorCalls(settings.callTimeout);
    // Between two records of a step there are at most three calls and some short transactions.
    Duration lease = settings.callTimeout.multipliedBy(4).plus(Duration.ofMinutes(1));
    RotationParts parts =
        new RotationParts(
            runtime,
            settings.vault,
            stores.rotations(),
            Map.copyOf(settings.rotators),
            calls,
            lease,
            settings.attemptsPerDay,
            runtime.ids().next("node"));
    Duration calling = settings.callTimeout.multipliedBy(2);
    Duration budget = calling.compareTo(LEAST_BUDGET) > 0 ? calling : LEAST_BUDGET;
    RotationWork work = new RotationWork(parts, budget);
    // A lane of its own: providers are slow, and uses are counted and signed on the common one.
    runtime
        .maintenance()
        .urgent(
            "secrets.rotation",
            RotationWork.INTERVAL,
            now -> runtime.events().during(() -> work.run(now)));
    runtime.onClose().accept(calls::close);
    return new DefaultSecretRotations(parts);
  }

  @Override
  public SecretRotation set(TenantContext context, SecretRef ref, RotationPolicy policy) {
    context.require(Scopes.SECRETS_WRITE);
    RotationPolicy kept =
        new RotationPolicy(
            policy.every(),
            policy.at().map(time -> time.truncatedTo(ChronoUnit.MICROS)),
            policy.notice(),
            policy.overlap());
    Instant now = parts.runtime().now();
    if (kept.at().filter(time -> !time.isAfter(now) || time.isAfter(LATEST)).isPresent()) {
      throw new InvalidInputException("at", "a time to come, before the year 9000");
    }
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Secret secret = vault.get(context, ref);
      requireRotatable(secret);
      Optional<StoredRotation> before = store.find(context, secret.id());
      StoredRotation row = planned(context, secret, before, kept, now);
      Map<String, String> details = new HashMap<>();
      details.put("policy", kept.text());
      row.dueAt().ifPresent(due -> details.put("dueAt", due.toString()));
      if (store.write(
          context,
          row,
          Optional.of(parts.audit(context, row, now, "secret.rotation_set", details)))) {
        return view(context, row, secret);
      }
    }
    throw ConflictException.stale("rotation");
  }

  private static void requireRotatable(Secret secret) {
    if (secret.currentVersion() == 0) {
      throw new ConflictException("the secret has no current version");
    }
    if (secret.maxVersions() < MIN_VERSIONS) {
      throw new ConflictException("the secret keeps fewer than " + MIN_VERSIONS + " versions");
    }
  }

  private StoredRotation planned(
      TenantContext context,
      Secret secret,
      Optional<StoredRotation> before,
      RotationPolicy policy,
      Instant now) {
    Instant inForce = parts.inForceSince(context, secret);
    StoredRotation.Change change =
        before
            .map(StoredRotation::change)
            .orElseGet(() -> StoredRotation.first(secret.id(), secret.ref(), policy))
            .policy(policy)
            .dueAt(policy.at().or(() -> policy.dueAfter(inForce)));
    if (before.isEmpty() || !before.get().isUnderWay()) {
      // Due work finds out when it has to look again. Under way, the lease's end stays.
      change.attempts(0, Optional.empty()).failure("").wakeAt(Optional.of(now));
    }
    if (before.isEmpty() || before.get().step() == RotationStep.IDLE) {
      change.baseVersion(secret.currentVersion());
    }
    return change.row();
  }

  @Override
  public SecretRotation get(TenantContext context, SecretRef ref) {
    Secret secret = vault.get(context, ref);
    return view(context, row(context, secret.id()), secret);
  }

  private StoredRotation row(TenantContext context, SecretId id) {
    return store.find(context, id).orElseThrow(() -> new NotFoundException("rotation"));
  }

  @Override
  public void clear(TenantContext context, SecretRef ref) {
    context.require(Scopes.SECRETS_WRITE);
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Secret secret = vault.get(context, ref);
      StoredRotation row = row(context, secret.id());
      Instant now = parts.runtime().now();
      // Without a node at work it may be that no node knows the rotator any more.
      if (row.isUnderWay() && row.wakeAt().filter(end -> end.isAfter(now)).isPresent()) {
        throw underWay();
      }
      if (store.remove(
          context, row, parts.audit(context, row, now, "secret.rotation_cleared", Map.of()))) {
        return;
      }
    }
    throw ConflictException.stale("rotation");
  }

  private static ConflictException underWay() {
    return new ConflictException("a rotation of the secret is under way");
  }

  @Override
  public SecretRotation rotateNow(TenantContext context, SecretRef ref) {
    context.require(Scopes.SECRETS_WRITE);
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Secret secret = vault.get(context, ref);
      StoredRotation before = row(context, secret.id());
      if (before.isUnderWay()) {
        throw underWay();
      }
      if (!parts.rotators().containsKey(secret.type())) {
        throw new ConflictException("there is no rotator for secrets of this type: put a value");
      }
      requireRotatable(secret);
      Instant now = parts.runtime().now();
      // With the version that is current now, or one that somebody has put would count as this.
      StoredRotation row =
          before
              .change()
              .baseVersion(secret.currentVersion())
              .dueAt(Optional.of(now))
              .attempts(0, Optional.empty())
              .failure("")
              .wakeAt(Optional.of(now))
              .row();
      if (store.write(
          context,
          row,
          Optional.of(parts.audit(context, row, now, "secret.rotation_requested", Map.of())))) {
        return view(context, row, secret);
      }
    }
    throw ConflictException.stale("rotation");
  }

  @Override
  public Page<SecretRotation> list(TenantContext context, Instant dueBefore, PageRequest page) {
    context.require(Scopes.SECRETS_READ);
    Page<StoredRotation> rows =
        page.page(
            store.list(context, dueBefore, page.afterId(), page.limit() + 1),
            row -> row.secret().value());
    Map<SecretId, Secret> seen = visible(context, rows.items());
    List<SecretRotation> shown = new ArrayList<>();
    for (StoredRotation row : rows.items()) {
      Secret secret = seen.get(row.secret());
      if (secret != null) {
        SecretRotation rotation = view(context, row, secret);
        // It has moved on when somebody put a version that due work has not seen yet.
        if (rotation.dueAt().filter(due -> due.isBefore(dueBefore)).isPresent()) {
          shown.add(rotation);
        }
      }
    }
    return new Page<>(shown, rows.next());
  }

  /** A project that is a room's own is not shown to who may not handle it. */
  private Map<SecretId, Secret> visible(TenantContext context, List<StoredRotation> rows) {
    Map<String, List<SecretRef>> byProject =
        rows.stream().map(StoredRotation::ref).collect(Collectors.groupingBy(SecretRef::project));
    Map<SecretId, Secret> seen = new HashMap<>();
    for (List<SecretRef> refs : byProject.values()) {
      try {
        for (int from = 0; from < refs.size(); from += BATCH) {
          vault
              .getAll(context, refs.subList(from, Math.min(refs.size(), from + BATCH)))
              .values()
              .forEach(secret -> seen.put(secret.id(), secret));
        }
      } catch (AccessDeniedException notTheirs) {
        seen.values().removeIf(secret -> refs.contains(secret.ref()));
      }
    }
    return seen;
  }

  @Override
  public Page<OverdueRotations.Rotation> overdue(
      TenantContext context, Instant at, PageRequest page) {
    Page<SecretRotation> due = list(context, at.plus(1, ChronoUnit.MICROS), page);
    List<OverdueRotations.Rotation> overdue =
        due.items().stream()
            .map(
                each ->
                    new OverdueRotations.Rotation(
                        each.secret(), each.dueAt().orElse(at), each.policy().text()))
            .toList();
    return new Page<>(overdue, due.next());
  }

  private SecretRotation view(TenantContext context, StoredRotation row, Secret secret) {
    Optional<Instant> put = parts.putSince(context, row, secret);
    return new SecretRotation(
        secret,
        row.policy(),
        put.isPresent() ? RotationParts.dueAfter(row, put.get()) : row.dueAt(),
        row.step(),
        put.or(row::lastRotatedAt),
        row.retireAt(),
        row.failure().isEmpty() ? Optional.empty() : Optional.of(row.failure()),
        row.attempts(),
        row.failure().isEmpty() ? Optional.empty() : row.wakeAt());
  }
}
