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
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenDenial.Target;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.egress.EgressException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
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

  /** How many rooms are asked for by name in one call. */
  private static final int NAMES = 500;

  private final TokenLedger ledger;
  private final RoomPeople people;
  private final DenialEnds ends;
  private final TokenOrigins origins;

  RevokedPeople(TokenLedger ledger, RoomPeople people) {
    this.ledger = ledger;
    this.people = people;
    this.ends = new DenialEnds(ledger);
    this.origins = new TokenOrigins(ledger);
  }

  /** The library acts here for itself, long after whoever revoked has gone. */
  static TenantContext own(OrganizationId organization, Environment environment) {
    return TenantContext.trusted(organization, ACTOR).within(Set.of(environment));
  }

  /**
   * The same on servers that the tenant is moving away from, where people may be still. None most
   * of the time.
   */
  List<RevokedPeople> elsewhere(TenantContext own) {
    try {
      return people.elsewhere(own).stream().map(each -> new RevokedPeople(ledger, each)).toList();
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
        throw e;
      }
      // Whoever has no credentials that may be used has none that were replaced.
      return List.of();
    }
  }

  /** What is to be looked for, and how far that has come. */
  private record Look(
      TenantContext own,
      Map<String, List<TokenDenial>> byRoom,
      Optional<TokenDenial> all,
      Instant now,
      RevocationRound round,
      Set<String> seen) {}

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
    Look look = new Look(own, byRoom, all, now, round, new HashSet<>());
    Removal sum =
        all.isPresent() ? everywhere(look, all.get()) : where(look, look.byRoom().keySet());
    if (sum == Removal.PENDING) {
      ends.keepUnlooked(own, denials, look.seen(), now);
    }
    return sum;
  }

  /** All rooms that live; of a server that has too many to list, those that are known here. */
  private Removal everywhere(Look look, TokenDenial all) {
    ledger.flush(look.own().organization());
    Optional<Set<String>> live;
    try {
      live = people.live(look.own());
    } catch (TenantkitException e) {
      return failed(look, e);
    }
    if (live.isEmpty()) {
      Set<String> known = new TreeSet<>(look.byRoom().keySet());
      known.addAll(origins.rooms(look.own(), all, look.round()));
      where(look, known);
      // There may be others.
      return Removal.PENDING;
    }
    look.byRoom()
        .forEach(
            (room, denials) -> {
              if (!live.get().contains(room)) {
                absent(look, room, denials);
              }
            });
    return each(look, look.round().inTurn(live.get()), room -> true);
  }

  /** These rooms, as far as they live. */
  private Removal where(Look look, Collection<String> wanted) {
    List<String> rooms = look.round().inTurn(wanted);
    Removal sum = Removal.NOT_THERE;
    for (int from = 0; from < rooms.size(); from += NAMES) {
      List<String> some = rooms.subList(from, Math.min(rooms.size(), from + NAMES));
      if (look.round().isOver()) {
        return Removal.PENDING;
      }
      Set<String> live;
      try {
        live = people.mayLive(look.own(), some, look.round());
      } catch (TenantkitException e) {
        return both(sum, failed(look, e));
      }
      sum = both(sum, each(look, some, live::contains));
    }
    return sum;
  }

  private Removal each(Look look, List<String> rooms, Predicate<String> lives) {
    Removal sum = Removal.NOT_THERE;
    for (String room : rooms) {
      if (look.round().isOver()) {
        return Removal.PENDING;
      }
      List<TokenDenial> denials = look.byRoom().getOrDefault(room, List.of());
      if (lives.test(room)) {
        sum = both(sum, in(look, room, denials));
      } else {
        look.round().at(room);
        absent(look, room, denials);
      }
    }
    return sum;
  }

  private void absent(Look look, String room, List<TokenDenial> denials) {
    denials.forEach(each -> ends.lateRows(look.own(), each, look.now()));
    look.seen().add(room);
  }

  private Removal in(Look look, String room, List<TokenDenial> denials) {
    TenantContext own = look.own();
    RevocationRound round = look.round();
    round.at(room);
    Map<String, TokenDenial> bySubject =
        denials.stream()
            .collect(Collectors.toMap(TokenDenial::subject, each -> each, RevokedPeople::later));
    try {
      denials.forEach(each -> ends.lateRows(own, each, look.now()));
      Optional<Map<String, There>> listed = people.in(own, room).map(RevokedPeople::byIdentity);
      Set<String> wanted = new TreeSet<>(bySubject.keySet());
      Removal sum = Removal.NOT_THERE;
      if (listed.isPresent()) {
        wanted = listed.get().keySet();
      } else if (look.all().isPresent()) {
        wanted.addAll(origins.people(own, look.all().get(), room, round));
        // There may be others.
        sum = Removal.PENDING;
      }
      for (String identity : round.inTurn(room, wanted)) {
        if (round.isOver()) {
          return Removal.PENDING;
        }
        @Nullable There known = listed.isEmpty() ? null : listed.get().get(identity);
        sum = both(sum, one(look, room, identity, known, bySubject.get(identity)));
        round.at(room, identity);
      }
      round.at(room);
      if (sum != Removal.PENDING) {
        look.seen().add(room);
      }
      return sum;
    } catch (TenantkitException e) {
      return failed(look, e);
    }
  }

  private static Map<String, There> byIdentity(List<There> all) {
    return all.stream()
        .collect(Collectors.toMap(There::identity, each -> each, (one, other) -> one));
  }

  /** One of a room; that it fails keeps nobody else in it. */
  private Removal one(
      Look look,
      String room,
      String identity,
      @Nullable There listed,
      @Nullable TokenDenial theirs) {
    TenantContext own = look.own();
    try {
      Optional<There> who =
          listed == null ? people.find(own, room, identity, look.now()) : Optional.of(listed);
      if (who.isEmpty()) {
        return Removal.NOT_THERE;
      }
      if (theirs != null) {
        // First, so that it is known that they came back even if the server fails now.
        ends.keep(own, theirs, look.now());
      } else if (look.all().isEmpty()
          || !isOfBefore(own, look.all().get(), room, who.get(), look.now())) {
        return Removal.NOT_THERE;
      }
      if (look.round().isOver()) {
        return Removal.PENDING;
      }
      boolean removed = people.remove(own, room, identity, look.now());
      look.round().answered();
      return removed ? Removal.REMOVED : Removal.NOT_THERE;
    } catch (LiveKitException | EgressException e) {
      if (!look.round().failWithOne(e)) {
        throw e;
      }
      LOG.debug("somebody in a room of {} could not be put out", own.organization(), e);
      return Removal.PENDING;
    }
  }

  private static TokenDenial later(TokenDenial one, TokenDenial other) {
    return one.until().isBefore(other.until()) ? other : one;
  }

  /** Where there is no server, nobody is. What was not looked at is looked at later. */
  private static Removal failed(Look look, TenantkitException e) {
    if (e instanceof NotFoundException) {
      return Removal.NOT_THERE;
    }
    if (e.code() == ErrorCode.STORAGE_UNAVAILABLE) {
      throw e;
    }
    LOG.debug("the server of {} could not be asked", look.own().organization(), e);
    look.round().fail();
    return Removal.PENDING;
  }

  /** Whether somebody is there with a token from before, and has been given no newer one. */
  private boolean isOfBefore(
      TenantContext own, TokenDenial all, String room, There who, Instant now) {
    return switch (origins.of(own, all, room, who, now)) {
      case BEFORE -> {
        ends.keep(own, all, now);
        yield true;
      }
      case NEVER_KNOWN -> {
        ends.keepUnknown(own, all, now);
        yield true;
      }
      case NEWER, UNKNOWN -> false;
    };
  }

  /** What two looks have come to together. */
  static Removal both(Removal one, Removal other) {
    if (one == Removal.PENDING || other == Removal.PENDING) {
      return Removal.PENDING;
    }
    return one == Removal.REMOVED ? one : other;
  }

  /**
   * Puts out somebody of whom the server told that they came.
   *
   * @param theirs what denies them there, if anything does
   * @param all what denies all tokens from before, if anything does
   * @param rowsAreThere whether the ledger has the row of each token as soon as somebody can come
   *     with it; when not, who came a moment ago may have a newer one
   */
  Removal seen(
      TenantContext own,
      String identity,
      String room,
      Optional<TokenDenial> theirs,
      Optional<TokenDenial> all,
      boolean rowsAreThere,
      Instant now) {
    Look look = new Look(own, Map.of(), all, now, new RevocationRound(), new HashSet<>());
    try {
      if (theirs.isPresent()) {
        ends.keep(own, theirs.get(), now);
        return one(look, room, identity, null, theirs.get());
      }
      if (all.isEmpty()) {
        return Removal.NOT_THERE;
      }
      ledger.flush(own.organization());
      There came = new There(identity, true, now);
      return switch (origins.of(own, all.get(), room, came, now)) {
        case NEWER -> Removal.NOT_THERE;
        case BEFORE -> rowsAreThere ? one(look, room, identity, null, null) : Removal.PENDING;
        case NEVER_KNOWN, UNKNOWN -> Removal.PENDING;
      };
    } catch (TenantkitException e) {
      return failed(look, e);
    }
  }
}
