package io.tenantkit.memory;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What time does to keys, over the tables of the core's stores. */
final class MemoryKeyUpkeep implements KeyUpkeepStore {
  private final MemoryEngine engine;
  private final MemoryTable<OrganizationId, Organization> organizations;
  private final MemoryTable<RowKey, StoredApiKey> keys;
  private final MemoryTable<RowKey, Instant> notices;
  private final ApiKeyStore store;

  MemoryKeyUpkeep(
      MemoryEngine engine,
      MemoryTable<OrganizationId, Organization> organizations,
      MemoryTable<RowKey, StoredApiKey> keys,
      MemoryTable<RowKey, Instant> notices,
      ApiKeyStore store) {
    this.engine = engine;
    this.organizations = organizations;
    this.keys = keys;
    this.notices = notices;
    this.store = store;
  }

  @Override
  public List<OrganizationId> organizationsWithDueKeys(
      Instant endsAfter, Instant endsBy, @Nullable String afterId, int limit) {
    return engine.run(
        () ->
            organizations.all().stream()
                .filter(row -> afterId == null || row.id().value().compareTo(afterId) > 0)
                .filter(row -> hasPolicy(row) || hasKeyEnding(row.id(), endsAfter, endsBy))
                .map(Organization::id)
                .limit(limit)
                .toList());
  }

  private static boolean hasPolicy(Organization organization) {
    KeyPolicy policy = organization.settings().keys();
    return policy.rotateAfter().isPresent() || policy.unusedAfter().isPresent();
  }

  private boolean hasKeyEnding(OrganizationId organization, Instant after, Instant by) {
    return of(organization, null).stream()
        .takeWhile(row -> row.key().organization().equals(organization))
        .anyMatch(
            row ->
                row.key().revocation().isEmpty()
                    && row.key().expiresAt().filter(end -> isWithin(end, after, by)).isPresent());
  }

  private static boolean isWithin(Instant time, Instant after, Instant by) {
    return time.isAfter(after) && !time.isAfter(by);
  }

  @Override
  public List<ApiKey> due(
      TenantContext context,
      Notice notice,
      Instant bound,
      Instant quietSince,
      Instant now,
      @Nullable String afterId,
      int limit) {
    return engine.run(
        context,
        () ->
            of(context.organization(), afterId).stream()
                .takeWhile(row -> row.key().organization().equals(context.organization()))
                .map(StoredApiKey::key)
                .filter(key -> mayBeDue(key, now) && isDue(key, notice, bound))
                .filter(key -> mayGive(noticeOf(context, key.id(), notice), quietSince))
                .limit(limit)
                .toList());
  }

  private static boolean mayBeDue(ApiKey key, Instant now) {
    return key.enabled()
        && key.revocation().isEmpty()
        && key.successor().isEmpty()
        && !key.expired(now);
  }

  private static boolean isDue(ApiKey key, Notice notice, Instant bound) {
    return switch (notice) {
      case NEAR_EXPIRY -> key.expiresAt().filter(end -> !end.isAfter(bound)).isPresent();
      case ROTATION_DUE -> !key.createdAt().isAfter(bound);
      case UNUSED -> isUnused(key, bound);
      case OLD_KEY_USED -> false;
    };
  }

  private static boolean isUnused(ApiKey key, Instant since) {
    return key.use().lastAt().orElse(key.createdAt()).isBefore(since);
  }

  private boolean mayGive(RowKey notice, Instant quietSince) {
    Instant last = notices.get(notice);
    return last == null || !last.isAfter(quietSince);
  }

  @Override
  public boolean claim(
      TenantContext context, ApiKeyId id, Notice notice, Instant now, Instant quietSince) {
    return engine.run(
        context,
        () -> {
          RowKey row = noticeOf(context, id, notice);
          if (keys.get(new RowKey(context.organization(), id.value())) == null
              || !mayGive(row, quietSince)) {
            return false;
          }
          notices.put(row, now);
          return true;
        });
  }

  @Override
  public boolean revokeUnused(
      TenantContext context,
      StoredApiKey revoked,
      long expectedVersion,
      Instant since,
      AuditEvent event) {
    return engine.run(
        context,
        () -> {
          StoredApiKey before =
              keys.get(new RowKey(context.organization(), revoked.key().id().value()));
          return before != null
              && isUnused(before.key(), since)
              && store.update(context, revoked, expectedVersion, event);
        });
  }

  private Collection<StoredApiKey> of(OrganizationId organization, @Nullable String afterId) {
    return keys.after(new RowKey(organization, afterId == null ? "" : afterId));
  }

  /** An id has no space in it, so the two stay apart. */
  private static RowKey noticeOf(TenantContext context, ApiKeyId id, Notice notice) {
    return new RowKey(context.organization(), id + " " + notice);
  }
}
