package io.tenantkit.token;

import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.TokenLedgerStore;
import io.tenantkit.spi.TokenLedgerStore.Denied;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The denials of all organizations that have any, as of a moment ago: an organization that is not
 * in it has none, so who asks about it needs no storage. Read anew by {@link #refresh}; when that
 * did not happen within the bound, the storage is asked for the one organization.
 *
 * <p>Safe for use by several threads.
 */
final class DenialBook {
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.tokens");
  private static final int PAGE = 1_000;

  private record Held(long revision, Denials denials) {}

  /** What is known, and of when. */
  private record State(Map<OrganizationId, Held> held, long asOf) {}

  private final PlaneRuntime runtime;
  private final String issuer;
  private final TokenLedgerStore store;
  private final long boundMillis;

  /** Held while the storage is asked, so that what is older never takes the place of newer. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile State state = new State(Map.of(), Long.MIN_VALUE / 4);

  DenialBook(PlaneRuntime runtime, String issuer, TokenLedgerStore store) {
    this.issuer = issuer;
    this.runtime = runtime;
    this.store = store;
    this.boundMillis = runtime.revocationBound().toMillis();
  }

  /** The library reads for itself here. */
  static TenantContext own(OrganizationId organization) {
    return TenantContext.trusted(organization, ACTOR);
  }

  /**
   * The organization's denials, no older than the bound.
   *
   * @throws TenantkitException when what is known is older and the storage fails
   */
  Denials of(OrganizationId organization, long nowMillis) {
    State known = state;
    if (nowMillis - known.asOf() >= boundMillis) {
      return Denials.of(read(organization, Instant.ofEpochMilli(nowMillis)));
    }
    Held held = known.held().get(organization);
    return held == null ? Denials.NONE : held.denials();
  }

  /** Organizations with denials, as last read. */
  List<OrganizationId> organizations() {
    return state.held().keySet().stream().sorted().toList();
  }

  /** Reads which organizations have denials, and those that changed. */
  void refresh() {
    reading.lock();
    try {
      State before = state;
      long asOf = runtime.clock().millis();
      Instant now = Instant.ofEpochMilli(asOf);
      Map<OrganizationId, Held> fresh = new HashMap<>();
      @Nullable String after = null;
      while (true) {
        List<Denied> page = store.organizationsWithDenials(now, after, PAGE);
        for (Denied each : page) {
          Held held = before.held().get(each.organization());
          fresh.put(
              each.organization(),
              held != null && held.revision() == each.revision()
                  ? held
                  : new Held(each.revision(), Denials.of(read(each.organization(), now))));
        }
        if (page.size() < PAGE) {
          break;
        }
        after = page.get(PAGE - 1).organization().value();
      }
      state = new State(Map.copyOf(fresh), asOf);
    } finally {
      reading.unlock();
    }
  }

  /**
   * After a change on this node, which it is to know of at once: of what is known, without the
   * storage.
   */
  void changed(OrganizationId organization, UnaryOperator<Denials> change) {
    reading.lock();
    try {
      Map<OrganizationId, Held> fresh = new HashMap<>(state.held());
      Held before = fresh.get(organization);
      Denials denials = change.apply(before == null ? Denials.NONE : before.denials());
      if (denials.isEmpty()) {
        fresh.remove(organization);
      } else {
        // Whatever its number is, it is read once more with the next refresh.
        fresh.put(organization, new Held(-1, denials));
      }
      state = new State(Map.copyOf(fresh), state.asOf());
    } finally {
      reading.unlock();
    }
  }

  private List<TokenDenial> read(OrganizationId organization, Instant now) {
    TenantContext own = own(organization);
    List<TokenDenial> all = new ArrayList<>();
    @Nullable String after = null;
    while (true) {
      List<TokenDenial> page = store.denials(own, now, after, PAGE);
      page.stream().filter(each -> each.issuer().equals(issuer)).forEach(all::add);
      if (page.size() < PAGE) {
        return all;
      }
      after = page.get(PAGE - 1).id();
    }
  }
}
