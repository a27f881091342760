package io.tenantkit.vault.webhook;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.audit.AuditRecord;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookSender.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One turn of one endpoint: what waits to be tried again, then the trail from where it stands,
 * until there is no more, something fails, or the turn's time is over. Each message that arrived is
 * noted before the next is sent, under a claim, so that a node that dies repeats one message at the
 * most and two nodes never send for one endpoint. For one thread.
 */
final class WebhookTurn {
  /** Longer than the turn and one slow receiver. */
  private static final Duration CLAIM = Duration.ofMinutes(3);

  private static final long TURN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int PAGE = 100;
  private static final int PAGES = 50;
  private static final int QUEUED = 20;

  /** As after so many failures: whoever mends a key does so by hand. */
  private static final int MANY = 4;

  private static final Set<ErrorCode> UNUSABLE =
      Set.of(
          ErrorCode.NOT_FOUND,
          ErrorCode.SECRET_EXPIRED,
          ErrorCode.CIPHERTEXT_REJECTED,
          ErrorCode.MASTER_KEY_MISMATCH,
          ErrorCode.MASTER_KEY_DENIED,
          ErrorCode.MASTER_KEY_UNAVAILABLE);

  private static final String UNUSABLE_SECRET = "the secret cannot be used";
  private static final String ERASED = "the organization was erased";

  private final PlaneRuntime runtime;
  private final WebhookStore store;
  private final WebhookSecrets secrets;
  private final WebhookSender sender;
  private final RetryPauses pauses;
  private final int attempts;
  private final BooleanSupplier closing;
  private final TenantContext context;
  private final String claim;
  private final long began = System.nanoTime();

  /** How far it has come by the storage's account. */
  private long noted;

  WebhookTurn(
      PlaneRuntime runtime,
      WebhookStore store,
      WebhookSecrets secrets,
      WebhookSender sender,
      RetryPauses pauses,
      int attempts,
      BooleanSupplier closing,
      TenantContext context) {
    this.runtime = runtime;
    this.store = store;
    this.secrets = secrets;
    this.sender = sender;
    this.pauses = pauses;
    this.attempts = attempts;
    this.closing = closing;
    this.context = context;
    this.claim = runtime.ids().next("clm");
  }

  void take(WebhookEndpoint due) {
    Instant now = runtime.now();
    if (closing.getAsBoolean() || !store.claim(context, due.id(), claim, now, now.plus(CLAIM))) {
      return;
    }
    // Read again: before the claim, another turn may have come further.
    Optional<WebhookEndpoint> found = store.find(context, due.id());
    if (found.isPresent()) {
      turn(found.get());
    }
  }

  private void turn(WebhookEndpoint endpoint) {
    noted = endpoint.delivery().seq();
    List<DeadLetter> queued = store.queued(context, endpoint.id(), QUEUED);
    Delivery start = started(endpoint.delivery());
    boolean told = !queued.isEmpty();
    // Events that are not for it are passed over without opening its keys.
    for (int page = 0; page < PAGES && !told; page++) {
      List<AuditRecord> rows = rows(start.seq());
      for (AuditRecord row : rows) {
        told = told || WebhookMessage.isTold(row.event(), endpoint.events());
        start = told ? start : passed(start, row);
      }
      if (rows.size() < PAGE) {
        break;
      }
    }
    if (note(endpoint, start, !told) && told) {
      Delivery from = start;
      try {
        Optional<Delivery> last =
            secrets.use(context, endpoint.id(), keys -> send(endpoint, keys, queued, from));
        last.ifPresent(each -> note(endpoint, each, true));
      } catch (TenantkitException e) {
        note(endpoint, withoutKeys(endpoint, e), true);
      }
    }
  }

  /** What was counted while the secret could not be used are no attempts of the receiver's. */
  private static Delivery started(Delivery before) {
    return isHeld(before) ? new Delivery(before.seq(), 0, before.dueAt(), "") : before;
  }

  private static boolean isHeld(Delivery delivery) {
    return delivery.lastFailure().equals(UNUSABLE_SECRET)
        || delivery.lastFailure().equals(WebhookSender.OTHER_URL);
  }

  private Delivery withoutKeys(WebhookEndpoint endpoint, TenantkitException why) {
    Instant now = runtime.now();
    if (why.code() == ErrorCode.ORGANIZATION_ERASED) {
      // For ever: each further turn would only leave its row in the trail of what was erased.
      disable(endpoint, ERASED, now);
      return new Delivery(noted, 0, now, ERASED);
    }
    if (!UNUSABLE.contains(why.code())) {
      throw why;
    }
    return held(endpoint, noted, UNUSABLE_SECRET, why.code() == ErrorCode.MASTER_KEY_UNAVAILABLE);
  }

  /** Sends nothing for a while, and for a longer one each time, since each leaves its trace. */
  private Delivery held(WebhookEndpoint endpoint, long seq, String why, boolean passing) {
    Delivery before = endpoint.delivery();
    int times = passing || !isHeld(before) ? 1 : Math.min(before.attempts() + 1, MANY * MANY);
    Duration pause = pauses.after(MANY - 1 + times);
    return new Delivery(seq, times, runtime.now().plus(pause), why);
  }

  private void disable(WebhookEndpoint endpoint, String reason, Instant now) {
    store.update(
        context,
        endpoint.withEnabled(false, now),
        endpoint.version(),
        event(endpoint, now, "webhook.disabled").with("reason", reason));
  }

  private List<AuditRecord> rows(long after) {
    return runtime.coreStores().audit().records(context, after, PAGE);
  }

  private static Delivery passed(Delivery before, AuditRecord row) {
    return new Delivery(row.seq(), before.attempts(), before.dueAt(), before.lastFailure());
  }

  /** Whether the claim is still ours. */
  private boolean note(WebhookEndpoint endpoint, Delivery next, boolean release) {
    boolean ours = store.progress(context, endpoint.id(), claim, noted, next, release);
    noted = next.seq();
    return ours;
  }

  /** Where it stands when it ends; empty when nothing more may be noted. */
  private Optional<Delivery> send(
      WebhookEndpoint endpoint, WebhookSecrets.Keys keys, List<DeadLetter> queued, Delivery from) {
    for (DeadLetter letter : queued) {
      if (!mayGoOn(endpoint)) {
        return Optional.of(from);
      }
      Outcome outcome = sender.send(endpoint, keys, WebhookMessage.of(letter), runtime.now());
      if (closing.getAsBoolean() && !outcome.arrived()) {
        return Optional.empty();
      }
      if (outcome.ours()) {
        return Optional.of(notSent(endpoint, from, outcome));
      }
      Optional<DeadLetter> after =
          outcome.arrived() ? Optional.empty() : Optional.of(again(letter, outcome));
      if (!store.retried(context, endpoint.id(), letter.seq(), claim, after)) {
        return Optional.empty();
      }
      if (!outcome.arrived()) {
        return Optional.of(from);
      }
    }
    Delivery at = from;
    for (List<AuditRecord> rows = rows(at.seq()); !rows.isEmpty(); rows = rows(at.seq())) {
      for (AuditRecord row : rows) {
        if (!WebhookMessage.isTold(row.event(), endpoint.events())) {
          at = passed(at, row);
          continue;
        }
        if (!mayGoOn(endpoint)) {
          return Optional.of(at);
        }
        Outcome outcome = sender.send(endpoint, keys, WebhookMessage.of(row), runtime.now());
        if (!outcome.arrived()) {
          return failed(endpoint, row, at, outcome);
        }
        at = new Delivery(row.seq(), 0, runtime.now(), "");
        if (!note(endpoint, at, false)) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(at);
  }

  private DeadLetter again(DeadLetter letter, Outcome outcome) {
    return new DeadLetter(
        letter.endpoint(),
        letter.seq(),
        letter.messageId(),
        letter.type(),
        letter.payload(),
        letter.attempts() + 1,
        runtime.now(),
        outcome.failure(),
        false);
  }

  /** A change of the settings, disabling above all, ends the turn at the next message. */
  private boolean mayGoOn(WebhookEndpoint endpoint) {
    return !closing.getAsBoolean()
        && System.nanoTime() - began < TURN_NANOS
        && store
            .find(context, endpoint.id())
            .filter(now -> now.enabled() && now.version() == endpoint.version())
            .isPresent();
  }

  /** No attempt of the receiver's, who was not asked. */
  private Delivery notSent(WebhookEndpoint endpoint, Delivery at, Outcome outcome) {
    return outcome.failure().equals(WebhookSender.OTHER_URL)
        ? held(endpoint, at.seq(), outcome.failure(), false)
        : new Delivery(
            at.seq(), at.attempts(), runtime.now().plus(pauses.after(1)), outcome.failure());
  }

  private Optional<Delivery> failed(
      WebhookEndpoint endpoint, AuditRecord row, Delivery at, Outcome outcome) {
    if (closing.getAsBoolean()) {
      // Cut short by us: no attempt of the receiver's.
      return Optional.empty();
    }
    if (outcome.ours()) {
      return Optional.of(notSent(endpoint, at, outcome));
    }
    Instant now = runtime.now();
    int tried = at.attempts() + 1;
    if (outcome.gone()) {
      disable(endpoint, outcome.failure(), now);
    }
    if (outcome.gone() || tried < attempts) {
      Duration pause = pauses.after(tried);
      Duration wait = outcome.wish().compareTo(pause) > 0 ? outcome.wish() : pause;
      return Optional.of(new Delivery(at.seq(), tried, now.plus(wait), outcome.failure()));
    }
    Delivery next = new Delivery(row.seq(), 0, now, outcome.failure());
    WebhookMessage message = WebhookMessage.of(row);
    DeadLetter letter =
        new DeadLetter(
            endpoint.id(),
            row.seq(),
            message.id(),
            message.type(),
            message.payload(),
            tried,
            now,
            outcome.failure(),
            false);
    AuditEvent event =
        event(endpoint, now, DefaultWebhooks.DEAD_LETTER)
            .with(Map.of("seq", Long.toString(row.seq()), "reason", outcome.failure()));
    if (!store.setAside(context, claim, noted, next, letter, event)) {
      return Optional.empty();
    }
    noted = next.seq();
    return Optional.of(next);
  }

  private AuditEvent event(WebhookEndpoint endpoint, Instant at, String action) {
    return runtime.event(context, at, action, DefaultWebhooks.TARGET, endpoint.id().value());
  }
}
