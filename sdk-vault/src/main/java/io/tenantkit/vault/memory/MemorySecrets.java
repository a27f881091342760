package io.tenantkit.vault.memory;

import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.SecretRewrapStore.Rewrapped;
import io.tenantkit.vault.spi.SecretRewrapStore.WrappedVersion;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.Viewer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of secrets and their versions. Used within verbs only. */
final class MemorySecrets {
  final MemoryTable<RowKey, String> projects;
  final MemoryTable<RowKey, Row> secrets;

  /** The secrets' ids by place, so that one is found without looking at all. */
  final MemoryTable<RowKey, String> ids;

  private final InMemoryStorage storage;
  private final MemoryMarks marks;

  /** A secret with its versions by number, and the teams it was shared with. */
  record Row(Secret secret, Map<Long, StoredSecretVersion> versions, SortedSet<TeamId> teams) {}

  /** What the context sees; what decides is read when first asked for. */
  final class Sight implements Predicate<Row> {
    private final TenantContext context;
    private final Viewer viewer;
    private @Nullable Set<TeamId> teams;
    private @Nullable Boolean enterprise;

    private Sight(TenantContext context) {
      this.context = context;
      this.viewer = Viewer.of(context);
    }

    @Override
    public boolean test(Row row) {
      Secret secret = row.secret();
      return viewer.sees(
          secret.access(), secret.owner(), () -> isMember(row.teams()), this::isEnterprise);
    }

    private boolean isMember(SortedSet<TeamId> shared) {
      if (teams == null) {
        teams =
            core().teams().teamsOf(context, viewer.principal(), Integer.MAX_VALUE).stream()
                .map(Team::id)
                .collect(Collectors.toSet());
      }
      return shared.stream().anyMatch(teams::contains);
    }

    private boolean isEnterprise() {
      if (enterprise == null) {
        enterprise = plan(context).equals(Plans.ENTERPRISE);
      }
      return enterprise;
    }
  }

  MemorySecrets(InMemoryStorage storage, MemoryEngine engine, MemoryMarks marks) {
    this.storage = storage;
    this.projects = engine.table();
    this.secrets = engine.table();
    this.ids = engine.table();
    this.marks = marks;
  }

  Sight sight(TenantContext context) {
    return new Sight(context);
  }

  CoreStores core() {
    return storage.stores(CoreStores.class).orElseThrow();
  }

  /** The name of the organization's plan. */
  String plan(TenantContext context) {
    return core().organizations().find(context).map(own -> own.settings().plan()).orElse("");
  }

  Stream<Row> mine(TenantContext context, String afterId) {
    return secrets.after(new RowKey(context.organization(), afterId)).stream()
        .takeWhile(row -> row.secret().organization().equals(context.organization()));
  }

  @Nullable Row seen(TenantContext context, SecretRef ref) {
    Row row = row(context, ref);
    return row != null && new Sight(context).test(row) ? row : null;
  }

  /** The wrapped data keys of all versions that have one. */
  Stream<WrappedVersion> wrappedVersions(TenantContext context) {
    return mine(context, "")
        .flatMap(
            row ->
                row.versions().values().stream()
                    .filter(version -> version.wrappedDataKey().length > 0)
                    .map(version -> wrapped(row.secret(), version)));
  }

  private static WrappedVersion wrapped(Secret secret, StoredSecretVersion version) {
    return new WrappedVersion(
        secret.id().value(),
        version.number(),
        secret.projectId(),
        secret.ref().environment().name(),
        version.destination(),
        version.organizationKeyId(),
        version.wrappedDataKey().clone(),
        version.fields().keySet());
  }

  /** Replaces a version's wrapped data key if it is still as it was read. */
  boolean rewrap(TenantContext context, Rewrapped rewrapped) {
    RowKey key = new RowKey(context.organization(), rewrapped.before().secretId());
    Row row = secrets.get(key);
    StoredSecretVersion before =
        row == null ? null : row.versions().get(rewrapped.before().number());
    if (row == null
        || before == null
        || !before.organizationKeyId().equals(rewrapped.before().organizationKeyId())
        || !Arrays.equals(before.wrappedDataKey(), rewrapped.before().wrappedDataKey())) {
      return false;
    }
    Map<Long, StoredSecretVersion> versions = new TreeMap<>(row.versions());
    versions.put(
        before.number(),
        new StoredSecretVersion(
            before.number(),
            rewrapped.after().organizationKeyId(),
            rewrapped.after().wrappedDataKey().clone(),
            before.fields(),
            before.destination(),
            before.state(),
            before.expiresAt(),
            before.createdBy(),
            before.createdAt()));
    secrets.put(key, new Row(row.secret(), Collections.unmodifiableMap(versions), row.teams()));
    return true;
  }

  /** Removes a secret with all its versions, if it is there. */
  boolean remove(TenantContext context, String secretId) {
    RowKey key = new RowKey(context.organization(), secretId);
    Row row = secrets.get(key);
    if (row == null) {
      return false;
    }
    secrets.remove(key);
    marks.remove(key);
    ids.remove(place(context, row.secret().ref()));
    return true;
  }

  @Nullable Row row(TenantContext context, SecretRef ref) {
    String id = ids.get(place(context, ref));
    return id == null ? null : secrets.get(new RowKey(context.organization(), id));
  }

  /** The secret of a key, if it is there. */
  @Nullable Secret secret(RowKey key) {
    Row row = secrets.get(key);
    return row == null ? null : row.secret();
  }

  static RowKey key(TenantContext context, SecretId id) {
    return new RowKey(context.organization(), id.value());
  }

  /** No name holds a slash. */
  static RowKey place(TenantContext context, SecretRef ref) {
    return new RowKey(
        context.organization(), ref.project() + '/' + ref.environment().name() + '/' + ref.name());
  }
}
