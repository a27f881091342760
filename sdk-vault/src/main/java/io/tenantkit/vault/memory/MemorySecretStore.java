package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretRewrapStore.Rewrapped;
import io.tenantkit.vault.spi.SecretRewrapStore.WrappedVersion;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

  /** A secret with its versions, oldest first. */
  private record Row(Secret secret, List<StoredSecretVersion> versions) {}

  MemorySecretStore(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.projects = engine.table();
    this.secrets = engine.table();
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
  public boolean create(
      TenantContext context, Secret secret, StoredSecretVersion first, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), secret.organization(), event.organization());
          storage.requireOrganization(context);
          RowKey project = new RowKey(context.organization(), secret.ref().project());
          String projectId = projects.get(project);
          if (secrets.get(key(context, secret.id())) != null
              || row(context, secret.ref()) != null
              || (projectId != null && !projectId.equals(secret.projectId()))) {
            return false;
          }
          projects.put(project, secret.projectId());
          secrets.put(key(context, secret.id()), new Row(secret, List.of(copy(first))));
          storage.write(event);
          return true;
        });
  }

  @Override
  public boolean addVersion(
      TenantContext context,
      Secret changed,
      long expectedVersion,
      StoredSecretVersion version,
      AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), changed.organization(), event.organization());
          RowKey key = key(context, changed.id());
          Row before = secrets.get(key);
          if (before == null || before.secret().currentVersion() != expectedVersion) {
            return false;
          }
          List<StoredSecretVersion> versions = new ArrayList<>(before.versions());
          versions.add(copy(version));
          secrets.put(key, new Row(changed, List.copyOf(versions)));
          storage.write(event);
          return true;
        });
  }

  @Override
  public Optional<OpenedSecret> open(
      TenantContext context,
      SecretRef ref,
      OptionalLong version,
      Function<Secret, AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          Row row = row(context, ref);
          if (row == null) {
            return Optional.empty();
          }
          long wanted = version.orElse(row.secret().currentVersion());
          Optional<StoredSecretVersion> found =
              row.versions().stream().filter(each -> each.number() == wanted).findFirst();
          found.ifPresent(
              any -> {
                AuditEvent told = event.apply(row.secret());
                OwnRows.require(context.organization(), told.organization());
                storage.write(told);
              });
          return found.map(each -> new OpenedSecret(row.secret(), copy(each)));
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
              : row.versions().stream()
                  .map(each -> new SecretVersion(each.number(), each.createdBy(), each.createdAt()))
                  .toList();
        });
  }

  @Override
  public List<Secret> list(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context,
        () ->
            secrets
                .after(new RowKey(context.organization(), afterId == null ? "" : afterId))
                .stream()
                .map(Row::secret)
                .takeWhile(secret -> secret.organization().equals(context.organization()))
                .filter(secret -> context.environments().contains(secret.ref().environment()))
                .limit(limit)
                .toList());
  }

  @Override
  public boolean delete(TenantContext context, SecretId id, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          if (secrets.get(key(context, id)) == null) {
            return false;
          }
          secrets.remove(key(context, id));
          storage.write(event);
          return true;
        });
  }

  /** Within a verb: the wrapped data keys of all versions. */
  Stream<WrappedVersion> wrappedVersions(TenantContext context) {
    return secrets.after(new RowKey(context.organization(), "")).stream()
        .takeWhile(row -> row.secret().organization().equals(context.organization()))
        .flatMap(row -> row.versions().stream().map(version -> wrapped(row.secret(), version)));
  }

  private static WrappedVersion wrapped(Secret secret, StoredSecretVersion version) {
    return new WrappedVersion(
        secret.id().value(),
        version.number(),
        secret.projectId(),
        secret.ref().environment().name(),
        "",
        version.organizationKeyId(),
        version.wrappedDataKey().clone(),
        version.fields().keySet());
  }

  /** Within a verb: replaces a version's wrapped data key if it is still as it was read. */
  boolean rewrap(TenantContext context, Rewrapped rewrapped) {
    RowKey key = new RowKey(context.organization(), rewrapped.before().secretId());
    Row row = secrets.get(key);
    if (row == null) {
      return false;
    }
    boolean[] done = new boolean[1];
    List<StoredSecretVersion> versions =
        row.versions().stream()
            .map(
                each -> {
                  if (each.number() != rewrapped.before().number()
                      || !each.organizationKeyId().equals(rewrapped.before().organizationKeyId())
                      || !Arrays.equals(
                          each.wrappedDataKey(), rewrapped.before().wrappedDataKey())) {
                    return each;
                  }
                  done[0] = true;
                  return new StoredSecretVersion(
                      each.number(),
                      rewrapped.after().organizationKeyId(),
                      rewrapped.after().wrappedDataKey().clone(),
                      each.fields(),
                      each.createdBy(),
                      each.createdAt());
                })
            .toList();
    if (done[0]) {
      secrets.put(key, new Row(row.secret(), versions));
    }
    return done[0];
  }

  /** Within a verb: removes a secret with all its versions, if it is there. */
  boolean remove(TenantContext context, String secretId) {
    RowKey key = new RowKey(context.organization(), secretId);
    if (secrets.get(key) == null) {
      return false;
    }
    secrets.remove(key);
    return true;
  }

  private @Nullable Row row(TenantContext context, SecretRef ref) {
    return secrets.after(new RowKey(context.organization(), "")).stream()
        .takeWhile(row -> row.secret().organization().equals(context.organization()))
        .filter(row -> row.secret().ref().equals(ref))
        .findFirst()
        .orElse(null);
  }

  private static RowKey key(TenantContext context, SecretId id) {
    return new RowKey(context.organization(), id.value());
  }

  private static StoredSecretVersion copy(StoredSecretVersion version) {
    Map<String, byte[]> fields = new TreeMap<>();
    version.fields().forEach((name, record) -> fields.put(name, record.clone()));
    return new StoredSecretVersion(
        version.number(),
        version.organizationKeyId(),
        version.wrappedDataKey().clone(),
        fields,
        version.createdBy(),
        version.createdAt());
  }
}
