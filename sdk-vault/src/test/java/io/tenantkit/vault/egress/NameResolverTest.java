package io.tenantkit.vault.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each party has one place here: an eighth of eight threads. */
final class NameResolverTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final CountDownLatch hanging = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final NameResolver resolver =
      new NameResolver(
          name -> {
            if (name.equals("slow.example")) {
              hanging.countDown();
              await(released);
            }
            return List.of(InetAddress.getLoopbackAddress());
          },
          8);

  @AfterEach
  void close() {
    released.countDown();
    resolver.close();
  }

  @Test
  void aPartyWithoutAPlaceWaitsForItsOwnAndNobodyElseDoes() throws Exception {
    CompletableFuture<?> slow = hang();
    FutureTask<List<InetAddress>> second =
        new FutureTask<>(() -> resolver.resolve("fast.example", "acme", LONG));
    Thread waiting = new Thread(second);
    waiting.start();
    while (waiting.getState() != Thread.State.TIMED_WAITING && !second.isDone()) {
      Thread.onSpinWait();
    }
    assertThat(resolver.resolve("fast.example", "globex", LONG)).hasSize(1);
    assertThat(second).isNotDone();

    released.countDown();
    assertThat(second.get(60, TimeUnit.SECONDS)).hasSize(1);
    slow.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aPartyThatGetsNoPlaceInItsTimeIsToldSoAndHasOneLater() throws Exception {
    CompletableFuture<?> slow = hang();
    assertThatThrownBy(() -> resolver.resolve("fast.example", "acme", Duration.ofMillis(20)))
        .isInstanceOfSatisfying(
            EgressException.class, e -> assertThat(e.failure()).isEqualTo(EgressFailure.BUSY));
    released.countDown();
    slow.get(60, TimeUnit.SECONDS);
    assertThat(resolver.resolve("fast.example", "acme", LONG)).hasSize(1);
  }

  /** Takes the only place of a party. */
  private CompletableFuture<?> hang() {
    CompletableFuture<?> slow =
        CompletableFuture.supplyAsync(() -> resolver.resolve("slow.example", "acme", LONG));
    await(hanging);
    return slow;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
