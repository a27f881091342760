package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.livekit.RoomPeople.There;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts out who is denied, whenever they are there. Several nodes may look at the same rooms: who
 * was put out twice is out.
 *
 * <p>Safe for use by several threads; blocks on the storage and on servers.
 */
final class RevokedPeople {
  private static final Logger LOG = LoggerFactory.getLogger(RevokedPeople.class);
  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "tenantkit.livekit");

  /** Of a server that cannot be asked nobody knows who is there, but not for ever. */
  private static final Duration UNKNOWN_AT_MOST = Duration.ofDays(1);

  /** For so long rows of tokens may still come that were issued before a denial was known. */
  private static final Duration LATE_ROWS = Duration.ofMinutes(6);

  /** So that an end is written once a minute at most. */
  private static final Duration STEP = Duration.ofMinutes(1);

  /** How long the row of a new token may take, of who came with it. */
  private static final Duration ROW_MAY_TAKE = Duration.ofSeconds(10);

  /** How many rooms are asked for by name in one call. */
  private static final int NAMES = 500;

  /** For writing the ends of denials that could not be looked at. */
  private static final long KEEPING_NANOS = Duration.ofSeconds(2).toNanos();

  private final TokenLedger ledger;
  private final RoomPeople people;

  RevokedPeople(TokenLedger ledger, RoomPeople people) {
    this.ledger = ledger;
    this.people = people;
  }

  /** The library acts here for itself, long after whoever revoked has gone. */
  static TenantContext own(OrganizationId organization, Environment environment) {
    return TenantContext.trusted(organization, ACTOR).within(Set.of(environment));
  }

  /**
   * Puts out who is denied by these, all of the context's environment; as far as the round goes.
   *
   * @return {@link Removal#PENDING} unless all was looked at
   */
  Removal putOut(TenantContext own, List<TokenDenial> denials, Instant now, RevocationRound round) {
    Map<String, List<TokenDenial>> byRoom = new TreeMap<>();
    denials.stream()
        .filter(each -> each.target() != Target.ALL)
        .forEach(each -> byRoom.computeIfAbsent(each.place(), any -> new ArrayList<>()).add(each));
    // Who has no newer token than the last has none newer than any.
    Optional<TokenDenial> all =
        denials.stream()
            .filter(each -> each.target() == Target.ALL)
            .max(Comparator.comparing(TokenDenial::deniedAt));
    Set<String> seen = new HashSet<>();
    Removal sum =
        all.isPresent()
            ? everywhere(own, byRoom, all, now, round, seen)
            : where(own, byRoom, now, round, seen);
    if (round.isOver()) {
      keepUnlooked(own, denials, all.isPresent() ? Set.of() : seen, now);
    }
    return sum;
  }

  /** All rooms that live. */
  private Removal everywhere(
      TenantContext own,
      Map<String, List<TokenDenial>> byRoom,
      Optional<TokenDenial> all,
      Instant now,
      RevocationRound round,
      Set<String> seen) {
    ledger.flush(own.organization());
    Set<String> live;
    try {
      live = people.live(own, Set.of());
    } catch (TenantkitException e) {
      return failed(own, e, round);
    }
    byRoom.forEach(
        (room, denials) -> {
          if (!live.contains(room)) {
            denials.forEach(each -> lateRows(own, each, now));
          }
        });
    Removal sum = Removal.NOT_THERE;
    for (String room : round.inTurn(live)) {
      if (round.isOver()) {
        return Removal.PENDING;
      }
      sum = both(sum, in(own, room, byRoom.getOrDefault(room, List.of()), all, now, round, seen));
    }
    return sum;
  }

  /** The rooms of these denials, as far as they live. */
  private Removal where(
      TenantContext own,
      Map<String, List<TokenDenial>> byRoom,
      Instant now,
      RevocationRound round,
      Set<String> seen) {
    List<String> rooms = round.inTurn(byRoom.keySet());
    Removal sum = Removal.NOT_THERE;
    for (int from = 0; from < rooms.size(); from += NAMES) {
      List<String> some = rooms.subList(from, Math.min(rooms.size(), from + NAMES));
      if (round.isOver()) {
        return Removal.PENDING;
      }
      Set<String> live;
      try {
        live = some.size() == 1 ? Set.copyOf(some) : people.live(own, some);
      } catch (TenantkitException e) {
        return both(sum, failed(own, e, round));
      }
      for (String room : some) {
        if (round.isOver()) {
          return Removal.PENDING;
        }
        List<TokenDenial> denials = byRoom.getOrDefault(room, List.of());
        if (live.contains(room)) {
          sum = both(sum, in(own, room, denials, Optional.empty(), now, round, seen));
        } else {
          round.at(room);
          denials.forEach(each -> lateRows(own, each, now));
          seen.add(room);
        }
      }
    }
    return sum;
  }

  private Removal in(
      TenantContext own,
      String room,
      List<TokenDenial> denials,
      Optional<TokenDenial> all,
      Instant now,
      RevocationRound round,
      Set<String> seen) {
    round.at(room);
    Map<String, TokenDenial> bySubject =
        denials.stream()
            .collect(Collectors.toMap(TokenDenial::subject, each -> each, RevokedPeople::later));
    try {
      denials.forEach(each -> lateRows(own, each, now));
      Removal sum = Removal.NOT_THERE;
      for (There each : people.in(own, room)) {
        @Nullable TokenDenial theirs = bySubject.get(each.identity());
        if (theirs != null) {
          // First, so that it is known that they came back even if the server fails now.
          keep(own, theirs, now);
        }
        if (theirs != null || (all.isPresent() && isOfBefore(own, all.get(), room, each, now))) {
          if (round.isOver()) {
            return Removal.PENDING;
          }
          sum = both(sum, removed(people.remove(own, room, each.identity())));
        }
      }
      seen.add(room);
      return sum;
    } catch (TenantkitException e) {
      return failed(own, e, round);
    }
  }

  private static TokenDenial later(TokenDenial one, TokenDenial other) {
    return one.until().isBefore(other.until()) ? other : one;
  }

  private static Removal removed(boolean done) {
    return done ? Removal.REMOVED : Removal.NOT_THERE;
  }

  /** Where there is no server, nobody is. What was not looked at is looked at later. */
  private static Removal failed(TenantContext own, TenantkitException e, RevocationRound round) {
    if (e instanceof NotFoundException) {
      return Removal.NOT_THERE;
    }
    if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
      throw e;
    }
    LOG.debug("the server of {} could not be asked", own.organization(), e);
    round.fail();
    return Removal.PENDING;
  }

  /** Whether somebody is there with a token from before, and has been given no newer one. */
  private boolean isOfBefore(
      TenantContext own, TokenDenial all, String room, There who, Instant now) {
    LedgerQuery theirs = LedgerQuery.all().of(who.identity()).in(room);
    long old = ledger.count(own, theirs.issuedBy(all.deniedAt()));
    if (ledger.count(own, theirs) > old) {
      return false;
    }
    if (old > 0) {
      keep(own, all, now);
      return true;
    }
    // Long there, or with a token that the ledger never had.
    if (who.standard() && !now.isBefore(who.joinedAt().plus(ROW_MAY_TAKE))) {
      keepUnknown(own, all, now);
      return true;
    }
    return false;
  }

  private static Removal both(Removal one, Removal other) {
    if (one == Removal.PENDING || other == Removal.PENDING) {
      return Removal.PENDING;
    }
    return one == Removal.REMOVED ? one : other;
  }

  /** Those that end first are first, should there be too many for the time. */
  private void keepUnlooked(
      TenantContext own, List<TokenDenial> denials, Set<String> seen, Instant now) {
    long began = System.nanoTime();
    for (TokenDenial each :
        denials.stream()
            .filter(one -> one.target() == Target.ALL || !seen.contains(one.place()))
            .sorted(Comparator.comparing(TokenDenial::until))
            .toList()) {
      if (System.nanoTime() - began >= KEEPING_NANOS) {
        return;
      }
      lateRows(own, each, now);
      keepUnknown(own, each, now);
    }
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
