package io.tenantkit.livekit.webhook;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.RoomReports;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.Presence;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.EgressException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether those are still there of whom nothing was heard for a while, adds what is over to
 * the sums of days, and forgets what is old; one organization after the other, in bounded steps.
 * Several nodes may do so at once: each place is looked at by one, and each presence summed once.
 */
final class PresenceUpkeep implements Maintenance.Task {
  static final Duration INTERVAL = Duration.ofMinutes(1);

  /** How long a presence is kept after its end, so that its sums can be corrected. */
  static final Duration KEPT = Duration.ofDays(7);

  /** How many days are kept. */
  static final int DAYS_KEPT = 1_100;

  /** After so long without a word of a server, who was in its rooms is taken for gone. */
  static final Duration SILENCE = Duration.ofDays(1);

  private static final Actor ACTOR = new Actor(Actor.Kind.SYSTEM, "livekit-presence");
  private static final int PAGE = 200;
  private static final int PLACES = 20;

  /** Steps of one organization in one run, so that the others get their turn. */
  private static final int STEPS = 20;

  private static final int FORGOTTEN_AT_ONCE = 1_000;

  private final PlaneRuntime runtime;
  private final PresenceStore presences;
  private final ReceivedEventStore events;
  private final ServerCalls calls;

  PresenceUpkeep(PlaneRuntime runtime, ServerCalls calls) {
    this.runtime = runtime;
    this.presences = runtime.coreStores().presences();
    this.events = runtime.coreStores().receivedEvents();
    this.calls = calls;
  }

  @Override
  public void run(Instant now) {
    Instant receivedBefore = now.minus(LiveKitWebhooks.REMEMBERED);
    PresenceStore.Due due = new PresenceStore.Due(now, now.minus(KEPT), receivedBefore);
    EachOrganization each = new EachOrganization();
    @Nullable OrganizationId after = null;
    List<OrganizationId> page;
    do {
      page = presences.organizationsWithDue(due, after, PAGE);
      for (OrganizationId id : page) {
        after = id;
        TenantContext context =
            TenantContext.trusted(id, ACTOR).limitedTo(ScopeSet.of(List.of(Scopes.LIVEKIT_READ)));
        each.attempt(() -> look(context));
        each.attempt(() -> settle(context));
        each.attempt(() -> forget(context, due));
      }
    } while (page.size() == PAGE);
    each.end();
  }

  /** A server that does not answer is not asked again before the next time. */
  private void look(TenantContext context) {
    Instant now = runtime.now();
    Set<Environment> silent = EnumSet.noneOf(Environment.class);
    EachOrganization each = new EachOrganization();
    Instant next = now.plus(PresenceStore.CHECK_AFTER);
    for (Presence.Place place : presences.claimPlaces(context, now, next, PLACES)) {
      each.attempt(
          () -> {
            List<Presence> lasting = lasting(context, place);
            // After the rows were read: who joins meanwhile is not among them.
            Instant asked = runtime.now();
            There there =
                silent.contains(place.environment())
                    ? There.UNKNOWN
                    : there(context.within(Set.of(place.environment())), place);
            if (there.equals(There.UNKNOWN)) {
              silent.add(place.environment());
            }
            write(context, lasting, there, asked);
          });
    }
    each.end();
  }

  private List<Presence> lasting(TenantContext context, Presence.Place place) {
    List<Presence> lasting = new ArrayList<>();
    List<Presence> page;
    @Nullable String after = null;
    do {
      page = presences.lasting(context, place, after, PAGE);
      for (Presence row : page) {
        after = row.who().id();
        lasting.add(row);
      }
    } while (page.size() == PAGE && lasting.size() < PAGE * STEPS);
    return lasting;
  }

  /**
   * Who was found.
   *
   * @param isAll whether nobody else is there
   */
  private record There(Set<String> sids, boolean isAll) {
    private static final There UNKNOWN = new There(Set.of(), false);
  }

  /**
   * Who is there: nobody when the room is not there, or the tenant has no server any more. Unknown
   * when the server does not say; that is the tenant's trouble and not ours.
   */
  private There there(TenantContext context, Presence.Place place) {
    Optional<Set<String>> own = participants(calls, context, place);
    if (own.isEmpty()) {
      return There.UNKNOWN;
    }
    // A tenant that moves has people on both servers, of which the old one may be off by now.
    Set<String> sids = new HashSet<>(own.get());
    boolean isAll = true;
    for (ServerCalls replaced : replaced(context)) {
      Optional<Set<String>> left = participants(replaced, context, place);
      left.ifPresent(sids::addAll);
      isAll &= left.isPresent();
    }
    return new There(sids, isAll);
  }

  private List<ServerCalls> replaced(TenantContext context) {
    try {
      return calls.replaced(context);
    } catch (NotFoundException e) {
      return List.of();
    }
  }

  /** Empty when the server does not say. */
  private static Optional<Set<String>> participants(
      ServerCalls server, TenantContext context, Presence.Place place) {
    try {
      return Optional.of(
          RoomReports.rooms(server).participants(context, place.name()).stream()
              .filter(each -> each.state() != Participant.State.DISCONNECTED)
              .map(Participant::sid)
              .collect(Collectors.toSet()));
    } catch (NotFoundException e) {
      return Optional.of(Set.of());
    } catch (LiveKitException | EgressException | AccessDeniedException | InvalidInputException e) {
      return Optional.empty();
    }
  }

  private void write(TenantContext context, List<Presence> lasting, There there, Instant asked) {
    Instant next = asked.plus(PresenceStore.CHECK_AFTER);
    List<Presence> found = new ArrayList<>();
    for (Presence row : lasting) {
      boolean isThere = there.sids().contains(row.who().id());
      boolean gone = !isThere && (there.isAll() || isLost(row, asked));
      Presence after = gone ? row.missed() : isThere ? row.seen(asked, next) : row;
      if (after.version() != row.version()) {
        found.add(after);
      }
    }
    for (int from = 0; from < found.size(); from += PAGE) {
      presences.found(context, found.subList(from, Math.min(found.size(), from + PAGE)));
    }
  }

  /** Nothing was heard of it for so long that it is taken for over. */
  private static boolean isLost(Presence row, Instant now) {
    return row.seenAt().isBefore(now.minus(SILENCE));
  }

  private void settle(TenantContext context) {
    @Nullable Presence after = null;
    for (int step = 0; step < STEPS; step++) {
      List<Presence> over = presences.unsettled(context, true, after, PAGE);
      if (!over.isEmpty()) {
        presences.settle(context, over);
      }
      if (over.size() < PAGE) {
        return;
      }
      after = over.get(PAGE - 1);
    }
  }

  private void forget(TenantContext context, PresenceStore.Due due) {
    boolean more = true;
    for (int step = 0; more && step < STEPS; step++) {
      int people = presences.forget(context, due.forgetBefore(), FORGOTTEN_AT_ONCE);
      int told = events.forget(context, due.receivedBefore(), FORGOTTEN_AT_ONCE);
      more = people == FORGOTTEN_AT_ONCE || told == FORGOTTEN_AT_ONCE;
    }
    LocalDate today = LocalDate.ofInstant(runtime.now(), ZoneOffset.UTC);
    presences.forgetDays(context, today.minusDays(DAYS_KEPT), FORGOTTEN_AT_ONCE);
  }
}
