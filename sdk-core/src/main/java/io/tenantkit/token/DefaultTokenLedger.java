package io.tenantkit.token;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class DefaultTokenLedger implements TokenLedger {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultTokenLedger.class);

  /** So many that wait are written before it is time. */
  private static final int FLUSH_AT = 5_000;

  private static final Duration CLEAN_EVERY = Duration.ofMinutes(1);
  private static final int CLEAN_ROUNDS = 100;
  private static final int PAGE = 1_000;
  private static final int CLOSING_ATTEMPTS = 3;

  private final PlaneRuntime runtime;
  private final String issuer;
  private final String action;
  private final String target;
  private final Function<LedgerEntry, Map<String, String>> details;
  private final TokenLedgerStore store;
  private final DenialBook book;
  private final Map<OrganizationId, LedgerQueue> queues = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean early = new AtomicBoolean();

  /** One thread, which is there only while there is work for it. */
  private final ExecutorService earlyWriter = DaemonThreads.immediate("tenantkit-tokens-early", 1);

  private volatile boolean closed;

  DefaultTokenLedger(
      PlaneRuntime runtime, String issuer, Function<LedgerEntry, Map<String, String>> details) {
    this.runtime = runtime;
    this.issuer = issuer;
    this.action = issuer + ".token.issued";
    this.target = issuer + "_token";
    this.details = details;
    this.store = runtime.coreStores().tokenLedger();
    this.book = new DenialBook(runtime, issuer, store);
    Duration half = runtime.revocationBound().dividedBy(2);
    Duration often = half.isZero() || half.compareTo(FLUSH_EVERY) > 0 ? FLUSH_EVERY : half;
    runtime.maintenance().urgent(issuer + ".tokens", often, now -> work());
    runtime.maintenance().every(issuer + ".tokens.clean", CLEAN_EVERY, this::clean);
    runtime.onClose().accept(this::close);
  }

  private void work() {
    try {
      book.refresh();
    } finally {
      flushAll();
    }
  }

  private AuditEvent event(LedgerEntry entry) {
    return new AuditEvent(
        runtime.ids().next("evt"),
        entry.organization(),
        entry.issuedAt(),
        entry.actor(),
        action,
        target,
        entry.id(),
        details.apply(entry));
  }

  @Override
  public void write(TenantContext context, LedgerEntry entry) {
    if (!store.append(context, List.of(entry), List.of(event(entry)))) {
      throw new ConflictException("issued token exists already");
    }
  }

  @Override
  public void queue(LedgerEntry entry, long nowMillis) {
    if (closed) {
      throw new StorageException(ErrorCode.CLOSED, "the control plane is closed");
    }
    LedgerQueue queue = queues.get(entry.organization());
    if (queue == null) {
      queue =
          queues.computeIfAbsent(
              entry.organization(), id -> new LedgerQueue(id, store, this::event, waiting));
    }
    if (queue.add(entry, nowMillis) % FLUSH_AT == 0) {
      writeEarly();
    }
    if (closed) {
      // Who was between its check and here while the plane closed.
      queue.flush();
    }
  }

  private void writeEarly() {
    if (early.compareAndSet(false, true)) {
      try {
        earlyWriter.execute(
            () -> {
              early.set(false);
              try {
                flushAll();
              } catch (RuntimeException e) {
                LOG.debug("issued tokens were not written", e);
              }
            });
      } catch (RejectedExecutionException e) {
        // It is at it, or the plane is closing, which writes all.
        early.set(false);
      }
    }
  }

  @Override
  public void flush(OrganizationId organization) {
    LedgerQueue queue = queues.get(organization);
    if (queue != null) {
      queue.flush();
    }
  }

  private void flushAll() {
    EachOrganization each = new EachOrganization();
    for (LedgerQueue queue : queues.values()) {
      if (!queue.isEmpty()) {
        each.attempt(queue::flush);
      }
    }
    each.end();
  }

  private void close() {
    closed = true;
    earlyWriter.shutdown();
    for (int attempt = 1; attempt <= CLOSING_ATTEMPTS && waiting.get() > 0; attempt++) {
      try {
        flushAll();
      } catch (TenantkitException e) {
        LOG.debug("issued tokens were not written", e);
      }
    }
    if (waiting.get() > 0) {
      LOG.warn("{} issued tokens could not be written before the close", waiting.get());
    }
  }

  @Override
  public Optional<LedgerEntry> find(TenantContext context, String id) {
    return store.find(context, issuer, id);
  }

  @Override
  public Page<LedgerEntry> list(TenantContext context, LedgerQuery query, PageRequest page) {
    return page.page(
        store.list(context, issuer, query, page.afterId(), page.limit() + 1), LedgerEntry::id);
  }

  @Override
  public long count(TenantContext context, LedgerQuery query) {
    return store.count(context, issuer, query);
  }

  @Override
  public Optional<Instant> lastExpiry(TenantContext context, LedgerQuery query) {
    return store.lastExpiry(context, issuer, query);
  }

  @Override
  public void deny(TenantContext context, TokenDenial denial, AuditEvent event) {
    Denials known = denials(context.organization(), runtime.clock().millis());
    if (known.active(runtime.now()).size() >= MOST_DENIALS) {
      throw new ConflictException("this organization has " + MOST_DENIALS + " denials already");
    }
    store.deny(context, denial, event);
    book.changed(context.organization(), held -> held.with(denial));
  }

  @Override
  public boolean lift(TenantContext context, String denialId, AuditEvent event) {
    boolean lifted = store.lift(context, denialId, event);
    if (lifted) {
      book.changed(context.organization(), held -> held.without(denialId));
    }
    return lifted;
  }

  @Override
  public void extend(TenantContext context, String denialId, Instant until) {
    if (store.extend(context, denialId, until)) {
      book.changed(context.organization(), held -> held.extended(denialId, until));
    }
  }

  @Override
  public Denials denials(OrganizationId organization, long nowMillis) {
    return book.of(organization, nowMillis);
  }

  @Override
  public List<OrganizationId> denied() {
    return book.organizations();
  }

  private void clean(Instant now) {
    Instant before = now.minus(KEPT);
    EachOrganization each = new EachOrganization();
    @Nullable String after = null;
    while (true) {
      List<OrganizationId> page = store.organizationsWithEnded(before, after, PAGE);
      for (OrganizationId organization : page) {
        each.attempt(() -> clean(organization, before));
      }
      if (page.size() < PAGE) {
        break;
      }
      after = page.get(PAGE - 1).value();
    }
    each.end();
  }

  private void clean(OrganizationId organization, Instant before) {
    boolean more = true;
    for (int round = 0; more && round < CLEAN_ROUNDS; round++) {
      more = store.removeEnded(DenialBook.own(organization), before, PAGE) >= PAGE;
    }
  }
}
