package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.SecretVersion.State;
import io.tenantkit.vault.spi.ExpiredVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretPlace;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemorySecretStore implements SecretStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, String> projects;
  private final MemoryTable<RowKey, Row> secrets;

  /** The secrets' ids by place, so that one is found without looking at all. */
  private final MemoryTable<RowKey, String> ids;

  /** A secret with its versions by number. */
  private record Row(Secret secret, Map<Long, StoredSecretVersion> versions) {}

  MemorySecretStore(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.projects = engine.table();
    this.secrets = engine.table();
    this.ids = engine.table();
  }

  @Override
  public Optional<String> findProject(TenantContext context, String name) {
    return engine.run(
        context, () -> Optional.ofNullable(projects.get(new RowKey(context.organization(), name))));
  }

  @Override
  public Optional<Secret> find(TenantContext context, SecretRef ref) {
    return engine.run(context, () -> Optional.ofNullable(row(context, ref)).map(Row::secret));
  }

  @Override
  public List<Secret> findAll(TenantContext context, Collection<SecretRef> refs) {
    return engine.run(
        context,
        () ->
            refs.stream()
                .map(ref -> row(context, ref))
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
            for (SecretWrite write : writes) {
              writeOne(context, write);
            }
            return true;
          });
    } catch (RefusedException e) {
      return false;
    }
  }

  /** Ends a verb with nothing written; thrown and caught in this class alone. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException() {
      super(null, null, false, false);
    }
  }

  private void writeOne(TenantContext context, SecretWrite write) {
    Secret secret = write.secret();
    OwnRows.require(context.organization(), secret.organization(), write.event().organization());
    RowKey key = key(context, secret.id());
    Map<Long, StoredSecretVersion> versions = new TreeMap<>();
    if (write.before().isEmpty()) {
      addProject(context, secret);
      if (secrets.get(key) != null || ids.get(place(context, secret.ref())) != null) {
        throw new RefusedException();
      }
      ids.put(place(context, secret.ref()), secret.id().value());
    } else {
      Row row = secrets.get(key);
      if (row == null || row.secret().revision() != write.before().get().revision()) {
        throw new RefusedException();
      }
      versions.putAll(row.versions());
    }
    write.added().ifPresent(added -> add(versions, added));
    write.marks().forEach((number, state) -> mark(versions, number, state));
    prune(versions, write);
    secrets.put(key, new Row(secret, versions));
    storage.write(write.event());
  }

  private void addProject(TenantContext context, Secret secret) {
    RowKey project = new RowKey(context.organization(), secret.ref().project());
    String projectId = projects.get(project);
    if (projectId != null && !projectId.equals(secret.projectId())) {
      throw new RefusedException();
    }
    projects.put(project, secret.projectId());
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

  private static void prune(Map<Long, StoredSecretVersion> versions, SecretWrite write) {
    versions
        .keySet()
        .removeIf(
            number ->
                number <= write.forgottenUpTo() && write.secret().stages().of(number).isEmpty());
    versions.replaceAll(
        (number, version) ->
            number <= write.destroyedUpTo()
                    && write.secret().stages().of(number).isEmpty()
                    && version.state() != State.DESTROYED
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
          Row row = row(context, ref);
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
          Row row = secrets.get(key(context, id));
          return row == null
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
            mine(context, afterId == null ? "" : afterId)
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
            mine(context, "")
                .map(Row::secret)
                .filter(secret -> context.environments().contains(secret.ref().environment()))
                .filter(secret -> query.matches(secret, now))
                .filter(secret -> after == null || isAfter(query.order(), secret, after))
                .sorted(order)
                .limit(limit)
                .toList());
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
          RowKey key = key(context, secret.id());
          Row row = secrets.get(key);
          if (row == null || row.secret().revision() != secret.revision()) {
            return false;
          }
          secrets.remove(key);
          ids.remove(place(context, row.secret().ref()));
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<OrganizationId> organizationsWithExpired(
      Instant before, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            secrets.all().stream()
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
            mine(context, "")
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

  private Stream<Row> mine(TenantContext context, String afterId) {
    return secrets.after(new RowKey(context.organization(), afterId)).stream()
        .takeWhile(row -> row.secret().organization().equals(context.organization()));
  }

  private @Nullable Row row(TenantContext context, SecretRef ref) {
    String id = ids.get(place(context, ref));
    return id == null ? null : secrets.get(new RowKey(context.organization(), id));
  }

  /** Within a verb of another store: the secret of a key, if it is there. */
  @Nullable Secret secret(RowKey key) {
    Row row = secrets.get(key);
    return row == null ? null : row.secret();
  }

  private static RowKey key(TenantContext context, SecretId id) {
    return new RowKey(context.organization(), id.value());
  }

  /** No name holds a slash. */
  private static RowKey place(TenantContext context, SecretRef ref) {
    return new RowKey(
        context.organization(), ref.project() + '/' + ref.environment().name() + '/' + ref.name());
  }

  private static StoredSecretVersion copy(StoredSecretVersion version) {
    return in(version.state(), version);
  }

  private static StoredSecretVersion in(State state, StoredSecretVersion version) {
    Map<String, byte[]> fields = new TreeMap<>();
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
