package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyUpkeepStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds keys that nobody uses and revokes them. */
final class UnusedKeys {
  /** Use is written in batches; what was not used for less may have been used after all. */
  private static final Duration LEAST = Duration.ofHours(1);

  private static final int PAGE = 200;

  private final KeyWriter writer;
  private final ApiKeyStore store;
  private final KeyUpkeepStore upkeep;

  UnusedKeys(KeyWriter writer, ApiKeyStore store, KeyUpkeepStore upkeep) {
    this.writer = writer;
    this.store = store;
    this.upkeep = upkeep;
  }

  Page<ApiKey> list(TenantContext context, Instant since, PageRequest page) {
    writer.requireReader(context);
    requirePast(since);
    Page<StoredApiKey> rows =
        page.page(
            store.listUnused(context, since, page.afterId(), page.limit() + 1),
            row -> row.key().id().value());
    return new Page<>(rows.items().stream().map(StoredApiKey::key).toList(), rows.next());
  }

  List<ApiKeyId> revoke(TenantContext context, Instant since, String reason) {
    writer.requireWriter(context);
    requirePast(since);
    Texts.require("reason", reason, 255);
    List<ApiKeyId> revoked = new ArrayList<>();
    @Nullable String after = null;
    List<StoredApiKey> rows;
    do {
      rows = store.listUnused(context, since, after, PAGE);
      for (StoredApiKey row : rows) {
        if (isMeant(context, row.key()) && revoke(context, row, since, reason)) {
          revoked.add(row.key().id());
        }
        after = row.key().id().value();
      }
    } while (rows.size() == PAGE);
    return List.copyOf(revoked);
  }

  /** In reach, and not the very key that the caller came with. */
  private static boolean isMeant(TenantContext context, ApiKey key) {
    Actor actor = context.actor();
    return context.environments().containsAll(key.mode().environments())
        && !(actor.kind() == Actor.Kind.API_KEY && actor.id().equals(key.id().value()));
  }

  private boolean revoke(TenantContext context, StoredApiKey before, Instant since, String reason) {
    Instant now = writer.now();
    ApiKey after = before.key().revoked(reason, now);
    StoredApiKey row = new StoredApiKey(after, before.hash(), before.creation());
    return writer.forgetting(
        before,
        () ->
            writer.settle(
                context,
                before,
                after,
                () ->
                    upkeep.revokeUnused(
                        context,
                        row,
                        before.key().version(),
                        since,
                        writer
                            .event(context, now, "api_key.revoked", after.id())
                            .with("reason", reason)
                            .with("unusedSince", since.toString()))));
  }

  private void requirePast(Instant since) {
    if (since.isAfter(writer.now().minus(LEAST))) {
      throw new InvalidInputException("since", "at least an hour ago");
    }
  }
}
