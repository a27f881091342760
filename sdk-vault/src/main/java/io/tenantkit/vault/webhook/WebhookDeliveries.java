package io.tenantkit.vault.webhook;

import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoints that are due and has each take its turn, several at the same time, so that a
 * slow receiver holds up the others' no longer than its own turn. Safe for use by several threads;
 * blocks until all turns are over.
 */
final class WebhookDeliveries implements AutoCloseable {
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "webhooks");
  private static final int THREADS = 8;
  private static final int PAGE = 200;
  private static final int MOST_OF_ONE_ORGANIZATION = Webhooks.MAX_ENDPOINTS;

  private final PlaneRuntime runtime;
  private final WebhookStore store;
  private final WebhookSecrets secrets;
  private final WebhookSender sender;
  private final RetryPauses pauses;
  private final int attempts;
  private final ThreadPoolExecutor threads;
  private final AtomicBoolean closing = new AtomicBoolean();

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
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "tenantkit-webhooks");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Gives each endpoint that is due its turn. */
  void run() {
    EachOrganization each = new EachOrganization();
    @Nullable OrganizationId after = null;
    List<OrganizationId> page;
    do {
      page = store.organizationsWithDue(runtime.now(), after, PAGE);
      List<Callable<Object>> turns = new ArrayList<>();
      for (OrganizationId organization : page) {
        each.attempt(() -> turns.addAll(turns(organization)));
        after = organization;
      }
      takeAll(turns, each);
    } while (page.size() == PAGE && !closing.get());
    each.end();
  }

  private List<Callable<Object>> turns(OrganizationId organization) {
    TenantContext context = TenantContext.trusted(organization, ACTOR);
    boolean active =
        runtime
            .coreStores()
            .organizations()
            .find(context)
            .filter(found -> found.status() == Organization.Status.ACTIVE)
            .isPresent();
    List<Callable<Object>> turns = new ArrayList<>();
    if (active) {
      for (WebhookEndpoint endpoint : store.due(context, runtime.now(), MOST_OF_ONE_ORGANIZATION)) {
        turns.add(
            () -> {
              new WebhookTurn(
                      runtime, store, secrets, sender, pauses, attempts, closing::get, context)
                  .take(endpoint);
              return endpoint;
            });
      }
    }
    return turns;
  }

  private void takeAll(List<Callable<Object>> turns, EachOrganization each) {
    if (turns.isEmpty() || closing.get()) {
      return;
    }
    try {
      for (Future<Object> turn : threads.invokeAll(turns)) {
        each.attempt(() -> await(turn));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(Future<Object> turn) {
    try {
      turn.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Ends the turns; what was not noted as arrived is sent again by whoever comes next. */
  @Override
  public void close() {
    closing.set(true);
    threads.shutdownNow();
  }
}
