package io.tenantkit.livekit;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts out who is denied, whenever they are there. Several nodes may look at the same rooms: who
 * was put out twice is out. A tenant whose server does not answer, or slowly, is left alone for a
 * while that doubles, so that it does not hold up the others.
 *
 * <p>Safe for use by several threads; blocks on the storage and on servers.
 */
final class RevokedPeople {
  private static final Logger LOG = LoggerFactory.getLogger(RevokedPeople.class);
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.livekit");

  /** Longer than this, a tenant is slow. */
  private static final Duration SLOW = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** Of a server that cannot be asked nobody knows who is there, but not for ever. */
  private static final Duration UNKNOWN_AT_MOST = Duration.ofDays(1);

  /** For so long rows of tokens may still come that were issued before a denial was known. */
  private static final Duration LATE_ROWS = Duration.ofMinutes(6);

  /** So that an end is written once a minute at most. */
  private static final Duration STEP = Duration.ofMinutes(1);

  private final TokenLedger ledger;
  private final RoomPeople people;
  private final Map<OrganizationId, Pause> pauses = new ConcurrentHashMap<>();

  private record Pause(Instant until, Duration length) {}

  RevokedPeople(TokenLedger ledger, RoomPeople people) {
    this.ledger = ledger;
    this.people = people;
  }

  /** Looks at the rooms of all tenants that have denials. */
  void look(Instant now) {
    List<OrganizationId> denied = ledger.denied();
    pauses.keySet().retainAll(new HashSet<>(denied));
    for (OrganizationId organization : denied) {
      @Nullable Pause pause = pauses.get(organization);
      if (pause == null || !now.isBefore(pause.until())) {
        look(organization, now, pause);
      }
    }
  }

  private void look(OrganizationId organization, Instant now, @Nullable Pause before) {
    long began = System.nanoTime();
    boolean done = false;
    try {
      done = putOut(organization, now) != Removal.PENDING;
    } catch (TenantkitException e) {
      LOG.debug("the rooms of {} were not looked at", organization, e);
    }
    if (done && System.nanoTime() - began < SLOW.toNanos()) {
      pauses.remove(organization);
    } else {
      Duration length =
          before == null ? LiveKitRevocations.LOOK_EVERY : before.length().multipliedBy(2);
      Duration bounded = length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
      pauses.put(organization, new Pause(now.plus(bounded), bounded));
    }
  }

  private Removal putOut(OrganizationId organization, Instant now) {
    Map<Environment, List<TokenDenial>> byEnvironment = new TreeMap<>();
    for (TokenDenial each : ledger.denials(organization, now.toEpochMilli()).active(now)) {
      byEnvironment.computeIfAbsent(each.environment(), any -> new ArrayList<>()).add(each);
    }
    Removal sum = Removal.NOT_THERE;
    for (Map.Entry<Environment, List<TokenDenial>> each : byEnvironment.entrySet()) {
      sum = both(sum, putOut(own(organization, each.getKey()), each.getValue(), now));
    }
    return sum;
  }

  /** The library acts here for itself, long after whoever revoked has gone. */
  static TenantContext own(OrganizationId organization, Environment environment) {
    return TenantContext.trusted(organization, ACTOR).within(Set.of(environment));
  }

  /** Puts out who is denied by these, all of the context's environment. */
  Removal putOut(TenantContext own, List<TokenDenial> denials, Instant now) {
    Map<String, List<TokenDenial>> byRoom = new TreeMap<>();
    Removal sum = Removal.NOT_THERE;
    for (TokenDenial each : denials) {
      if (each.target() == Target.ALL) {
        sum = both(sum, putOutAll(own, each, now));
      } else {
        lateRows(own, each, now);
        byRoom.computeIfAbsent(each.place(), any -> new ArrayList<>()).add(each);
      }
    }
    for (Map.Entry<String, List<TokenDenial>> each : byRoom.entrySet()) {
      sum = both(sum, putOut(own, each.getKey(), each.getValue(), now));
    }
    return sum;
  }

  private Removal putOut(TenantContext own, String room, List<TokenDenial> denials, Instant now) {
    try {
      Set<String> there = people.in(own, room);
      Removal sum = Removal.NOT_THERE;
      for (TokenDenial each : denials) {
        if (there.contains(each.subject())) {
          // First, so that it is known that they came back even if the server fails now.
          keep(own, each, now);
          sum = both(sum, removed(people.remove(own, room, each.subject())));
        }
      }
      return sum;
    } catch (TenantkitException e) {
      denials.forEach(each -> keepUnknown(own, each, now));
      return failed(own, e);
    }
  }

  private static Removal removed(boolean done) {
    return done ? Removal.REMOVED : Removal.NOT_THERE;
  }

  /** Where there is no server, nobody is. */
  private static Removal failed(TenantContext own, TenantkitException e) {
    if (e instanceof NotFoundException || e instanceof AccessDeniedException) {
      return Removal.NOT_THERE;
    }
    if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
      throw e;
    }
    LOG.debug("the server of {} could not be asked", own.organization(), e);
    return Removal.PENDING;
  }

  /** Puts out who came with a token from before and has no newer one. */
  private Removal putOutAll(TenantContext own, TokenDenial denial, Instant now) {
    ledger.flush(own.organization());
    Removal sum = Removal.NOT_THERE;
    Map<String, Set<String>> rooms = new TreeMap<>();
    LedgerQuery old = LedgerQuery.all().issuedBy(denial.deniedAt());
    Optional<String> next = Optional.empty();
    do {
      Page<LedgerEntry> page = ledger.list(own, old, new PageRequest(PageRequest.MAX_LIMIT, next));
      for (LedgerEntry each : page.items()) {
        if (!each.place().isEmpty()) {
          rooms.computeIfAbsent(each.place(), any -> new HashSet<>()).add(each.subject());
        }
      }
      next = page.next();
    } while (next.isPresent());
    for (Map.Entry<String, Set<String>> each : rooms.entrySet()) {
      sum = both(sum, putOut(own, denial, each.getKey(), each.getValue(), now));
    }
    return sum;
  }

  private Removal putOut(
      TenantContext own, TokenDenial denial, String room, Set<String> identities, Instant now) {
    try {
      Removal sum = Removal.NOT_THERE;
      for (String identity : people.in(own, room)) {
        if (identities.contains(identity) && !hasNewer(own, denial, room, identity, now)) {
          keep(own, denial, now);
          sum = both(sum, removed(people.remove(own, room, identity)));
        }
      }
      return sum;
    } catch (TenantkitException e) {
      keepUnknown(own, denial, now);
      return failed(own, e);
    }
  }

  private boolean hasNewer(
      TenantContext own, TokenDenial denial, String room, String identity, Instant now) {
    LedgerQuery live =
        LedgerQuery.all().of(identity).in(room).liveAt(now.minus(LiveKitRevocations.WINDOW));
    return ledger.count(own, live) > ledger.count(own, live.issuedBy(denial.deniedAt()));
  }

  private static Removal both(Removal one, Removal other) {
    if (one == Removal.PENDING || other == Removal.PENDING) {
      return Removal.PENDING;
    }
    return one == Removal.REMOVED ? one : other;
  }

  /** Whoever was seen may come back for a window more: each join gives a fresh token. */
  void keep(TenantContext own, TokenDenial denial, Instant now) {
    extend(own, denial, now.plus(LiveKitRevocations.WINDOW));
  }

  private void keepUnknown(TenantContext own, TokenDenial denial, Instant now) {
    if (now.isBefore(denial.firstUntil().plus(UNKNOWN_AT_MOST))) {
      extend(own, denial, now.plus(LiveKitRevocations.WINDOW));
    }
  }

  /** Other nodes, which did not know yet, may have issued one, or not have written it yet. */
  private void lateRows(TenantContext own, TokenDenial denial, Instant now) {
    if (denial.target() == Target.SUBJECT && now.isBefore(denial.deniedAt().plus(LATE_ROWS))) {
      ledger
          .lastExpiry(own, LedgerQuery.all().of(denial.subject()).in(denial.place()))
          .ifPresent(last -> extend(own, denial, last.plus(LiveKitRevocations.WINDOW)));
    }
  }

  private void extend(TenantContext own, TokenDenial denial, Instant until) {
    if (until.isAfter(denial.until())) {
      ledger.extend(own, denial.id(), until.plus(STEP));
    }
  }
}
