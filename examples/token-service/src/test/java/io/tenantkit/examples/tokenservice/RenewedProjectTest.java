package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A storage in memory that is made anew before it is full, while tokens are asked for. */
final class RenewedProjectTest {
  private static final OrganizationId PROJECT = OrganizationId.of("project");
  private static final TenantContext CONTEXT = TenantContext.trusted(PROJECT, "test");

  private static RenewedProject project(int most) {
    return new RenewedProject(
        PROJECT,
        LiveKitCredentials.of(
            "wss://x.example", "APIkey", SecretValue.of("a-secret-of-at-least-32-characters")),
        TokenPolicy.standard(),
        Clock.systemUTC(),
        most);
  }

  private static String token(RenewedProject project, String identity) {
    try (IssuedToken token = project.issue(CONTEXT, ParticipantToken.join("r", identity))) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  @Test
  void tokens_of_an_earlier_storage_stay_good() {
    try (RenewedProject project = project(3)) {
      List<String> tokens = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        tokens.add(token(project, "i" + i));
      }
      assertThat(project.lives()).isEqualTo(4);
      for (String token : tokens) {
        assertThat(project.verify(CONTEXT, token)).isInstanceOf(TokenVerification.Valid.class);
      }
      assertThat(project.lives()).as("a check leaves a record as well").isEqualTo(7);
    }
  }

  @Test
  void nobody_who_is_at_work_loses_the_storage_beneath() throws Exception {
    int threads = 4;
    int each = 200;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (RenewedProject project = project(7)) {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Future<Integer>> done = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        done.add(
            pool.submit(
                () -> {
                  start.await();
                  for (int i = 0; i < each; i++) {
                    token(project, "i" + i);
                  }
                  return each;
                }));
      }
      for (Future<Integer> future : done) {
        assertThat(future.get()).isEqualTo(each);
      }
      assertThat(project.lives()).isEqualTo((threads * each + 6) / 7);
    } finally {
      pool.shutdownNow();
    }
  }
}
