package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.memory.MemorySecrets.Row;
import io.tenantkit.vault.memory.MemorySecrets.Sight;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.Holdings;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

final class MemorySecretStore implements SecretStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemorySecrets rows;
  private final MemoryRotations rotations;
  private final MemoryMarks marks;

  MemorySecretStore(
      InMemoryStorage storage,
      MemoryEngine engine,
      MemorySecrets rows,
      MemoryRotations rotations,
      MemoryMarks marks) {
    this.storage = storage;
    this.engine = engine;
    this.rows = rows;
    this.rotations = rotations;
    this.marks = marks;
  }

  @Override
  public Optional<String> findProject(TenantContext context, String name) {
    return engine.run(
        context,
        () -> Optional.ofNullable(rows.projects.get(new RowKey(context.organization(), name))));
  }

  @Override
  public Optional<Secret> find(TenantContext context, SecretRef ref) {
    return engine.run(context, () -> Optional.ofNullable(rows.seen(context, ref)).map(Row::secret));
  }

  @Override
  public boolean isTaken(TenantContext context, SecretRef ref) {
    return engine.run(context, () -> rows.ids.get(MemorySecrets.place(context, ref)) != null);
  }

  @Override
  public SortedSet<TeamId> teams(TenantContext context, SecretId id) {
    return engine.run(
        context,
        () -> {
          Row row = rows.secrets.get(MemorySecrets.key(context, id));
          return row == null ? new TreeSet<>() : teamsThere(context, row);
        });
  }

  /** A team that was deleted is shared with no longer. */
  private NavigableSet<TeamId> teamsThere(TenantContext context, Row row) {
    NavigableSet<TeamId> there = new TreeSet<>();
    row.teams().stream()
        .filter(team -> rows.core().teams().find(context, team).isPresent())
        .forEach(there::add);
    return there;
  }

  @Override
  public List<Secret> findAll(TenantContext context, Collection<SecretRef> refs) {
    return engine.run(
        context,
        () ->
            refs.stream()
                .map(ref -> rows.seen(context, ref))
                .filter(Objects::nonNull)
                .map(Row::secret)
                .toList());
  }

  @Override
  public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
    try {
      return engine.run(
          context,
          () -> {
            storage.requireOrganization(context);
            Sight sight = rows.sight(context);
            for (SecretWrite write : writes) {
              writeOne(context, sight, write);
            }
            requirePlan(context, writes);
            return true;
          });
    } catch (RefusedException e) {
      return false;
    }
  }

  private void requirePlan(TenantContext context, List<SecretWrite> writes) {
    List<Secret> added = SecretWrite.limited(writes);
    if (!added.isEmpty()) {
      Holdings all = new Holdings();
      rows.mine(context, "")
          .map(Row::secret)
          .forEach(
              each -> all.add(each.projectId(), each.ref().project(), each.ref().environment(), 1));
      all.require(SecretWrite.plans(writes).limits(rows.plan(context)), added);
    }
  }

  /** Ends a verb with nothing written; thrown and caught in this class alone. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException() {
      super(null, null, false, false);
    }
  }

  private void writeOne(TenantContext context, Sight sight, SecretWrite write) {
    Secret secret = write.secret();
    OwnRows.require(context.organization(), secret.organization(), write.event().organization());
    RowKey key = MemorySecrets.key(context, secret.id());
    Map<Long, StoredSecretVersion> versions = new TreeMap<>();
    SortedSet<TeamId> teams = new TreeSet<>();
    if (write.before().isEmpty()) {
      addProject(context, secret);
      if (rows.secrets.get(key) != null
          || rows.ids.get(MemorySecrets.place(context, secret.ref())) != null) {
        throw new RefusedException();
      }
      rows.ids.put(MemorySecrets.place(context, secret.ref()), secret.id().value());
    } else {
      Row row = rows.secrets.get(key);
      if (row == null
          || row.secret().revision() != write.before().get().revision()
          || !sight.test(row)) {
        throw new RefusedException();
      }
      versions.putAll(row.versions());
      teams = row.teams();
    }
    write.added().ifPresent(added -> add(versions, added));
    write.marks().forEach((number, state) -> mark(versions, number, state));
    prune(key, versions, write);
    requireTeams(context, write.teams().orElse(Collections.emptySortedSet()));
    rows.secrets.put(key, new Row(secret, versions, write.teams().orElse(teams)));
    if (write.claim().isPresent()
        && !marks.claim(
            secret, secret.stages().newest(), write.claim().get(), secret.updatedAt())) {
      throw CredentialMarks.taken();
    }
    storage.write(write.event());
  }

  private void requireTeams(TenantContext context, Collection<TeamId> teams) {
    for (TeamId team : teams) {
      if (rows.core().teams().find(context, team).isEmpty()) {
        throw new RefusedException();
      }
    }
  }

  private void addProject(TenantContext context, Secret secret) {
    RowKey project = new RowKey(context.organization(), secret.ref().project());
    String projectId = rows.projects.get(project);
    if (projectId != null && !projectId.equals(secret.projectId())) {
      throw new RefusedException();
    }
    rows.projects.put(project, secret.projectId());
  }

  private static void add(Map<Long, StoredSecretVersion> versions, StoredSecretVersion added) {
    if (versions.putIfAbsent(added.number(), copy(added)) != null) {
      throw new RefusedException();
    }
  }

  private static void mark(Map<Long, StoredSecretVersion> versions, long number, State state) {
    StoredSecretVersion version = versions.get(number);
    if (version == null || version.state() == State.DESTROYED) {
      throw new RefusedException();
    }
    versions.put(number, in(state, version));
  }

  private void prune(RowKey key, Map<Long, StoredSecretVersion> versions, SecretWrite write) {
    LongPredicate spare =
        number -> write.secret().stages().of(number).isEmpty() && !rotations.need(key, number);
    versions.keySet().removeIf(number -> number <= write.forgottenUpTo() && spare.test(number));
    versions.replaceAll(
        (number, version) ->
            number <= write.destroyedUpTo()
                    && version.state() != State.DESTROYED
                    && spare.test(number)
                ? in(State.DESTROYED, version)
                : version);
  }

  @Override
  public Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      VersionChoice version,
      Function<OpenedSecret, AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          Row row = rows.seen(context, ref);
          if (row == null) {
            return Optional.empty();
          }
          OptionalLong number =
              version.stage().isPresent()
                  ? row.secret().stages().at(version.stage().get())
                  : version.number();
          StoredSecretVersion found =
              number.isPresent() ? row.versions().get(number.getAsLong()) : null;
          if (found == null) {
            return Optional.empty();
          }
          OpenedSecret opened = new OpenedSecret(row.secret(), copy(found));
          AuditEvent told = event.apply(opened);
          OwnRows.require(context.organization(), told.organization());
          storage.write(told);
          return Optional.of(opened);
        });
  }

  @Override
  public List<SecretVersion> versions(TenantContext context, SecretId id) {
    return engine.run(
        context,
        () -> {
          Row row = rows.secrets.get(MemorySecrets.key(context, id));
          return row == null || !rows.sight(context).test(row)
              ? List.of()
              : row.versions().values().stream().map(each -> shown(row.secret(), each)).toList();
        });
  }

  private static SecretVersion shown(Secret secret, StoredSecretVersion version) {
    return new SecretVersion(
        version.number(),
        version.state(),
        secret.stages().of(version.number()),
        version.expiresAt(),
        Destination.stored(version.destination()),
        version.createdBy(),
        version.createdAt());
  }

  @Override
  public List<Secret> list(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            rows.mine(context, afterId == null ? "" : afterId)
                .filter(rows.sight(context))
                .map(Row::secret)
                .filter(secret -> context.environments().contains(secret.ref().environment()))
                .filter(secret -> secret.deletedAt().isEmpty())
                .limit(limit)
                .toList());
  }

  @Override
  public List<Secret> search(
      TenantContext context,
      SecretQuery query,
      Instant now,
      @Nullable SecretPlace after,
      int limit) {
    Comparator<Secret> order = order(query.order());
    return engine.run(
        context,
        () ->
            rows.mine(context, "")
                .filter(rows.sight(context))
                .map(Row::secret)
                .filter(secret -> context.environments().contains(secret.ref().environment()))
                .filter(secret -> query.matches(secret, now))
                .filter(secret -> isRotationDue(context, secret, query))
                .filter(secret -> after == null || isAfter(query.order(), secret, after))
                .sorted(order)
                .limit(limit)
                .toList());
  }

  private boolean isRotationDue(TenantContext context, Secret secret, SecretQuery query) {
    return query
        .rotationDueBefore()
        .map(
            time ->
                rotations
                    .due(MemorySecrets.key(context, secret.id()))
                    .filter(due -> due.isBefore(time))
                    .isPresent())
        .orElse(true);
  }

  private static Comparator<Secret> order(SecretQuery.Order order) {
    Comparator<Secret> byId = Comparator.comparing(secret -> secret.id().value());
    return switch (order) {
      case ID -> byId;
      case NAME -> Comparator.<Secret, String>comparing(s -> s.ref().name()).thenComparing(byId);
      case EXPIRY ->
          Comparator.<Secret, Instant>comparing(s -> s.expiresAt().orElse(Instant.MAX))
              .thenComparing(byId);
    };
  }

  private static boolean isAfter(SecretQuery.Order order, Secret secret, SecretPlace after) {
    int first =
        switch (order) {
          case ID -> 0;
          case NAME -> secret.ref().name().compareTo(after.key());
          case EXPIRY -> secret.expiresAt().orElse(Instant.MAX).compareTo(after.time());
        };
    return first > 0 || (first == 0 && secret.id().value().compareTo(after.id()) > 0);
  }

  @Override
  public boolean destroy(TenantContext context, Secret secret, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          RowKey key = MemorySecrets.key(context, secret.id());
          Row row = rows.secrets.get(key);
          if (row == null
              || row.secret().revision() != secret.revision()
              || !rows.sight(context).test(row)) {
            return false;
          }
          rows.secrets.remove(key);
          marks.remove(key);
          rows.ids.remove(MemorySecrets.place(context, row.secret().ref()));
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<OrganizationId> organizationsWithExpired(
      Instant before, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            rows.secrets.all().stream()
                .filter(row -> row.versions().values().stream().anyMatch(v -> isDue(v, before)))
                .map(row -> row.secret().organization())
                .distinct()
                .filter(id -> afterId == null || id.value().compareTo(afterId) > 0)
                .sorted(Comparator.comparing(OrganizationId::value))
                .limit(limit)
                .toList());
  }

  @Override
  public List<ExpiredVersion> expired(TenantContext context, Instant before, int limit) {
    record Due(Instant at, String id, ExpiredVersion version) {}
    return engine.run(
        context,
        () ->
            rows.mine(context, "")
                .flatMap(
                    row ->
                        row.versions().values().stream()
                            .filter(version -> isDue(version, before))
                            .map(
                                version ->
                                    new Due(
                                        version.expiresAt().orElse(before),
                                        row.secret().id().value(),
                                        new ExpiredVersion(row.secret().ref(), version.number()))))
                .sorted(
                    Comparator.comparing(Due::at)
                        .thenComparing(Due::id)
                        .thenComparing(due -> due.version().number()))
                .limit(limit)
                .map(Due::version)
                .toList());
  }

  private static boolean isDue(StoredSecretVersion version, Instant before) {
    return version.state() != State.DESTROYED
        && version.expiresAt().isPresent()
        && version.expiresAt().get().isBefore(before);
  }

  @Override
  public List<Secret> listAll(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            rows.mine(context, afterId == null ? "" : afterId)
                .map(Row::secret)
                .filter(secret -> context.environments().contains(secret.ref().environment()))
                .limit(limit)
                .toList());
  }

  @Override
  public Optional<SecretHistory> openAll(
      TenantContext context, SecretId id, Function<SecretHistory, AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          Row row = rows.secrets.get(MemorySecrets.key(context, id));
          if (row == null) {
            return Optional.empty();
          }
          SecretHistory opened =
              new SecretHistory(
                  row.secret(),
                  row.versions().values().stream().map(MemorySecretStore::copy).toList(),
                  teamsThere(context, row));
          AuditEvent told = event.apply(opened);
          OwnRows.require(context.organization(), told.organization());
          storage.write(told);
          return Optional.of(opened);
        });
  }

  @Override
  public boolean restore(TenantContext context, SecretHistory history, AuditEvent event) {
    Secret secret = history.secret();
    OwnRows.require(context.organization(), secret.organization(), event.organization());
    try {
      return engine.run(
          context,
          () -> {
            storage.requireOrganization(context);
            addProject(context, secret);
            if (rows.secrets.get(MemorySecrets.key(context, secret.id())) != null
                || rows.ids.get(MemorySecrets.place(context, secret.ref())) != null) {
              throw new RefusedException();
            }
            Map<Long, StoredSecretVersion> versions = new TreeMap<>();
            history.versions().forEach(version -> add(versions, version));
            rows.ids.put(MemorySecrets.place(context, secret.ref()), secret.id().value());
            requireTeams(context, history.teams());
            rows.secrets.put(
                MemorySecrets.key(context, secret.id()),
                new Row(secret, versions, new TreeSet<>(history.teams())));
            storage.write(event);
            return true;
          });
    } catch (RefusedException e) {
      return false;
    }
  }

  private static StoredSecretVersion copy(StoredSecretVersion version) {
    return in(version.state(), version);
  }

  private static StoredSecretVersion in(State state, StoredSecretVersion version) {
    // The version puts them in order.
    Map<String, byte[]> fields = new HashMap<>(4);
    if (state != State.DESTROYED) {
      version.fields().forEach((name, record) -> fields.put(name, record.clone()));
    }
    return new StoredSecretVersion(
        version.number(),
        version.organizationKeyId(),
        state == State.DESTROYED ? new byte[0] : version.wrappedDataKey().clone(),
        fields,
        version.destination(),
        state,
        version.expiresAt(),
        version.createdBy(),
        version.createdAt());
  }
}
