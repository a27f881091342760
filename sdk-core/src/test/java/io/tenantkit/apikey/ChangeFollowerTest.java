package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.StorageException;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.spi.Change;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two planes on one storage, as two nodes: what one changes, the other follows. */
class ChangeFollowerTest extends ApiKeyTestBase {
  private static final Duration BOUND = Duration.ofSeconds(2);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private ControlPlane other;

  @BeforeEach
  void openOther() {
    other = newPlane();
    other.runDue(clock.instant());
  }

  @AfterEach
  void closeOther() {
    threads.shutdownNow();
    other.close();
  }

  private Verdict verifyThere(IssuedApiKey issued) {
    return other.apiKeys().verify(text(issued), ScopeQuery.none());
  }

  @Test
  void hotKeyIsNotReadAgainWhileTheFeedIsAlive() {
    IssuedApiKey issued = create();
    // Its creation is a change, too.
    live(Duration.ofSeconds(1), other);
    assertValid(verifyThere(issued));
    int lookups = storage.lookups();
    int polls = storage.polls();
    for (int i = 0; i < 50; i++) {
      live(Duration.ofSeconds(1), other);
      assertValid(verifyThere(issued));
    }

    assertThat(storage.lookups()).isEqualTo(lookups);
    assertThat(storage.polls() - polls).isEqualTo(50);
  }

  @Test
  void changeElsewhereCountsWithTheNextPoll() {
    IssuedApiKey revoked = create();
    IssuedApiKey suspended = keys.create(globex, NewApiKey.live("theirs"));
    IssuedApiKey untouched = create();
    live(Duration.ofSeconds(3), other);
    for (IssuedApiKey each : new IssuedApiKey[] {revoked, suspended, untouched}) {
      assertValid(verifyThere(each));
    }
    int lookups = storage.lookups();

    keys.revoke(acme, revoked.key().id(), "x");
    plane.organizations().suspend(operator, GLOBEX);
    live(Duration.ofSeconds(1), other);

    assertRefused(verifyThere(revoked), Verdict.Reason.REVOKED);
    assertRefused(verifyThere(suspended), Verdict.Reason.ORGANIZATION_SUSPENDED);
    assertValid(verifyThere(untouched));
    assertThat(storage.lookups()).isEqualTo(lookups + 2);
  }

  @Test
  void deadFeedLeavesEachReadingItsBoundAndThenEachCallReads() {
    IssuedApiKey issued = create();
    live(Duration.ofSeconds(5), other);
    assertValid(verifyThere(issued));
    int lookups = storage.lookups();

    // Nobody polls from here on.
    clock.tick(Duration.ofMillis(1_999));
    assertValid(verifyThere(issued));
    assertThat(storage.lookups()).isEqualTo(lookups);
    clock.tick(Duration.ofMillis(1));
    assertValid(verifyThere(issued));
    assertThat(storage.lookups()).isEqualTo(lookups + 1);
    keys.revoke(acme, issued.key().id(), "x");
    clock.tick(BOUND);
    assertRefused(verifyThere(issued), Verdict.Reason.REVOKED);
  }

  @Test
  void deadFeedAndDeadStorageFailClosed() {
    IssuedApiKey issued = create();
    live(Duration.ofSeconds(2), other);
    assertValid(verifyThere(issued));
    storage.failing(true);
    live(Duration.ofMillis(1_500), other);
    assertValid(verifyThere(issued));
    live(Duration.ofMillis(500), other);

    assertThatThrownBy(() -> verifyThere(issued)).isInstanceOf(StorageException.class);
    storage.failing(false);
    live(Duration.ofSeconds(1), other);
    assertValid(verifyThere(issued));
  }

  @Test
  void boundOfTheFeedCountsFromBeforeThePollWasSent() {
    IssuedApiKey issued = create();
    live(Duration.ofSeconds(1), other);
    assertValid(verifyThere(issued));
    clock.tick(Duration.ofSeconds(1));
    storage.afterPoll(() -> clock.tick(Duration.ofMillis(1_500)));
    other.runDue(clock.instant());
    storage.afterPoll(() -> {});
    int lookups = storage.lookups();
    clock.tick(Duration.ofMillis(499));
    assertValid(verifyThere(issued));
    assertThat(storage.lookups()).isEqualTo(lookups);
    clock.tick(Duration.ofMillis(1));
    assertValid(verifyThere(issued));

    assertThat(storage.lookups()).isEqualTo(lookups + 1);
  }

  /** A row that was read before a change elsewhere, and comes back after the change was told. */
  @Test
  void rowReadBeforeAChangeElsewhereIsNotRememberedAfterIt() {
    IssuedApiKey issued = create();
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(told);
        });
    Future<Verdict> racing = threads.submit(() -> verifyThere(issued));
    Race.await(read);
    storage.afterRead(() -> {});
    keys.revoke(acme, issued.key().id(), "x");
    live(Duration.ofSeconds(1), other);
    told.countDown();
    Race.get(racing);

    assertRefused(verifyThere(issued), Verdict.Reason.REVOKED);
  }

  /** What the plane was told after it fetched an entry must not make that entry look fresh. */
  @Test
  void entryThatWasFetchedBeforeAPollDoesNotAnswerByThatPoll() {
    VerifyCache cache = new VerifyCache(BOUND, () -> 10_000, RateLimiter.of(plane.runtime()));
    long asOf = 1_000;
    IssuedApiKey issued = create();
    KeyHash hash = Samples.hash(text(issued));
    CachedKey entry = cache.fill(hash, storage.lookup(hash), cache.epoch(), 1_000);

    assertThat(cache.mayAnswer(entry, asOf, 10_500)).isFalse();
    assertThat(cache.mayAnswer(entry, cache.asOf(), 10_500)).isTrue();
  }

  /** Stops the process, as it were, when its next call asks for the time. */
  private static final class StoppingClock extends Clock {
    private final Clock clock;
    private final AtomicReference<Runnable> stop = new AtomicReference<>(() -> {});

    StoppingClock(Clock clock) {
      this.clock = clock;
    }

    @Override
    public long millis() {
      stop.getAndSet(() -> {}).run();
      return clock.millis();
    }

    @Override
    public Instant instant() {
      return clock.instant();
    }

    @Override
    public ZoneId getZone() {
      return clock.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void callThatStandsStillBetweenEntryAndVerdictDoesNotAnswerFromBefore() {
    StoppingClock stopping = new StoppingClock(clock);
    try (ControlPlane node =
        ControlPlane.builder(storage, masterKeys()).clock(stopping).manualMaintenance().build()) {
      IssuedApiKey issued = create();
      node.runDue(clock.instant());
      assertValid(node.apiKeys().verify(text(issued), ScopeQuery.none()));
      // The call has its entry. Meanwhile: time, a revocation elsewhere, and a poll that says so.
      stopping.stop.set(
          () -> {
            clock.tick(Duration.ofSeconds(10));
            keys.revoke(acme, issued.key().id(), "x");
            node.runDue(clock.instant());
          });

      assertRefused(node.apiKeys().verify(text(issued), ScopeQuery.none()), Verdict.Reason.REVOKED);
    }
  }

  @Test
  void changesOfOtherKeysDoNotKeepAKeyOut() {
    IssuedApiKey issued = create();
    IssuedApiKey busy = create();
    live(Duration.ofSeconds(1), other);
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(told);
        });
    Future<Verdict> slow = threads.submit(() -> verifyThere(issued));
    Race.await(read);
    storage.afterRead(() -> {});
    for (int i = 0; i < 3; i++) {
      keys.disable(acme, busy.key().id());
      keys.enable(acme, busy.key().id());
      live(Duration.ofMillis(500), other);
    }
    told.countDown();
    assertValid(Race.get(slow));
    int lookups = storage.lookups();
    assertValid(verifyThere(issued));

    assertThat(storage.lookups()).isEqualTo(lookups);
  }

  @Test
  void changeOfWhichNothingIsUnderstoodMakesItForgetAll() {
    VerifyCache cache = new VerifyCache(BOUND, () -> 0, RateLimiter.of(plane.runtime()));
    IssuedApiKey issued = create();
    KeyHash hash = Samples.hash(text(issued));
    cache.fill(hash, storage.lookup(hash), cache.epoch(), 0);
    cache.changed(List.of(new Change("of a later version", "", "?")));
    assertThat(cache.get(hash)).isNotNull();
    cache.changed(List.of(new Change(Change.API_KEY, "acme", "no hash")));
    assertThat(cache.get(hash)).isNull();
  }

  @Test
  void planeThatWasAwayForLongerThanChangesAreKeptForgetsAll() {
    IssuedApiKey issued = create();
    live(Duration.ofSeconds(2), other);
    assertValid(verifyThere(issued));
    keys.revoke(acme, issued.key().id(), "x");
    // The other plane sleeps, while this one prunes.
    for (int i = 0; i < 4; i++) {
      clock.tick(Duration.ofHours(1));
      plane.runDue(clock.instant());
    }
    other.runDue(clock.instant());

    assertRefused(verifyThere(issued), Verdict.Reason.REVOKED);
  }

  @Test
  void moreChangesThanAreNamedMakeItForgetAll() {
    IssuedApiKey issued = create();
    live(Duration.ofSeconds(2), other);
    assertValid(verifyThere(issued));
    int lookups = storage.lookups();
    IssuedApiKey busy = create();
    for (int i = 0; i < 5_001; i++) {
      keys.disable(acme, busy.key().id());
      keys.enable(acme, busy.key().id());
    }
    live(Duration.ofSeconds(1), other);
    assertValid(verifyThere(issued));

    assertThat(storage.lookups()).isEqualTo(lookups + 1);
  }

  /** The process was stopped after the row was read: what it holds is older than the bound. */
  @Test
  void rowThatTheBoundOvertookIsReadAgain() {
    IssuedApiKey issued = create();
    storage.afterRead(
        () -> {
          storage.afterRead(() -> {});
          clock.tick(Duration.ofHours(1));
          keys.revoke(acme, issued.key().id(), "x");
        });

    assertRefused(verifyThere(issued), Verdict.Reason.REVOKED);
  }

  @Test
  void concurrentCallersOfOneKeyReadItOnce() {
    IssuedApiKey issued = create();
    int lookups = storage.lookups();
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(go);
        });
    Future<Verdict> first = threads.submit(() -> verifyThere(issued));
    Race.await(read);
    CountDownLatch joined = new CountDownLatch(7);
    Future<Integer> others =
        threads.submit(
            () ->
                Race.of(
                        7,
                        i -> {
                          joined.countDown();
                          return verifyThere(issued);
                        })
                    .size());
    Race.await(joined);
    // Whoever has not joined the read by now finds what it brought.
    go.countDown();
    assertValid(Race.get(first));
    assertThat(Race.get(others)).isEqualTo(7);

    assertThat(storage.lookups()).isEqualTo(lookups + 1);
  }

  @Test
  void callerAfterAChangeDoesNotTakeARowThatWasBeingReadBeforeIt() {
    IssuedApiKey issued = create();
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(go);
        });
    Future<Verdict> first = threads.submit(() -> verify(issued));
    Race.await(read);
    storage.afterRead(() -> {});
    keys.revoke(acme, issued.key().id(), "x");

    assertRefused(verify(issued), Verdict.Reason.REVOKED);
    go.countDown();
    Race.get(first);
    assertRefused(verify(issued), Verdict.Reason.REVOKED);
  }
}
