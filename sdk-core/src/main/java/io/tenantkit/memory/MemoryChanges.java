package io.tenantkit.memory;

import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The change feed of the in-memory storage. A transaction holds the one lock until it ends, so
 * numbers are in the order of commits.
 */
final class MemoryChanges implements ChangeStore {
  private record Seen(long number) implements Cursor {}

  private final MemoryEngine engine;
  private final MemoryTable<Long, Change> changes;
  private long last;
  private long prunedTo;
  private long candidate;
  private @Nullable Instant candidateSince;

  MemoryChanges(
      MemoryEngine engine,
      MemoryTable<OrganizationId, Organization> organizations,
      MemoryTable<String, StoredApiKey> keysByHash) {
    this.engine = engine;
    this.changes = engine.table();
    organizations.onChange(id -> record(Change.ORGANIZATION, id.value(), id.value()));
    keysByHash.onChange(hash -> record(Change.API_KEY, "", hash));
  }

  /** A number that a rollback leaves unused is no gap to anybody: it is below the next. */
  private void record(String kind, String organization, String subject) {
    changes.put(++last, new Change(kind, organization, subject));
  }

  @Override
  public Changes since(@Nullable Cursor cursor, int limit) {
    return engine.run(
        () -> {
          Seen now = new Seen(last);
          if (!(cursor instanceof Seen seen) || seen.number < prunedTo) {
            return Changes.everything(now);
          }
          List<Change> since = new ArrayList<>(changes.after(seen.number));
          return Changes.of(now, since, limit);
        });
  }

  @Override
  public long prune(Instant now, Duration keep) {
    return engine.run(
        () -> {
          if (candidateSince != null && now.isBefore(candidateSince.plus(keep))) {
            return 0L;
          }
          long removed = 0;
          for (long number = prunedTo + 1; number <= candidate; number++) {
            if (changes.get(number) != null) {
              changes.remove(number);
              removed++;
            }
          }
          prunedTo = candidate;
          candidate = last;
          candidateSince = now;
          return removed;
        });
  }
}
