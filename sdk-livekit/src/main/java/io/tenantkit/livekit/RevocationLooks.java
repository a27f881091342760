package io.tenantkit.livekit;

import io.tenantkit.TenantkitException;
import io.tenantkit.spi.DaemonThreads;
import io.tenantkit.spi.EachOrganization;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.TokenDenial;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.spi.CredentialMarkStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again at the rooms of all tenants that have denials, a few at a time. Where the
 * server failed it pauses, ever longer; a large tenant is looked at in parts, without a pause.
 *
 * <p>Safe for use by several threads; blocks on the storage and on servers.
 */
final class RevocationLooks {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationLooks.class);
  private static final int WORKERS = 4;

  /**
   * Whose rooms.
   *
   * @param server 0 for the tenant's own, and a number from 1 on for each that it is moving away
   *     from: what is wrong with one says nothing of another
   */
  private record Place(OrganizationId organization, Environment environment, int server) {}

  /**
   * How it went last.
   *
   * @param next not before
   * @param pause how long it was; none when the server did not fail
   * @param after where the next round begins
   */
  private record State(Instant next, Duration pause, RevocationRound.Place after) {
    private static final State FIRST =
        new State(Instant.MIN, Duration.ZERO, RevocationRound.Place.FIRST);

    private boolean isWell() {
      return pause.isZero();
    }
  }

  private final TokenLedger ledger;
  private final RevokedPeople people;
  private final Map<Place, State> states = new ConcurrentHashMap<>();

  /** Threads that are there only while there is work for them. */
  private final ThreadPoolExecutor workers =
      DaemonThreads.queued("tenantkit-livekit-revocations", WORKERS);

  RevocationLooks(TokenLedger ledger, RevokedPeople people) {
    this.ledger = ledger;
    this.people = people;
  }

  /** Looks wherever it is time; returns when all that was begun is done. */
  void look(Instant now) {
    long began = System.nanoTime();
    Map<Place, List<TokenDenial>> denied = denied(now);
    states.keySet().retainAll(denied.keySet());
    List<Callable<Boolean>> work = new ArrayList<>();
    List<Place> ailing = new ArrayList<>();
    denied.forEach(
        (place, denials) -> {
          State state = state(place);
          if (state.isWell()) {
            work.add(look(place, denials, now));
          } else if (!now.isBefore(state.next())) {
            ailing.add(place);
          }
        });
    // Those whose servers failed come last, and not all of them when they take long.
    ailing.sort(Comparator.comparing(place -> state(place).next()));
    for (Place place : ailing) {
      Callable<Boolean> look = look(place, denied.getOrDefault(place, List.of()), now);
      work.add(
          () -> System.nanoTime() - began < RevocationRound.TIME.toNanos() ? look.call() : false);
    }
    run(work);
  }

  private State state(Place place) {
    return states.getOrDefault(place, State.FIRST);
  }

  private Map<Place, List<TokenDenial>> denied(Instant now) {
    Map<Place, List<TokenDenial>> all = new HashMap<>();
    for (OrganizationId organization : ledger.denied()) {
      for (TokenDenial each : ledger.denials(organization, now.toEpochMilli()).active(now)) {
        for (int server = 0; server <= CredentialMarkStore.MOST_OVERLAPPING; server++) {
          Place place = new Place(organization, each.environment(), server);
          all.computeIfAbsent(place, any -> new ArrayList<>()).add(each);
        }
      }
    }
    return all;
  }

  private void run(List<Callable<Boolean>> work) {
    EachOrganization each = new EachOrganization();
    try {
      for (Future<Boolean> done : workers.invokeAll(work)) {
        each.attempt(() -> get(done));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      LOG.debug("closing: the rooms are not looked at any more");
    }
    each.end();
  }

  private static void get(Future<Boolean> done) {
    try {
      done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a look at rooms failed", e);
    }
  }

  private Callable<Boolean> look(Place place, List<TokenDenial> denials, Instant now) {
    return () -> {
      State before = state(place);
      RevocationRound round = new RevocationRound(before.after());
      TenantContext own = RevokedPeople.own(place.organization(), place.environment());
      try {
        List<RevokedPeople> servers = new ArrayList<>(List.of(people));
        if (place.server() > 0) {
          servers.addAll(people.elsewhere(own));
        }
        if (place.server() < servers.size()) {
          servers.get(place.server()).putOut(own, denials, now, round);
        }
        states.put(place, after(before, round, now));
      } catch (TenantkitException e) {
        // The storage's: no reason to look at its servers less often.
        LOG.debug("the rooms of {} were not looked at", place.organization(), e);
      }
      return true;
    };
  }

  private static State after(State before, RevocationRound round, Instant now) {
    if (!round.hasFailed()) {
      return new State(Instant.MIN, Duration.ZERO, round.last());
    }
    Duration wanted =
        before.isWell() ? LiveKitRevocations.LOOK_EVERY : before.pause().multipliedBy(2);
    Duration pause =
        wanted.compareTo(LiveKitRevocations.LONGEST_PAUSE) > 0
            ? LiveKitRevocations.LONGEST_PAUSE
            : wanted;
    return new State(now.plus(pause), pause, round.last());
  }

  /** Begins nothing any more. */
  void close() {
    workers.shutdown();
  }
}
