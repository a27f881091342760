package io.tenantkit.vault.webhook;

import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints that are due and has each take its turn on a thread of its own, which due
 * work does not wait for. Of one organization, {@value #MOST_OF_ONE} turns are under way at the
 * most, so that its slow receivers leave threads to the others'. Safe for use by several threads.
 */
final class WebhookDeliveries implements AutoCloseable {
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "webhooks");
  private static final int THREADS = 16;
  private static final int MOST_OF_ONE = 2;

  /** What waits for a thread costs a little memory; the rest waits in the storage. */
  private static final int MOST = 1_000;

  private static final int PAGE = 200;
  private static final long CLOSING_SECONDS = 2;

  private final PlaneRuntime runtime;
  private final WebhookStore store;
  private final WebhookSecrets secrets;
  private final WebhookSender sender;
  private final RetryPauses pauses;
  private final int attempts;
  private final ThreadPoolExecutor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<OrganizationId, Set<WebhookId>> underWay = new HashMap<>();
  private int turns;
  private @Nullable RuntimeException failed;
  private @Nullable OrganizationId goesOnAfter;
  private volatile boolean closing;

  WebhookDeliveries(
      PlaneRuntime runtime,
      WebhookStore store,
      WebhookSecrets secrets,
      WebhookSender sender,
      RetryPauses pauses,
      int attempts) {
    this.runtime = runtime;
    this.store = store;
    this.secrets = secrets;
    this.sender = sender;
    this.pauses = pauses;
    this.attempts = attempts;
    this.threads = DaemonThreads.queued("tenantkit-webhooks", THREADS);
  }

  /**
   * Begins the turns of what is due. What failed in a turn since the last call is thrown by this
   * one, so that it is told as all due work's failures are.
   */
  void run() {
    EachOrganization each = new EachOrganization();
    @Nullable OrganizationId after = goesOnAfter;
    goesOnAfter = null;
    List<OrganizationId> page;
    do {
      page = store.organizationsWithDue(runtime.now(), after, PAGE);
      for (OrganizationId organization : page) {
        after = organization;
        each.attempt(() -> begin(organization));
        if (isFull()) {
          goesOnAfter = after;
          break;
        }
      }
    } while (page.size() == PAGE && goesOnAfter == null && !closing);
    each.attempt(this::throwFailure);
    each.end();
  }

  private boolean isFull() {
    lock.lock();
    try {
      return turns >= MOST;
    } finally {
      lock.unlock();
    }
  }

  private void throwFailure() {
    @Nullable RuntimeException thrown;
    lock.lock();
    try {
      thrown = failed;
      failed = null;
    } finally {
      lock.unlock();
    }
    if (thrown != null) {
      throw thrown;
    }
  }

  /** Begins as many turns of an organization as it has room for. */
  private void begin(OrganizationId organization) {
    TenantContext context = TenantContext.trusted(organization, ACTOR);
    if (room(organization) > 0 && isActive(context)) {
      // Those under way may be among them: until they are claimed they are due.
      for (WebhookEndpoint endpoint : store.due(context, runtime.now(), 2 * MOST_OF_ONE)) {
        if (enter(organization, endpoint.id())) {
          threads.execute(() -> take(context, endpoint));
        }
      }
    }
  }

  /** Looked at again before each turn: a backlog may last for longer than a suspension is new. */
  private boolean isActive(TenantContext context) {
    return runtime
        .coreStores()
        .organizations()
        .find(context)
        .filter(found -> found.status() == Organization.Status.ACTIVE)
        .isPresent();
  }

  private int room(OrganizationId organization) {
    lock.lock();
    try {
      return MOST_OF_ONE - underWay.getOrDefault(organization, Set.of()).size();
    } finally {
      lock.unlock();
    }
  }

  private boolean enter(OrganizationId organization, WebhookId endpoint) {
    lock.lock();
    try {
      if (closing || room(organization) <= 0) {
        return false;
      }
      boolean entered =
          underWay.computeIfAbsent(organization, any -> new HashSet<>()).add(endpoint);
      turns += entered ? 1 : 0;
      return entered;
    } finally {
      lock.unlock();
    }
  }

  private void take(TenantContext context, WebhookEndpoint endpoint) {
    try {
      try {
        new WebhookTurn(runtime, store, secrets, sender, pauses, attempts, () -> closing, context)
            .take(endpoint);
      } finally {
        leave(context.organization(), endpoint.id());
      }
      // The organization's next, which had no room: it should not wait for the next run.
      begin(context.organization());
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      left();
    }
  }

  private void fail(RuntimeException e) {
    lock.lock();
    try {
      if (!closing && failed == null) {
        failed = e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void leave(OrganizationId organization, WebhookId endpoint) {
    lock.lock();
    try {
      Set<WebhookId> others = underWay.getOrDefault(organization, new HashSet<>());
      others.remove(endpoint);
      if (others.isEmpty()) {
        underWay.remove(organization);
      }
    } finally {
      lock.unlock();
    }
  }

  private void left() {
    lock.lock();
    try {
      turns--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** For tests: waits until no turn is under way. */
  void await() throws InterruptedException {
    lock.lock();
    try {
      while (turns > 0) {
        ended.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the turns; what was not noted as arrived is sent again by whoever comes next. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
    threads.shutdown();
    try {
      // A turn ends at its next message, most of them at once.
      if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
