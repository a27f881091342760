package io.tenantkit.livekit.webhook;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.LiveKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives the webhooks of all tenants' LiveKit servers under one URL: which tenant it is says the
 * signature alone. Each event is handled once on all nodes, and who was in which room is recorded
 * for {@link ParticipantMinutes}.
 *
 * <pre>{@code
 * LiveKitWebhooks webhooks = LiveKitWebhooks.builder(livekit).listener((tenant, event) -> ...).build();
 * // In the host's HTTP server, with at most MAX_BODY_BYTES + 1 bytes of the body:
 * HttpAnswer answer = webhooks.receive(body, request.header("Authorization")).answer();
 * }</pre>
 *
 * <p>A message is genuine when its token is a JWT in strict form, signed by HS256 with a key that
 * is now a tenant's, or was and overlaps still; names the SHA-256 of exactly this body; and has an
 * expiry that is past by less than 60 seconds and not over an hour away. Events are remembered for
 * a day, so none can be replayed. A suspended organization's events are received like others.
 *
 * <p>Make one for each {@link LiveKit}: its periodic work corrects what events left out. Safe for
 * use by several threads; blocks on the storage, and on the listeners.
 */
public interface LiveKitWebhooks {
  /** The largest body, in bytes. What is larger is refused before it is looked at. */
  int MAX_BODY_BYTES = 1 << 20;

  /** For how long events are remembered, so that none is handled twice. */
  Duration REMEMBERED = Duration.ofDays(1);

  /** A receiver without listeners. */
  static LiveKitWebhooks of(LiveKit livekit) {
    return builder(livekit).build();
  }

  /** A receiver to be configured. */
  static Builder builder(LiveKit livekit) {
    return new Builder(livekit);
  }

  /**
   * Judges a request and handles its event.
   *
   * @param body exactly the bytes that came
   * @param authorization the header's value, as LiveKit's servers send it: the token alone, without
   *     {@code Bearer}; null when there was none
   * @return what became of it, with what to answer
   * @throws io.tenantkit.TenantkitException when the storage fails; the server sends again what is
   *     answered with {@link io.tenantkit.http.HttpAnswer#of(io.tenantkit.TenantkitException)}
   */
  WebhookReceipt receive(byte[] body, @Nullable String authorization);

  /** Collects settings. For one thread. */
  final class Builder {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    final LiveKit livekit;
    final List<LiveKitEventListener> listeners = new ArrayList<>();
    Duration listenersTake = Duration.ofSeconds(10);

    private Builder(LiveKit livekit) {
      this.livekit = Objects.requireNonNull(livekit, "livekit");
    }

    /** Is told of each event, after those that were added before. */
    public Builder listener(LiveKitEventListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * How long the listeners may take for one event before it may be given again, to this node or
     * another: 1 second to 5 minutes, 10 seconds unless set. LiveKit's servers send an event again
     * for some 15 seconds, so what a node that died leaves behind is given again only if this is
     * shorter.
     */
    public Builder listenersTake(Duration atMost) {
      if (atMost.compareTo(SHORTEST) < 0 || atMost.compareTo(LONGEST) > 0) {
        throw new InvalidInputException("listenersTake", "1 second to 5 minutes");
      }
      this.listenersTake = atMost;
      return this;
    }

    /** The receiver as configured. */
    public LiveKitWebhooks build() {
      return DefaultLiveKitWebhooks.of(this);
    }
  }
}
