package io.tenantkit.vault.memory;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.memory.MemoryEngine;
import io.tenantkit.memory.MemoryTable;
import io.tenantkit.memory.RowKey;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.OwnRows;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.DeadLetter;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookId;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class MemoryWebhookStore implements WebhookStore {
  private final InMemoryStorage storage;
  private final MemoryEngine engine;
  private final MemoryTable<RowKey, Row> rows;

  /** An endpoint with its dead letters by number, and who sends for it until when. */
  private record Row(
      WebhookEndpoint endpoint,
      String claim,
      Instant claimedUntil,
      SortedMap<Long, DeadLetter> letters) {
    Row {
      letters = Collections.unmodifiableSortedMap(new TreeMap<>(letters));
    }

    Row with(WebhookEndpoint changed) {
      return new Row(changed, claim, claimedUntil, letters);
    }

    Row with(Delivery delivery) {
      WebhookEndpoint e = endpoint;
      return with(
          new WebhookEndpoint(
              e.id(),
              e.organization(),
              e.url(),
              e.description(),
              e.events(),
              e.enabled(),
              e.version(),
              e.secretOverlapUntil(),
              e.createdBy(),
              e.createdAt(),
              e.updatedAt(),
              delivery));
    }

    Row claimed(String by, Instant until) {
      return new Row(endpoint, by, until, letters);
    }

    Row with(DeadLetter letter) {
      SortedMap<Long, DeadLetter> more = new TreeMap<>(letters);
      more.put(letter.seq(), letter);
      return new Row(endpoint, claim, claimedUntil, more);
    }

    Row without(long seq) {
      SortedMap<Long, DeadLetter> fewer = new TreeMap<>(letters);
      fewer.remove(seq);
      return new Row(endpoint, claim, claimedUntil, fewer);
    }

    boolean mayBeClaimed(Instant now) {
      return endpoint.enabled()
          && !endpoint.delivery().dueAt().isAfter(now)
          && (claim.isEmpty() || !claimedUntil.isAfter(now));
    }

    boolean hasQueued() {
      return letters.values().stream().anyMatch(DeadLetter::queued);
    }
  }

  MemoryWebhookStore(InMemoryStorage storage, MemoryEngine engine) {
    this.storage = storage;
    this.engine = engine;
    this.rows = engine.table();
  }

  @Override
  public Optional<WebhookEndpoint> find(TenantContext context, WebhookId id) {
    return engine.run(
        context, () -> Optional.ofNullable(rows.get(key(context, id))).map(Row::endpoint));
  }

  @Override
  public List<WebhookEndpoint> list(TenantContext context, @Nullable String afterId, int limit) {
    return engine.run(
        context, () -> mine(context, afterId).map(Row::endpoint).limit(limit).toList());
  }

  private Stream<Row> mine(TenantContext context, @Nullable String afterId) {
    return rows.after(new RowKey(context.organization(), afterId == null ? "" : afterId)).stream()
        .takeWhile(row -> row.endpoint().organization().equals(context.organization()));
  }

  @Override
  public boolean create(
      TenantContext context, WebhookEndpoint endpoint, int most, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), endpoint.organization(), event.organization());
          storage.requireOrganization(context);
          RowKey key = key(context, endpoint.id());
          if (rows.get(key) != null || mine(context, null).count() >= most) {
            return false;
          }
          rows.put(key, new Row(endpoint, "", Instant.EPOCH, new TreeMap<>()));
          storage.write(event);
          return true;
        });
  }

  @Override
  public boolean update(
      TenantContext context, WebhookEndpoint changed, long expectedVersion, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), changed.organization(), event.organization());
          RowKey key = key(context, changed.id());
          Row before = rows.get(key);
          if (before == null || before.endpoint().version() != expectedVersion) {
            return false;
          }
          Delivery kept = before.endpoint().delivery();
          Delivery given = changed.delivery();
          rows.put(
              key,
              before
                  .with(changed)
                  .with(
                      new Delivery(
                          kept.seq(), given.attempts(), given.dueAt(), kept.lastFailure())));
          storage.write(event);
          return true;
        });
  }

  @Override
  public boolean delete(TenantContext context, WebhookId id, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          if (rows.get(key(context, id)) == null) {
            return false;
          }
          rows.remove(key(context, id));
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<OrganizationId> organizationsWithDue(
      Instant now, @Nullable OrganizationId after, int limit) {
    return engine.run(
        () ->
            rows.all().stream()
                .filter(row -> isDue(row, now))
                .map(row -> row.endpoint().organization())
                .filter(id -> after == null || id.compareTo(after) > 0)
                .distinct()
                .filter(id -> ActiveOrganizations.has(storage, id))
                .limit(limit)
                .toList());
  }

  @Override
  public List<WebhookEndpoint> due(TenantContext context, Instant now, int limit) {
    return engine.run(
        context,
        () ->
            mine(context, null)
                .filter(row -> isDue(row, now))
                .map(Row::endpoint)
                .sorted(Comparator.comparing(endpoint -> endpoint.delivery().dueAt()))
                .limit(limit)
                .toList());
  }

  private boolean isDue(Row row, Instant now) {
    return row.mayBeClaimed(now)
        && (row.hasQueued() || head(row) > row.endpoint().delivery().seq());
  }

  private long head(Row row) {
    TenantContext owner = TenantContext.trusted(row.endpoint().organization(), "webhooks");
    return storage
        .stores(CoreStores.class)
        .flatMap(stores -> stores.audit().head(owner))
        .map(AuditHead::seq)
        .orElse(0L);
  }

  @Override
  public boolean claim(
      TenantContext context, WebhookId id, String claim, Instant now, Instant until) {
    return engine.run(
        context,
        () -> {
          Row before = rows.get(key(context, id));
          if (before == null || !before.mayBeClaimed(now)) {
            return false;
          }
          rows.put(key(context, id), before.claimed(claim, until));
          return true;
        });
  }

  @Override
  public boolean progress(
      TenantContext context,
      WebhookId id,
      String claim,
      long fromSeq,
      Delivery next,
      boolean release) {
    return engine.run(
        context,
        () -> {
          Row before = claimed(context, id, claim, fromSeq);
          if (before == null) {
            return false;
          }
          Row after = before.with(next);
          rows.put(key(context, id), release ? after.claimed("", Instant.EPOCH) : after);
          return true;
        });
  }

  private @Nullable Row claimed(TenantContext context, WebhookId id, String claim, long fromSeq) {
    Row row = rows.get(key(context, id));
    return row != null && row.claim().equals(claim) && row.endpoint().delivery().seq() == fromSeq
        ? row
        : null;
  }

  @Override
  public boolean setAside(
      TenantContext context,
      String claim,
      long fromSeq,
      Delivery next,
      DeadLetter letter,
      AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Row before = claimed(context, letter.endpoint(), claim, fromSeq);
          if (before == null) {
            return false;
          }
          rows.put(key(context, letter.endpoint()), before.with(next).with(letter));
          storage.write(event);
          return true;
        });
  }

  @Override
  public List<DeadLetter> deadLetters(
      TenantContext context, WebhookId id, long afterSeq, int limit) {
    return engine.run(
        context, () -> letters(context, id).filter(e -> e.seq() > afterSeq).limit(limit).toList());
  }

  @Override
  public boolean queue(TenantContext context, WebhookId id, long seq, AuditEvent event) {
    return engine.run(
        context,
        () -> {
          OwnRows.require(context.organization(), event.organization());
          Row before = rows.get(key(context, id));
          DeadLetter letter = before == null ? null : before.letters().get(seq);
          if (before == null || letter == null || letter.queued()) {
            return false;
          }
          rows.put(key(context, id), before.with(queued(letter)));
          storage.write(event);
          return true;
        });
  }

  private static DeadLetter queued(DeadLetter l) {
    return new DeadLetter(
        l.endpoint(),
        l.seq(),
        l.messageId(),
        l.type(),
        l.payload(),
        l.attempts(),
        l.failedAt(),
        l.failure(),
        true);
  }

  @Override
  public List<DeadLetter> queued(TenantContext context, WebhookId id, int limit) {
    return engine.run(
        context, () -> letters(context, id).filter(DeadLetter::queued).limit(limit).toList());
  }

  private Stream<DeadLetter> letters(TenantContext context, WebhookId id) {
    Row row = rows.get(key(context, id));
    return row == null ? Stream.empty() : row.letters().values().stream();
  }

  @Override
  public boolean retried(
      TenantContext context, WebhookId id, long seq, String claim, Optional<DeadLetter> after) {
    return engine.run(
        context,
        () -> {
          Row before = rows.get(key(context, id));
          if (before == null || !before.claim().equals(claim)) {
            return false;
          }
          DeadLetter letter = before.letters().get(seq);
          if (letter == null || !letter.queued()) {
            return false;
          }
          rows.put(key(context, id), after.map(before::with).orElseGet(() -> before.without(seq)));
          return true;
        });
  }

  private static RowKey key(TenantContext context, WebhookId id) {
    return new RowKey(context.organization(), id.value());
  }
}
