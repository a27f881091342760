package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One issuer's keys, fetched at need and kept. One thread fetches at a time and never sooner than
 * the issuer's settings say, whatever key ids the tokens make up; while the issuer is down the last
 * set counts on, up to a bound. Safe for use by several threads; blocks on the issuer at most once
 * for each fetch.
 */
final class KeySource {
  private static final int MAX_METADATA_BYTES = 64 * 1024;
  private static final int MAX_METADATA_DEPTH = 16;
  private static final StrictJson METADATA =
      StrictJson.bounded(MAX_METADATA_BYTES, MAX_METADATA_DEPTH);

  /** A set and when it was asked for. */
  private record Snapshot(JwkSet keys, long askedAt) {}

  private final OidcIssuer issuer;
  private final HttpDocuments documents;
  private final PlaneRuntime runtime;
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile @Nullable Snapshot current;
  private volatile long nextFetchAt = Long.MIN_VALUE;

  KeySource(OidcIssuer issuer, HttpDocuments documents, PlaneRuntime runtime) {
    this.issuer = issuer;
    this.documents = documents;
    this.runtime = runtime;
  }

  /** The key that a token's header means. */
  VerificationKey find(@Nullable String id) throws LoginRefusal {
    @Nullable Snapshot seen = current;
    long now = runtime.clock().millis();
    if (seen == null || now - seen.askedAt() >= issuer.keysFreshFor().toMillis()) {
      // What is here will do while somebody else asks for the next.
      seen = renewed(seen, now, !isUsable(seen, now));
    }
    Optional<VerificationKey> key = seen.keys().find(id);
    if (key.isEmpty() && now >= nextFetchAt) {
      // The issuer may have rotated; an id that somebody made up costs it one fetch an interval.
      key = renewed(seen, now, true).keys().find(id);
    }
    return key.orElseThrow(() -> new LoginRefusal(OidcResult.Reason.UNKNOWN_KEY));
  }

  /** A set that is newer than the seen one if there is one to be had, else that one if it may. */
  private Snapshot renewed(@Nullable Snapshot seen, long now, boolean wait) throws LoginRefusal {
    if (wait) {
      fetching.lock();
    } else if (!fetching.tryLock()) {
      return requireUsable(seen, now);
    }
    try {
      if (isCurrent(seen) && now >= nextFetchAt) {
        fetch();
      }
      return requireUsable(current, now);
    } finally {
      fetching.unlock();
    }
  }

  /** Whether nobody fetched since: it is the very same snapshot, not an equal one. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isCurrent(@Nullable Snapshot seen) {
    return current == seen;
  }

  private boolean isUsable(@Nullable Snapshot snapshot, long now) {
    return snapshot != null
        && now - snapshot.askedAt() < issuer.keysFreshFor().plus(issuer.keysStaleFor()).toMillis();
  }

  private Snapshot requireUsable(@Nullable Snapshot snapshot, long now) throws LoginRefusal {
    if (snapshot == null || !isUsable(snapshot, now)) {
      throw new LoginRefusal(OidcResult.Reason.ISSUER_UNAVAILABLE);
    }
    return snapshot;
  }

  private void fetch() {
    long asked = runtime.clock().millis();
    try {
      current = new Snapshot(JwkSet.parse(documents.get(address(), JwkSet.MAX_BYTES)), asked);
      nextFetchAt = asked + issuer.refetchInterval().toMillis();
    } catch (DocumentRefused e) {
      nextFetchAt = asked + issuer.retryInterval().toMillis();
      runtime
          .events()
          .publish(
              new Event(
                  EventType.ISSUER_UNAVAILABLE,
                  runtime.now(),
                  Optional.empty(),
                  issuer.issuer(),
                  Map.of("error", e.getMessage())));
    }
  }

  /**
   * Where the keys are: as the host said, or as the issuer's own metadata says (OIDC Discovery).
   */
  private URI address() throws DocumentRefused {
    if (issuer.jwksUri().isPresent()) {
      return issuer.jwksUri().get();
    }
    JsonNode metadata;
    try {
      metadata = METADATA.parse(documents.get(issuer.discoveryUri(), MAX_METADATA_BYTES));
    } catch (MalformedJsonException e) {
      throw new DocumentRefused("metadata that is not strict JSON");
    }
    // Exactly, or one issuer could speak for another (OIDC Discovery §4.3).
    if (!issuer.issuer().equals(metadata.path("issuer").textValue())) {
      throw new DocumentRefused("metadata of another issuer");
    }
    @Nullable String uri = metadata.path("jwks_uri").textValue();
    try {
      return new URI(String.valueOf(uri));
    } catch (URISyntaxException e) {
      throw new DocumentRefused("metadata without an address of keys");
    }
  }
}
