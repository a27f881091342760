package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.SecretRewrapStore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemorySecretRewrapStore implements SecretRewrapStore {
  private static final Comparator<WrappedVersion> ORDER =
      Comparator.comparing(WrappedVersion::secretId).thenComparingLong(WrappedVersion::number);

  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemorySecrets secrets;

  MemorySecretRewrapStore(InMemoryStorage storage, MemoryEngine engine, MemorySecrets secrets) {
    this.storage = storage;
    this.engine = engine;
    this.secrets = secrets;
  }

  @Override
  public List<WrappedVersion> notUnder(
      TenantContext context, String keyId, @Nullable WrappedVersion after, int limit) {
    return engine.run(
        context,
        () ->
            secrets
                .wrappedVersions(context)
                .filter(each -> !each.organizationKeyId().equals(keyId))
                .filter(each -> after == null || ORDER.compare(each, after) > 0)
                .sorted(ORDER)
                .limit(limit)
                .toList());
  }

  @Override
  public Optional<WrappedVersion> find(TenantContext context, String secretId, long number) {
    return engine.run(
        context,
        () ->
            secrets
                .wrappedVersions(context)
                .filter(each -> each.secretId().equals(secretId) && each.number() == number)
                .findFirst());
  }

  @Override
  public int rewrap(
      TenantContext context, List<Rewrapped> versions, IntFunction<AuditEvent> event) {
    return engine.run(
        context,
        () -> {
          int done = (int) versions.stream().filter(each -> secrets.rewrap(context, each)).count();
          if (done > 0) {
            AuditEvent written = event.apply(done);
            OwnRows.require(context.organization(), written.organization());
            storage.write(written);
          }
          return done;
        });
  }

  @Override
  public Map<String, Long> counts(TenantContext context) {
    return engine.run(context, () -> count(secrets.wrappedVersions(context)));
  }

  @Override
  public Map<String, Long> counts(TenantContext context, String secretId) {
    return engine.run(
        context,
        () ->
            count(
                secrets.wrappedVersions(context).filter(each -> each.secretId().equals(secretId))));
  }

  private static Map<String, Long> count(Stream<WrappedVersion> versions) {
    return versions.collect(
        Collectors.groupingBy(
            WrappedVersion::organizationKeyId, TreeMap::new, Collectors.counting()));
  }
}
