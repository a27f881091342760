package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.ScopeSet;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What verify remembers and for how long: the revocation bound is two seconds. */
class VerifyCacheTest extends ApiKeyTestBase {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void withinTheBoundTheStoreIsNotAskedAgain() {
    IssuedApiKey issued = create("flows:read");
    assertValid(verify(issued));
    assertThat(storage.lookups()).isEqualTo(1);

    clock.tick(Duration.ofMillis(1_999));
    assertValid(verify(issued));
    assertRefused(
        keys.verify(text(issued), ScopeQuery.of("agents:read")), Verdict.Reason.INSUFFICIENT_SCOPE);

    assertThat(storage.lookups()).isEqualTo(1);
  }

  @Test
  void atTheBoundTheStoreIsAskedAgain() {
    IssuedApiKey issued = create();
    assertValid(verify(issued));

    clock.tick(Duration.ofSeconds(2));
    assertValid(verify(issued));
    assertThat(storage.lookups()).isEqualTo(2);
    clock.tick(Duration.ofMillis(1_999));
    assertValid(verify(issued));
    assertThat(storage.lookups()).isEqualTo(2);
  }

  @Test
  void useDoesNotProlongTheBound() {
    IssuedApiKey issued = create();
    for (int i = 0; i < 10; i++) {
      assertValid(verify(issued));
      clock.tick(Duration.ofMillis(400));
    }

    assertThat(storage.lookups()).isEqualTo(2);
  }

  @Test
  void withABoundOfZeroTheStoreIsAskedEachTime() {
    IssuedApiKey issued = create();
    ControlPlane strict =
        ControlPlane.builder(storage, masterKeys())
            .clock(clock)
            .revocationBound(Duration.ZERO)
            .manualMaintenance()
            .build();
    for (int i = 0; i < 3; i++) {
      assertValid(strict.apiKeys().verify(text(issued), ScopeQuery.none()));
    }

    assertThat(storage.lookups()).isEqualTo(3);
  }

  @Test
  void boundIsBounded() {
    for (Duration wrong : new Duration[] {Duration.ofNanos(-1), Duration.ofSeconds(301)}) {
      Assertions.assertThatThrownBy(
              () -> ControlPlane.builder(storage, masterKeys()).revocationBound(wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("revocationBound: zero to 5 minutes");
    }
  }

  @Test
  void changeOnTheSamePlaneCountsFromTheNextCall() {
    IssuedApiKey issued = create();
    assertValid(verify(issued));
    keys.disable(acme, issued.key().id());
    assertRefused(verify(issued), Verdict.Reason.DISABLED);
    keys.enable(acme, issued.key().id());
    assertValid(verify(issued));
    IssuedApiKey next = keys.rotate(acme, issued.key().id(), Rotation.immediate());
    assertRefused(verify(issued), Verdict.Reason.REVOKED);
    assertValid(verify(next));
    keys.revoke(acme, next.key().id(), "x");
    assertRefused(verify(next), Verdict.Reason.REVOKED);
  }

  @Test
  void changeOnAnotherPlaneCountsWithinTheBound() {
    ControlPlane other = newPlane();
    IssuedApiKey revoked = create();
    IssuedApiKey suspended = keys.create(globex, NewApiKey.live("theirs"));
    assertValid(other.apiKeys().verify(text(revoked), ScopeQuery.none()));
    assertValid(other.apiKeys().verify(text(suspended), ScopeQuery.none()));

    keys.revoke(acme, revoked.key().id(), "x");
    plane.organizations().suspend(operator, GLOBEX);
    clock.tick(Duration.ofSeconds(2));

    assertRefused(other.apiKeys().verify(text(revoked), ScopeQuery.none()), Verdict.Reason.REVOKED);
    assertRefused(
        other.apiKeys().verify(text(suspended), ScopeQuery.none()),
        Verdict.Reason.ORGANIZATION_SUSPENDED);
  }

  @Test
  void unknownKeyIsFoundAsSoonAsItExists() {
    assertRefused(keys.verify("ak-of-nobody", ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    IssuedApiKey issued = create();

    assertValid(verify(issued));
  }

  @Test
  void rowReadBeforeARevocationIsNotRememberedAfterIt() {
    IssuedApiKey issued = create();
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch revoked = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(revoked);
        });
    Future<Verdict> racing = threads.submit(() -> verify(issued));
    Race.await(read);
    storage.afterRead(() -> {});

    keys.revoke(acme, issued.key().id(), "x");
    revoked.countDown();
    Race.get(racing);

    assertRefused(verify(issued), Verdict.Reason.REVOKED);
  }

  @Test
  void rowReadBeforeASuspensionIsNotRememberedAfterIt() {
    IssuedApiKey issued = create();
    CountDownLatch read = new CountDownLatch(1);
    CountDownLatch suspended = new CountDownLatch(1);
    storage.afterRead(
        () -> {
          read.countDown();
          Race.await(suspended);
        });
    Future<Verdict> racing = threads.submit(() -> verify(issued));
    Race.await(read);
    storage.afterRead(() -> {});

    plane.organizations().suspend(operator, ACME);
    suspended.countDown();
    Race.get(racing);

    assertRefused(verify(issued), Verdict.Reason.ORGANIZATION_SUSPENDED);
  }

  @Test
  void boundCountsFromBeforeTheRowWasRead() {
    IssuedApiKey issued = create();
    storage.afterRead(() -> clock.tick(Duration.ofMillis(1_500)));
    assertValid(verify(issued));
    storage.afterRead(() -> {});

    clock.tick(Duration.ofMillis(499));
    assertValid(verify(issued));
    assertThat(storage.lookups()).isEqualTo(1);
    clock.tick(Duration.ofMillis(1));
    assertValid(verify(issued));

    assertThat(storage.lookups()).isEqualTo(2);
  }

  @Test
  void keyThatExpiresWhileItsRowIsReadIsRefused() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofMillis(500)));
    storage.afterRead(() -> clock.tick(Duration.ofMillis(500)));

    assertRefused(verify(issued), Verdict.Reason.EXPIRED);
  }

  @Test
  void equalScopesAreKeptOnceAndDifferentOnesApart() {
    Verdict.Valid one = (Verdict.Valid) verify(create("flows:read", "agents:read"));
    Verdict.Valid same = (Verdict.Valid) verify(create("agents:read", "flows:read"));
    Verdict.Valid other = (Verdict.Valid) verify(create("flows:read"));

    assertThat(same.key().scopes()).isSameAs(one.key().scopes()).isSameAs(same.tenant().scopes());
    assertThat(other.tenant().scopes()).isEqualTo(ScopeSet.of("flows:read"));
  }

  @Test
  void clockSetBackDoesNotProlongTheBound() {
    IssuedApiKey issued = create();
    ControlPlane other = newPlane();
    clock.tick(Duration.ofHours(1));
    assertValid(other.apiKeys().verify(text(issued), ScopeQuery.none()));
    clock.tick(Duration.ofHours(-1));
    keys.revoke(acme, issued.key().id(), "x");

    clock.tick(Duration.ofHours(1).plusSeconds(2));

    assertRefused(other.apiKeys().verify(text(issued), ScopeQuery.none()), Verdict.Reason.REVOKED);
  }

  @Test
  void manyThreadsNeverSeeAKeyThatWasRevokedBeforeTheyAsked() {
    for (int round = 0; round < 20; round++) {
      IssuedApiKey issued = create();
      String key = text(issued);
      CountDownLatch revoked = new CountDownLatch(1);
      Race.of(
          64,
          i -> {
            if (i == 32) {
              keys.revoke(acme, issued.key().id(), "x");
              revoked.countDown();
            }
            boolean tooLate = revoked.getCount() == 0;
            Verdict verdict = keys.verify(key, ScopeQuery.none());
            assertThat(tooLate && verdict instanceof Verdict.Valid).isFalse();
            return verdict;
          });
    }
  }
}
