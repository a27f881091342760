package io.tenantkit.vault.memory;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarks;
import io.tenantkit.vault.spi.WrappedKeyStore;
import io.tenantkit.vault.spi.WrappedKeyStore.WrappedKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

final class MemoryCredentialMarkStore implements CredentialMarkStore {
  private static final Comparator<Owner> BY_OWNER =
      Comparator.comparing(Owner::organization).thenComparing(owner -> owner.environment().name());
  private static final Comparator<SharedMark> BY_MARK =
      Comparator.comparing((SharedMark each) -> each.kind().name())
          .thenComparing(SharedMark::mark)
          .thenComparing(SharedMark::owner, BY_OWNER);

  private final MemoryEngine engine;
  private final MemoryMarks marks;
  private final MemorySecrets secrets;
  private final MemoryWrappedKeys keys;

  MemoryCredentialMarkStore(
      InMemoryStorage storage, MemoryEngine engine, MemoryMarks marks, MemorySecrets secrets) {
    this.engine = engine;
    this.marks = marks;
    this.secrets = secrets;
    this.keys = new MemoryWrappedKeys(storage, engine);
  }

  @Override
  public boolean claim(TenantContext context, Secret secret, CredentialMarks wanted, Instant now) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), secret.organization());
          Secret there = secrets.secret(new RowKey(context.organization(), secret.id().value()));
          if (there == null) {
            throw new NotFoundException("secret");
          }
          long version = secret.currentVersion();
          if (there.currentVersion() != version) {
            // Put meanwhile with a claim of its own, which a late one must not take away.
            throw ConflictException.stale("credentials");
          }
          boolean known =
              marks.versions(there).stream()
                  .anyMatch(
                      each ->
                          each.version() == version
                              && each.until().isEmpty()
                              && each.marks().equals(wanted));
          return known || marks.claim(there, version, CredentialClaim.of(wanted), now);
        });
  }

  @Override
  public List<MarkedVersion> find(TenantContext context, SecretId secret) {
    return engine.run(
        context,
        () -> {
          MemoryMarks.Row row = marks.rows.get(new RowKey(context.organization(), secret.value()));
          return row == null ? List.of() : row.versions();
        });
  }

  @Override
  public boolean checked(
      TenantContext context, SecretId secret, long version, CredentialCheck check) {
    return engine.run(
        context,
        () -> {
          RowKey key = new RowKey(context.organization(), secret.value());
          MemoryMarks.Row row = marks.rows.get(key);
          if (row == null || row.versions().stream().noneMatch(v -> v.version() == version)) {
            return false;
          }
          List<MarkedVersion> changed = new ArrayList<>(row.versions());
          changed.replaceAll(
              each ->
                  each.version() == version
                      ? new MarkedVersion(version, each.marks(), each.until(), Optional.of(check))
                      : each);
          marks.rows.put(key, new MemoryMarks.Row(row.organization(), row.environment(), changed));
          return true;
        });
  }

  @Override
  public boolean isHeld(TenantContext context, CredentialMarks wanted, Instant now) {
    return engine.run(context, () -> marks.isHeld(context.organization(), wanted, now));
  }

  @Override
  public List<Owner> owners(String keyMark, Instant now, @Nullable Owner after, int limit) {
    return engine.run(() -> owners(now, after, limit, each -> each.marks().key().equals(keyMark)));
  }

  @Override
  public List<Owner> shortSecrets(
      Operator operator, Instant now, @Nullable Owner after, int limit) {
    return engine.run(
        operator, () -> owners(now, after, limit, each -> each.marks().shortSecret()));
  }

  private List<Owner> owners(
      Instant now, @Nullable Owner after, int limit, Predicate<MarkedVersion> wanted) {
    return marks.rows.all().stream()
        .filter(row -> row.counting(now).anyMatch(wanted))
        .map(row -> new Owner(row.organization(), row.environment()))
        .distinct()
        .sorted(BY_OWNER)
        .filter(owner -> after == null || BY_OWNER.compare(owner, after) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public List<SharedMark> shared(
      Operator operator, Instant now, @Nullable SharedMark after, int limit) {
    return engine.run(
        operator,
        () -> {
          TreeSet<SharedMark> all = new TreeSet<>(BY_MARK);
          Map<String, TreeSet<String>> organizations = new TreeMap<>();
          for (MemoryMarks.Row row : marks.rows.all()) {
            Owner owner = new Owner(row.organization(), row.environment());
            row.counting(now)
                .forEach(
                    each -> {
                      all.add(new SharedMark(Kind.SERVER, each.marks().server(), owner));
                      all.add(new SharedMark(Kind.KEY, each.marks().key(), owner));
                    });
          }
          for (SharedMark each : all) {
            organizations
                .computeIfAbsent(group(each), first -> new TreeSet<>())
                .add(each.owner().organization().value());
          }
          return all.stream()
              .filter(each -> organizations.getOrDefault(group(each), new TreeSet<>()).size() > 1)
              .filter(each -> after == null || BY_MARK.compare(each, after) > 0)
              .limit(limit)
              .toList();
        });
  }

  private static String group(SharedMark each) {
    return each.kind().name() + each.mark();
  }

  @Override
  public WrappedKeyStore keys() {
    return keys;
  }

  @Override
  public void addFirstKey(WrappedKey key) {
    keys.addFirst(key);
  }
}
