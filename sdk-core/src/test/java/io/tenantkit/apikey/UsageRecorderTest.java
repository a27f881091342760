package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.UsageStore.Usage;
import io.tenantkit.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Uses are counted off the storage and written once. */
class UsageRecorderTest extends ApiKeyTestBase {

  private Usage usage(IssuedApiKey issued) {
    return storage
        .stores(CoreStores.class)
        .orElseThrow()
        .usage()
        .find(acme, issued.key().id())
        .orElseThrow();
  }

  private static Optional<Instant> millis(Instant at) {
    return Optional.of(at.truncatedTo(ChronoUnit.MILLIS));
  }

  @Test
  void usesAreWrittenAfterTheIntervalAndAtTheClose() {
    IssuedApiKey issued = create();
    plane.runDue(clock.instant());
    for (int i = 0; i < 3; i++) {
      assertValid(verify(issued));
    }
    assertThat(usage(issued).count()).isZero();
    Instant last = clock.instant();
    live(UsageRecorder.INTERVAL, plane);
    assertThat(usage(issued)).isEqualTo(new Usage(3, millis(last)));

    clock.tick(Duration.ofMillis(1));
    assertValid(verify(issued));
    plane.close();
    assertThat(usage(issued)).isEqualTo(new Usage(4, millis(clock.instant())));
  }

  @Test
  void refusedCallsAreNoUse() {
    IssuedApiKey issued = create("flows:read");
    keys.verify(text(issued), ScopeQuery.of("agents:read"));
    keys.disable(acme, issued.key().id());
    verify(issued);
    plane.close();

    assertThat(usage(issued)).isEqualTo(new Usage(0, Optional.empty()));
  }

  @Test
  void usesOutliveTheEvictionOfTheirKey() {
    IssuedApiKey issued = create();
    for (int i = 0; i < 10; i++) {
      assertValid(verify(issued));
      // Evicts it here.
      keys.disable(acme, issued.key().id());
      keys.enable(acme, issued.key().id());
    }
    plane.close();

    assertThat(usage(issued).count()).isEqualTo(10);
  }

  @Test
  void manyThreadsWhileItIsWrittenAndEvictedLoseNoUse() {
    List<IssuedApiKey> issued = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      issued.add(create());
    }
    AtomicInteger valid = new AtomicInteger();
    Race.of(
        8_000,
        i -> {
          if (i % 100 == 0) {
            clock.tick(UsageRecorder.INTERVAL);
            plane.runDue(clock.instant());
          }
          if (i % 70 == 0) {
            evictAll();
          }
          if (verify(issued.get(i % 3)) instanceof Verdict.Valid) {
            valid.incrementAndGet();
          }
          return i;
        });
    plane.close();

    assertThat(valid).hasValue(8_000);
    assertThat(issued.stream().mapToLong(each -> usage(each).count()).sum()).isEqualTo(8_000);
  }

  /** Whoever was away from the feed forgets all. */
  private synchronized void evictAll() {
    for (int hours = 0; hours < 2; hours++) {
      clock.tick(Duration.ofHours(1));
      plane.runDue(clock.instant());
    }
  }

  @Test
  void callsThatTheCloseOvertookAreCountedWhenTheyWereAccepted() {
    for (int round = 0; round < 30; round++) {
      ControlPlane closing = newPlane();
      IssuedApiKey issued = create();
      AtomicInteger valid = new AtomicInteger();
      Race.of(
          200,
          i -> {
            if (i == 100) {
              closing.close();
            }
            try {
              if (closing.apiKeys().verify(text(issued), ScopeQuery.none())
                  instanceof Verdict.Valid) {
                valid.incrementAndGet();
              }
            } catch (TenantkitException closed) {
              assertThat(closed.code()).isEqualTo(ErrorCode.CLOSED);
            }
            return i;
          });
      assertThat(usage(issued).count()).isEqualTo(valid.get());
    }
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLater() {
    IssuedApiKey issued = create();
    assertValid(verify(issued));
    storage.usageFails(true, false);
    live(UsageRecorder.INTERVAL, plane);
    assertValid(verify(issued));
    live(UsageRecorder.INTERVAL, plane);
    assertThat(usage(issued).count()).isZero();
    storage.usageFails(false, false);
    live(UsageRecorder.INTERVAL, plane);

    assertThat(usage(issued).count()).isEqualTo(2);
  }

  @Test
  void writeWhoseCommitIsUnknownCountsOnce() {
    IssuedApiKey issued = create();
    assertValid(verify(issued));
    // Written, but the answer is lost.
    storage.usageFails(true, true);
    live(UsageRecorder.INTERVAL, plane);
    assertValid(verify(issued));
    live(UsageRecorder.INTERVAL, plane);
    storage.usageFails(false, false);
    plane.close();

    assertThat(usage(issued).count()).isEqualTo(2);
  }

  @Test
  void planesAddToOneAnother() {
    IssuedApiKey issued = create();
    ControlPlane other = newPlane();
    for (int i = 0; i < 5; i++) {
      assertValid(verify(issued));
      assertValid(other.apiKeys().verify(text(issued), ScopeQuery.none()));
    }
    plane.close();
    other.close();

    assertThat(usage(issued).count()).isEqualTo(10);
  }
}
