package io.tenantkit.apikey;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.LeakAssessment.Label;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

final class DefaultLeakedKeys implements LeakedKeys {
  private static final Actor SYSTEM = new Actor(Actor.Kind.SYSTEM, "leak-report");
  private static final String REASON = "reported as leaked by a scanner";

  /** How often a key may be changed by others between reading and revoking it. */
  private static final int MAX_TRIES = 100;

  private static final int MAX_FAILURES_IN_A_ROW = 3;

  private final PlaneRuntime runtime;
  private final ApiKeyStore store;
  private final KeyVerifier verifier;

  DefaultLeakedKeys(PlaneRuntime runtime, KeyVerifier verifier) {
    this.runtime = runtime;
    this.store = runtime.coreStores().apiKeys();
    this.verifier = verifier;
  }

  @Override
  public List<LeakAssessment> report(
      ReportSignature signature, Function<String, @Nullable String> headers, byte[] body) {
    verifier.requireOpen();
    if (body.length > MAX_BODY) {
      throw new InvalidInputException("report", "at most 4 MiB");
    }
    // A copy: what was checked is what is read, whoever else holds the array.
    byte[] signed = body.clone();
    if (!signature.holds(signed, headers)) {
      throw new AccessDeniedException("the report's signature does not hold");
    }
    return assess(LeakReport.parse(signed));
  }

  private List<LeakAssessment> assess(List<LeakReport.Match> matches) {
    List<LeakAssessment> assessed = new ArrayList<>();
    TenantkitException first = null;
    int failuresInARow = 0;
    for (LeakReport.Match match : matches) {
      try {
        assessed.add(assess(match));
        failuresInARow = 0;
      } catch (TenantkitException e) {
        first = first == null ? e : first;
        failuresInARow++;
        if (failuresInARow == MAX_FAILURES_IN_A_ROW) {
          break;
        }
      }
    }
    if (first != null) {
      throw first;
    }
    return List.copyOf(assessed);
  }

  private LeakAssessment assess(LeakReport.Match match) {
    byte[] token = match.token().getBytes(StandardCharsets.UTF_8);
    KeyHash hash = verifier.hash(token);
    boolean impossible =
        match.token().length() > KeyVerifier.MAX_PRESENTED
            || (KeyFormat.ourShape(match.token()) && !KeyFormat.checksumHolds(token));
    Optional<KeyLookup> found = impossible ? Optional.empty() : store.lookup(hash);
    found.ifPresent(lookup -> revoke(lookup.key(), hash, match));
    return new LeakAssessment(
        hash, match.type(), found.isPresent() ? Label.TRUE_POSITIVE : Label.FALSE_POSITIVE);
  }

  /** Revokes the key unless it is revoked, or its secret was replaced by another. */
  private void revoke(ApiKey leaked, KeyHash hash, LeakReport.Match match) {
    TenantContext context = TenantContext.trusted(leaked.organization(), SYSTEM);
    try {
      for (int i = 0; i < MAX_TRIES; i++) {
        Optional<StoredApiKey> before = store.find(context, leaked.id());
        if (before.isEmpty()
            || before.get().key().revocation().isPresent()
            || !before.get().hash().equals(hash)
            || revoke(context, before.get(), match)) {
          return;
        }
      }
      throw ConflictException.stale("api key");
    } finally {
      // Also when it was revoked on another node, or the connection broke while committing.
      verifier.evict(hash);
    }
  }

  private boolean revoke(TenantContext context, StoredApiKey before, LeakReport.Match match) {
    Instant now = runtime.now();
    String id = before.key().id().value();
    Map<String, String> where = new HashMap<>();
    where.put("source", match.source());
    match.url().ifPresent(url -> where.put("url", url));
    AuditEvent audit =
        runtime
            .event(context, now, "api_key.revoked", "api_key", id)
            .with(where)
            .with("reason", REASON);
    ApiKey after = before.key().revoked(REASON, now);
    StoredApiKey changed = new StoredApiKey(after, before.hash(), before.creation());
    boolean done =
        Settlement.settle(
            context,
            () -> store.update(context, changed, before.key().version(), audit),
            () ->
                store
                    .find(context, after.id())
                    .filter(there -> there.key().revocation().equals(after.revocation()))
                    .isPresent());
    if (!done) {
      return false;
    }
    runtime
        .events()
        .publish(Event.of(EventType.KEY_LEAKED, now, context.organization(), id, where));
    return true;
  }
}
