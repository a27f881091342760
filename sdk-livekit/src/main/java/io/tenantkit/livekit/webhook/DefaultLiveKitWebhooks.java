package io.tenantkit.livekit.webhook;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.LiveKitRevocations;
import io.tenantkit.livekit.spi.SignedMessages;
import io.tenantkit.livekit.spi.SignedMessages.Genuine;
import io.tenantkit.livekit.webhook.LiveKitEvent.ParticipantJoined;
import io.tenantkit.livekit.webhook.WebhookReceipt.Reason;
import io.tenantkit.livekit.webhook.WebhookReceipt.Refused;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.ReceivedEvent;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The event is taken with what it changes, then those who came in although they are denied are put
 * out, then the listeners are told, then it is marked as done. What nobody is told is done when it
 * is taken.
 */
final class DefaultLiveKitWebhooks implements LiveKitWebhooks {
  private static final String SOURCE = "livekit";
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "livekit-webhooks");

  private final PlaneRuntime runtime;
  private final SignedMessages messages;
  private final ReceivedEventStore events;
  private final LiveKitRevocations revocations;
  private final List<LiveKitEventListener> listeners;
  private final Duration listenersTake;

  private DefaultLiveKitWebhooks(PlaneRuntime runtime, Builder settings) {
    this.runtime = runtime;
    this.messages = settings.livekit.signedMessages();
    this.events = runtime.coreStores().receivedEvents();
    this.revocations = settings.livekit.revocations();
    this.listeners = List.copyOf(settings.listeners);
    this.listenersTake = settings.listenersTake;
  }

  static LiveKitWebhooks of(Builder settings) {
    PlaneRuntime runtime = settings.livekit.runtime();
    PresenceUpkeep upkeep = new PresenceUpkeep(runtime, settings.livekit.calls());
    // It asks the tenants' servers, for which the other periodic work shall not wait.
    runtime.maintenance().urgent("livekit.presences", PresenceUpkeep.INTERVAL, upkeep);
    return new DefaultLiveKitWebhooks(runtime, settings);
  }

  /** What the library does on its own for a tenant, or hands to a listener, may read alone. */
  static TenantContext context(Genuine sender) {
    return context(sender, Scopes.LIVEKIT_READ);
  }

  private static TenantContext context(Genuine sender, Scope scope) {
    return TenantContext.trusted(sender.organization(), ACTOR)
        .within(Set.of(sender.environment()))
        .limitedTo(ScopeSet.of(List.of(scope)));
  }

  @Override
  public WebhookReceipt receive(byte[] body, @Nullable String authorization) {
    if (body.length > MAX_BODY_BYTES) {
      return new Refused(Reason.TOO_LARGE);
    }
    if (authorization == null) {
      return new Refused(Reason.UNTRUSTED);
    }
    SignedMessages.Judgement judgement = messages.judge(body, authorization);
    if (!(judgement instanceof Genuine sender)) {
      return new Refused(reason((SignedMessages.Refused) judgement));
    }
    LiveKitEvent event = EventReader.read(body);
    if (event == null) {
      return new Refused(Reason.MALFORMED);
    }
    try {
      return handle(sender, event);
    } catch (TenantkitException e) {
      if (e.code() != ErrorCode.ORGANIZATION_ERASED) {
        throw e;
      }
      // Its keys are known here still, for the revocation bound at the most.
      return new Refused(Reason.UNTRUSTED);
    }
  }

  private static Reason reason(SignedMessages.Refused refused) {
    return switch (refused) {
      case UNTRUSTED -> Reason.UNTRUSTED;
      case EXPIRED -> Reason.EXPIRED;
      case NOT_YET_VALID -> Reason.NOT_YET_VALID;
      case BUSY -> Reason.BUSY;
    };
  }

  private WebhookReceipt handle(Genuine sender, LiveKitEvent event) {
    TenantContext context = context(sender);
    Instant now = runtime.now();
    String claim = runtime.ids().next("rcv");
    Optional<ReceivedEvent.Hold> hold =
        listeners.isEmpty() && !(event instanceof ParticipantJoined)
            ? Optional.empty()
            : Optional.of(new ReceivedEvent.Hold(claim, now.plus(listenersTake)));
    ReceivedEvent received = new ReceivedEvent(SOURCE, event.id(), now, hold);
    return switch (events.take(
        context, received, EventPresence.of(sender.environment(), event, now))) {
      case DONE -> new WebhookReceipt.Duplicate(sender.organization(), sender.environment(), event);
      case HELD -> unfinished(sender, event, null, Optional.of(listenersTake));
      case YOURS -> hold.isEmpty() ? accepted(sender, event) : tell(sender, context, event, claim);
    };
  }

  private WebhookReceipt tell(
      Genuine sender, TenantContext context, LiveKitEvent event, String claim) {
    boolean told = false;
    try {
      if (event instanceof ParticipantJoined joined) {
        putOutIfDenied(sender, joined);
      }
      for (LiveKitEventListener listener : listeners) {
        listener.on(context, event);
      }
      told = true;
    } catch (RuntimeException e) {
      return unfinished(sender, event, e, Optional.empty());
    } finally {
      if (!told) {
        events.giveBack(context, SOURCE, event.id(), claim);
      }
    }
    // Whoever took longer than it may has been told all the same, perhaps not alone.
    events.done(context, SOURCE, event.id(), claim);
    return accepted(sender, event);
  }

  /** Whom the server cannot be reached for now the periodic work puts out. */
  private void putOutIfDenied(Genuine sender, ParticipantJoined joined) {
    revocations.seen(
        context(sender, Scopes.LIVEKIT_ADMIN),
        joined.participant().identity(),
        joined.room().name());
  }

  private static WebhookReceipt accepted(Genuine sender, LiveKitEvent event) {
    return new WebhookReceipt.Accepted(sender.organization(), sender.environment(), event);
  }

  private static WebhookReceipt unfinished(
      Genuine sender,
      LiveKitEvent event,
      @Nullable RuntimeException failure,
      Optional<Duration> retryAfter) {
    return new WebhookReceipt.Unfinished(
        sender.organization(),
        sender.environment(),
        event,
        Optional.ofNullable(failure),
        retryAfter);
  }
}
