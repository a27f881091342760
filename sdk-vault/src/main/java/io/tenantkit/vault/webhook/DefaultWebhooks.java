package io.tenantkit.vault.webhook;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.AuditHead;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

final class DefaultWebhooks implements Webhooks {
  static final String DEAD_LETTER = "webhook.dead_lettered";
  static final String TARGET = "webhook";

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Duration LONGEST_OVERLAP = Duration.ofDays(7);
  private static final int MAX_DESCRIPTION = 255;

  /** Each time somebody else got on. */
  private static final int ATTEMPTS = 64;

  private final PlaneRuntime runtime;
  private final WebhookStore store;
  private final WebhookSecrets secrets;
  private final Egress egress;
  private final WebhookDeliveries deliveries;

  private DefaultWebhooks(PlaneRuntime runtime, WebhookStore store, Builder settings) {
    this.runtime = runtime;
    this.store = store;
    this.secrets = new WebhookSecrets(settings.vault);
    this.egress = settings.egress;
    this.deliveries =
        new WebhookDeliveries(
            runtime,
            store,
            secrets,
            new WebhookSender(settings.egress, settings.timeout),
            new RetryPauses(settings.firstPause, settings.longestPause, runtime.random()),
            settings.attempts);
  }

  static Webhooks of(Builder settings) {
    PlaneRuntime runtime = settings.vault.runtime();
    VaultStores stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
    DefaultWebhooks made = new DefaultWebhooks(runtime, stores.webhooks(), settings);
    runtime.events().add(new SecurityEvents(runtime, made.store));
    runtime
        .maintenance()
        .urgent("webhooks.deliveries", settings.interval, now -> made.deliveries.run());
    runtime.onClose().accept(made.deliveries::close);
    return made;
  }

  /** For tests, which wait for what due work began. */
  WebhookDeliveries deliveries() {
    return deliveries;
  }

  @Override
  public IssuedWebhook create(
      TenantContext context, String url, String description, EventFilter events) {
    requireListening(context);
    requireDescription(description);
    egress.check(url);
    if (store.list(context, null, MAX_ENDPOINTS).size() >= MAX_ENDPOINTS) {
      throw full();
    }
    WebhookId id = new WebhookId(runtime.ids().next("whk"));
    WebhookSecrets.Put secret = secrets.first(context, id, url);
    try {
      Instant now = runtime.now();
      long head = runtime.coreStores().audit().head(context).map(AuditHead::seq).orElse(0L);
      WebhookEndpoint endpoint =
          new WebhookEndpoint(
              id,
              context.organization(),
              url,
              description,
              events,
              true,
              1,
              Optional.empty(),
              context.actor().id(),
              now,
              now,
              new Delivery(head, 0, now, ""));
      AuditEvent event = event(context, now, "webhook.created", id);
      if (!store.create(context, endpoint, MAX_ENDPOINTS, event)) {
        throw full();
      }
      return new IssuedWebhook(endpoint, secret.text());
    } catch (RuntimeException e) {
      secret.text().close();
      undo(context, id, e);
      throw e;
    }
  }

  private static ConflictException full() {
    return new ConflictException("the organization has " + MAX_ENDPOINTS + " webhooks");
  }

  private void undo(TenantContext context, WebhookId id, RuntimeException why) {
    if (why instanceof TenantkitException known && known.code() == ErrorCode.COMMIT_UNKNOWN) {
      // The endpoint may be there after all: with its secret it works, or can be deleted.
      return;
    }
    try {
      secrets.delete(context, id);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  @Override
  public WebhookEndpoint get(TenantContext context, WebhookId id) {
    require(context);
    return find(context, id);
  }

  @Override
  public Page<WebhookEndpoint> list(TenantContext context, PageRequest page) {
    require(context);
    return page.page(
        store.list(context, page.afterId(), page.limit() + 1), each -> each.id().value());
  }

  @Override
  public WebhookEndpoint update(
      TenantContext context, WebhookId id, String description, EventFilter events) {
    requireListening(context);
    requireDescription(description);
    Instant now = runtime.now();
    return change(
        context,
        id,
        before -> before.with(description, events, now),
        event(context, now, "webhook.updated", id));
  }

  @Override
  public IssuedWebhook changeUrl(TenantContext context, WebhookId id, String url) {
    requireListening(context);
    egress.check(url);
    find(context, id);
    Instant now = runtime.now();
    // The secret first: between the two, the URL in the row has no key, and all waits.
    return issued(
        context,
        id,
        secrets.replace(context, id, url),
        before -> before.withSecret(url, Optional.empty(), now),
        event(context, now, "webhook.url_changed", id));
  }

  @Override
  public WebhookEndpoint enable(TenantContext context, WebhookId id) {
    return switched(context, id, true);
  }

  @Override
  public WebhookEndpoint disable(TenantContext context, WebhookId id) {
    return switched(context, id, false);
  }

  private WebhookEndpoint switched(TenantContext context, WebhookId id, boolean on) {
    require(context);
    Instant now = runtime.now();
    return change(
        context,
        id,
        before -> before.withEnabled(on, now),
        event(context, now, on ? "webhook.enabled" : "webhook.disabled", id));
  }

  @Override
  public void delete(TenantContext context, WebhookId id) {
    require(context);
    if (!store.delete(context, id, event(context, runtime.now(), "webhook.deleted", id))) {
      throw new NotFoundException("webhook");
    }
    try {
      secrets.delete(context, id);
    } catch (NotFoundException e) {
      // Deleted by whoever began this before and did not come to its end.
      return;
    }
  }

  @Override
  public IssuedWebhook rotateSecret(TenantContext context, WebhookId id, Duration overlap) {
    require(context);
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new InvalidInputException("overlap", "zero to 7 days");
    }
    WebhookEndpoint found = find(context, id);
    Instant now = runtime.now();
    Instant until = now.plus(overlap).truncatedTo(ChronoUnit.MICROS);
    WebhookSecrets.Put secret = secrets.rotate(context, found, until);
    return issued(
        context,
        id,
        secret,
        before -> before.withSecret(before.url(), secret.until(), now),
        event(context, now, "webhook.secret_rotated", id));
  }

  @Override
  public Page<DeadLetter> deadLetters(TenantContext context, WebhookId id, PageRequest page) {
    require(context);
    find(context, id);
    String after = page.afterId();
    if (after != null && !NUMBER.matcher(after).matches()) {
      throw new InvalidInputException("cursor", "a cursor that a page gave");
    }
    long afterSeq = after == null ? Long.MIN_VALUE : Long.parseLong(after);
    return page.page(
        store.deadLetters(context, id, afterSeq, page.limit() + 1),
        letter -> Long.toString(letter.seq()));
  }

  @Override
  public void replay(TenantContext context, WebhookId id, long seq) {
    requireListening(context);
    AuditEvent event =
        event(context, runtime.now(), "webhook.replayed", id).with("seq", Long.toString(seq));
    if (!store.queue(context, id, seq, event)) {
      throw new NotFoundException("dead letter");
    }
  }

  /**
   * The secret is in force already, so whatever else changes the row, this change is made to it
   * then; but for another secret that has taken this one's place, whose own change of the row
   * counts.
   */
  private IssuedWebhook issued(
      TenantContext context,
      WebhookId id,
      WebhookSecrets.Put secret,
      UnaryOperator<WebhookEndpoint> change,
      AuditEvent event) {
    try {
      WebhookEndpoint changed =
          change(
              context,
              id,
              before -> {
                if (secrets.currentVersion(context, id) != secret.version()) {
                  throw new ConflictException("another secret was put meanwhile");
                }
                return change.apply(before);
              },
              event);
      return new IssuedWebhook(changed, secret.text());
    } catch (RuntimeException e) {
      secret.text().close();
      throw e;
    }
  }

  private WebhookEndpoint change(
      TenantContext context,
      WebhookId id,
      UnaryOperator<WebhookEndpoint> change,
      AuditEvent event) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      WebhookEndpoint before = find(context, id);
      WebhookEndpoint after = change.apply(before);
      if (store.update(context, after, before.version(), event)) {
        return after;
      }
    }
    throw ConflictException.stale("webhook");
  }

  private WebhookEndpoint find(TenantContext context, WebhookId id) {
    return store.find(context, id).orElseThrow(() -> new NotFoundException("webhook"));
  }

  private AuditEvent event(TenantContext context, Instant at, String action, WebhookId id) {
    return runtime.event(context, at, action, TARGET, id.value());
  }

  /** A secret leaves with many of these, and the vault's own rows cannot be the host's to undo. */
  private static void require(TenantContext context) {
    context.require(Scopes.WEBHOOKS_MANAGE);
    context.requireOwnTransaction("managing webhooks");
  }

  /** A receiver reads the trail, of all environments: whoever chooses one must be let to. */
  private static void requireListening(TenantContext context) {
    require(context);
    context.require(Scopes.AUDIT_READ);
    for (Environment each : Environment.values()) {
      context.require(each);
    }
  }

  private static void requireDescription(String description) {
    if (!description.isEmpty()) {
      Texts.require("description", description, MAX_DESCRIPTION);
    }
  }
}
