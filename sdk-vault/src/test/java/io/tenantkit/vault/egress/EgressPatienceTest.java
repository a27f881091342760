package io.tenantkit.vault.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Answers that take their time, since a person gives them. */
class EgressPatienceTest {
  private static final Executor THREADS = task -> new Thread(task, "patient").start();

  private final CountDownLatch taken = new CountDownLatch(1);
  private final Semaphore rang = new Semaphore(0);

  /** Rings until somebody takes it, but says at once what nobody need be asked for. */
  private RawServer telephone() {
    return RawServer.answering(
        (request, out) -> {
          if (!request.line().contains("/now")) {
            rang.release();
            taken.await();
          }
          RawServer.status(200, "taken").write(request, out);
        });
  }

  private static Egress.Builder impatient() {
    return Egress.builder()
        .unsafeAllowLoopback()
        .readTimeout(Duration.ofMillis(300))
        .callTimeout(Duration.ofMillis(300));
  }

  private static EgressRequest patient(String url, String whom) {
    return EgressRequest.post(url).onBehalfOf(whom).patience(Duration.ofMinutes(1)).build();
  }

  private static EgressFailure failure(Egress egress, EgressRequest request) {
    return catchThrowableOfType(EgressException.class, () -> egress.send(request)).failure();
  }

  @Test
  void aPatientCallOutlastsTheClientsOwnTimes() {
    try (RawServer server = telephone();
        Egress egress = impatient().build()) {
      CompletableFuture<EgressResponse> call =
          CompletableFuture.supplyAsync(
              () -> egress.send(patient(server.url("/ring"), "acme")), THREADS);
      rang.acquireUninterruptibly();
      // That this one's time is over shows that the other's would be, too.
      assertThat(failure(egress, EgressRequest.post(server.url("/ring")).build()))
          .isEqualTo(EgressFailure.TIMEOUT);
      assertThat(call).isNotDone();

      taken.countDown();
      assertThat(call.join().text()).isEqualTo("taken");
    }
  }

  @Test
  void whoseServersAreSlowHasAShareOfThePlacesAndNoMore() {
    Duration minute = Duration.ofMinutes(1);
    try (RawServer server = telephone();
        Egress egress =
            Egress.builder()
                .unsafeAllowLoopback()
                .maxConcurrent(32)
                .readTimeout(minute)
                .callTimeout(minute)
                .build()) {
      List<CompletableFuture<EgressResponse>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(
            CompletableFuture.supplyAsync(
                () -> egress.send(ordinary(server.url("/ring"), "acme", minute)), THREADS));
      }
      rang.acquireUninterruptibly(8);
      assertThat(failure(egress, ordinary(server.url("/now"), "acme", Duration.ofMillis(50))))
          .isEqualTo(EgressFailure.BUSY);
      assertThat(egress.send(ordinary(server.url("/now"), "globex", minute)).status())
          .isEqualTo(200);

      taken.countDown();
      calls.forEach(CompletableFuture::join);
      assertThat(egress.send(ordinary(server.url("/now"), "acme", minute)).status()).isEqualTo(200);
    }
  }

  private static EgressRequest ordinary(String url, String whom, Duration timeout) {
    return EgressRequest.post(url).onBehalfOf(whom).timeout(timeout).build();
  }

  @Test
  void onesWaitingLeavesPlacesToTheOthers() {
    try (RawServer server = telephone();
        Egress egress = Egress.builder().unsafeAllowLoopback().maxConcurrent(16).build()) {
      List<CompletableFuture<EgressResponse>> calls = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        calls.add(
            CompletableFuture.supplyAsync(
                () -> egress.send(patient(server.url("/ring"), "acme")), THREADS));
      }
      rang.acquireUninterruptibly(2);

      assertThat(failure(egress, patient(server.url("/now"), "acme")))
          .as("an eighth of sixteen is taken")
          .isEqualTo(EgressFailure.BUSY);
      EgressRequest usual = EgressRequest.post(server.url("/now")).onBehalfOf("acme").build();
      assertThat(egress.send(usual).status()).isEqualTo(200);
      assertThat(egress.send(patient(server.url("/now"), "globex")).status()).isEqualTo(200);

      taken.countDown();
      calls.forEach(call -> assertThat(call.join().status()).isEqualTo(200));
      assertThat(egress.send(patient(server.url("/now"), "acme")).status())
          .as("what has ended is had again")
          .isEqualTo(200);
    }
  }

  @Test
  void patienceHasABound() {
    assertThatThrownBy(
            () -> EgressRequest.get("https://a.example").patience(Duration.ofMinutes(11)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> EgressRequest.get("https://a.example").patience(Duration.ZERO))
        .isInstanceOf(InvalidInputException.class);
  }
}
