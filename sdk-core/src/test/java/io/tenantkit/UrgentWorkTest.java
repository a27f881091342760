package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.Maintenance;
import io.tenantkit.spi.PlaneRuntime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the revocation bound and the bound of leases hang on waits for nothing else. */
final class UrgentWorkTest {
  private final ObservedStorage storage = new ObservedStorage(Storage.inMemory());

  @Test
  void feedIsFollowedWhileAListenerIsBlocked() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch polls = new CountDownLatch(3);
    ControlPlane plane =
        builder()
            .revocationBound(Duration.ofMillis(1))
            .listener(
                event -> {
                  blocked.countDown();
                  await(release);
                })
            .build();
    try {
      plane
          .runtime()
          .events()
          .publish(
              new Event(
                  EventType.KEY_UNUSED,
                  Clock.systemUTC().instant(),
                  Optional.empty(),
                  "key_1",
                  Map.of()));
      await(blocked);

      storage.afterPoll(polls::countDown);

      await(polls);
    } finally {
      release.countDown();
      plane.close();
    }
  }

  @Test
  void leasesAreKeptApartFromOtherWork() {
    try (ControlPlane plane = builder().manualMaintenance().build()) {
      List<String> urgent = new ArrayList<>();
      List<String> other = new ArrayList<>();
      Maintenance recording =
          new Maintenance() {
            @Override
            public void every(String name, Duration interval, Task task) {
              other.add(name);
            }

            @Override
            public void urgent(String name, Duration interval, Task task) {
              urgent.add(name);
            }
          };

      assertThat(RateLimiter.of(over(plane.runtime(), recording))).isNotNull();

      assertThat(urgent).containsExactly("limits.leases");
      assertThat(other).containsExactlyInAnyOrder("limits.idle", "limits.clean");
    }
  }

  private ControlPlane.Builder builder() {
    return ControlPlane.builder(
        storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))));
  }

  private static PlaneRuntime over(PlaneRuntime runtime, Maintenance maintenance) {
    return new PlaneRuntime(
        runtime.clock(),
        runtime.random(),
        runtime.storage(),
        runtime.coreStores(),
        runtime.masterKeys(),
        runtime.ids(),
        runtime.revocationBound(),
        runtime.events(),
        runtime.metrics(),
        maintenance,
        runtime.plans(),
        runtime.onClose());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
