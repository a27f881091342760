package io.tenantkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a control plane still does when it is closed, and what cannot hold it. */
final class ClosingTest {
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final TenantContext ACME = TenantContext.trusted(OrganizationId.of("acme"), "t");

  private final Storage storage = InMemoryStorage.create();

  private ControlPlane.Builder builder() {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (5 * i + 3);
    }
    return ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(key))).manualMaintenance();
  }

  @Test
  void whatIsAddedLastIsClosedFirstAndAFailureKeepsNothingOpen() {
    List<String> closed = new ArrayList<>();
    List<Event> heard = Collections.synchronizedList(new ArrayList<>());
    ControlPlane plane = builder().listener(heard::add).build();
    plane.organizations().create(OPERATOR, ACME.organization(), "acme");
    plane.runtime().onClose().accept(() -> closed.add("first"));
    plane
        .runtime()
        .onClose()
        .accept(
            () -> {
              closed.add("failing");
              throw new IllegalStateException("a hook's fault");
            });
    plane.runtime().onClose().accept(() -> closed.add("last"));

    assertThatThrownBy(plane::close).hasMessage("a hook's fault");

    assertThat(closed).containsExactly("last", "failing", "first");
    assertThat(heard)
        .as("what is signed and told at the end")
        .extracting(Event::type)
        .contains(EventType.AUDIT_CHECKPOINT);
  }

  @Test
  void useInGraceIsToldAtTheEndAndNothingIsVerifiedAfterwards() {
    List<Event> heard = Collections.synchronizedList(new ArrayList<>());
    ControlPlane plane = builder().listener(heard::add).build();
    plane.organizations().create(OPERATOR, ACME.organization(), "acme");
    IssuedApiKey old = plane.apiKeys().create(ACME, NewApiKey.live("k"));
    String secret = old.secret().string(SecretAccess.get());
    plane.apiKeys().rotate(ACME, old.key().id(), Rotation.withGrace(Duration.ofHours(1))).close();
    assertThat(plane.apiKeys().verify(secret, ScopeQuery.none())).isInstanceOf(Verdict.Valid.class);

    plane.close();

    assertThat(heard).extracting(Event::type).contains(EventType.OLD_KEY_USED);
    assertThatThrownBy(() -> plane.apiKeys().verify(secret, ScopeQuery.none()))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    try (ControlPlane again = builder().build()) {
      assertThat(again.apiKeys().get(ACME, old.key().id()).use().count()).isOne();
    }
  }

  @Test
  void listenerThatNeverReturnsDoesNotHoldTheEnd() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    ControlPlane.Builder builder =
        builder()
            .listener(
                event -> {
                  entered.countDown();
                  awaitQuietly(never);
                });
    builder.closingPatience = Duration.ofMillis(50);
    ControlPlane plane = builder.build();
    plane.organizations().create(OPERATOR, ACME.organization(), "acme");

    plane.close();

    // It is told, if not within those milliseconds on a busy machine.
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    never.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
