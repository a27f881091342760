package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.ratelimit.Credits;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.tenant.OrganizationSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What verifications take and leave behind: limits, credits, use, events. */
class UseAndLimitsTest extends ApiKeyTestBase {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void limitsAreTakenTogetherAndTheVerdictTellsWhereEachStands() {
    IssuedApiKey key =
        keys.create(
            acme, NewApiKey.live("k").limit("minute", 2, MINUTE).limit("hour", 100, MINUTE));

    assertThat(remaining(verify(key))).containsExactly(1L, 99L);
    assertThat(remaining(verify(key))).containsExactly(0L, 98L);
    Verdict third = verify(key);

    assertRefused(third, Verdict.Reason.RATE_LIMITED);
    LimitStatus minute = third.limits().get(0);
    assertThat(minute.name()).isEqualTo("minute");
    assertThat(minute.retryAfter()).isBetween(Duration.ofMillis(29_999), Duration.ofSeconds(30));
    assertThat(third.limits().get(1).remaining()).isEqualTo(98);

    clock.tick(Duration.ofSeconds(30));
    assertValid(verify(key));
  }

  @Test
  void callThatIsRefusedForAnythingElseTakesNothing() {
    IssuedApiKey key =
        keys.create(acme, NewApiKey.live("k").scopes("flows:read").limit("minute", 1, MINUTE));

    for (int i = 0; i < 5; i++) {
      assertRefused(
          keys.verify(text(key), ScopeQuery.of("agents:read")), Verdict.Reason.INSUFFICIENT_SCOPE);
    }

    assertThat(remaining(verify(key))).containsExactly(0L);
  }

  @Test
  void refusalForAnythingElseStillTellsWhereTheLimitsStand() {
    IssuedApiKey key =
        keys.create(acme, NewApiKey.live("k").scopes("flows:read").limit("minute", 1, MINUTE));
    ScopeQuery other = ScopeQuery.of("agents:read");

    Verdict before = keys.verify(text(key), other);
    assertThat(before.limits().get(0).remaining()).isEqualTo(1);
    assertValid(verify(key));
    Verdict after = keys.verify(text(key), other);

    assertRefused(after, Verdict.Reason.INSUFFICIENT_SCOPE, Verdict.Reason.RATE_LIMITED);
    assertThat(after.limits().get(0).remaining()).isZero();
  }

  @Test
  void whatTheStorageCountsIsAskedOnlyWhenNothingElseRefuses() {
    IssuedApiKey key =
        keys.create(
            acme,
            NewApiKey.live("k")
                .scopes("flows:read")
                .limit(RateLimit.of("here", 1, MINUTE))
                .limit(RateLimit.of("shared", 5, MINUTE).shared())
                .credits(Credits.of(9)));
    ScopeQuery other = ScopeQuery.of("agents:read");
    assertValid(verify(key));

    Verdict refused = keys.verify(text(key), other);

    assertRefused(refused, Verdict.Reason.INSUFFICIENT_SCOPE, Verdict.Reason.RATE_LIMITED);
    assertThat(refused.limits())
        .extracting(LimitStatus::name)
        .containsExactly("here", "shared", "credits");
    assertThat(refused.limits())
        .extracting(LimitStatus::outcome)
        .containsExactly(
            LimitStatus.Outcome.REFUSED,
            LimitStatus.Outcome.NOT_ASKED,
            LimitStatus.Outcome.NOT_ASKED);
    assertThat(refused.limits()).extracting(LimitStatus::remaining).containsExactly(0L, -1L, -1L);
    assertThat(refused.limits().get(0).retryAfter()).isBetween(MINUTE.minusMillis(1), MINUTE);
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
    clock.tick(MINUTE);
    assertThat(remaining(verify(key))).as("nothing was taken").containsExactly(0L, 4L, 7L);
  }

  @Test
  void clockThatIsSetBackOpensNoLimit() {
    IssuedApiKey key = keys.create(acme, NewApiKey.live("k").limit("hour", 2, Duration.ofHours(1)));
    assertValid(verify(key));
    assertValid(verify(key));

    clock.tick(Duration.ofHours(-5));
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
    clock.tick(Duration.ofHours(5));
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
    clock.tick(Duration.ofMinutes(30));
    assertValid(verify(key));
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
  }

  /** The limit's own call may wait; what was known of the key before is too old by then. */
  @Test
  void keyRevokedElsewhereWhileItsLimitWaitedIsRefused() {
    ControlPlane elsewhere = newPlane();
    IssuedApiKey key =
        keys.create(acme, NewApiKey.live("k").limit(RateLimit.of("minute", 9, MINUTE).shared()));
    assertValid(verify(key));
    storage.beforeTake(
        () -> {
          storage.beforeTake(() -> {});
          elsewhere.apiKeys().revoke(acme, key.key().id(), "leaked");
          clock.tick(Duration.ofSeconds(30));
        });

    assertRefused(verify(key), Verdict.Reason.REVOKED);
    elsewhere.close();
  }

  @Test
  void keyWhoseTimeRanOutWhileItsLimitWaitedIsRefused() {
    IssuedApiKey key =
        keys.create(
            acme,
            NewApiKey.live("k").lifetime(MINUTE).limit(RateLimit.of("minute", 9, MINUTE).shared()));
    storage.beforeTake(() -> clock.tick(MINUTE));

    assertRefused(verify(key), Verdict.Reason.EXPIRED);
  }

  /** Or who tries keys would learn from the answer which of them existed once. */
  @Test
  void revokedKeyLooksLikeAnUnknownOneAlsoFromWhereNothingIsLookedUpAnyMore() {
    InetAddress stranger = InetAddress.getLoopbackAddress();
    IssuedApiKey key = create();
    keys.revoke(acme, key.key().id(), "over");
    IssuedApiKey working = create();
    assertValid(verify(working));
    VerifyRequest revoked = VerifyRequest.of(text(key)).address(stranger);
    assertRefused(keys.verify(revoked), Verdict.Reason.REVOKED);
    for (int i = 0; i < 200; i++) {
      keys.verify(VerifyRequest.of("guess-" + i).address(stranger));
    }

    Verdict unknown = keys.verify(VerifyRequest.of("guess-more").address(stranger));

    assertRefused(unknown, Verdict.Reason.RATE_LIMITED);
    Verdict known = keys.verify(revoked);
    assertThat(HttpAnswer.of((Verdict.Refused) known))
        .isEqualTo(HttpAnswer.of((Verdict.Refused) unknown));
    assertValid(keys.verify(VerifyRequest.of(text(working)).address(stranger)));
  }

  @Test
  void firstCallThatALimitRefusesIsNoFirstUse() {
    NewApiKey wanted = NewApiKey.live("k").limit("minute", 1, MINUTE).idempotencyId("call-1");
    IssuedApiKey first = keys.create(acme, wanted);
    assertRefused(keys.verify(VerifyRequest.of(text(first)).cost(2)), Verdict.Reason.RATE_LIMITED);

    IssuedApiKey again = keys.create(acme, wanted);

    assertThat(again.key().id()).isEqualTo(first.key().id());
    assertValid(verify(again));
    assertRefused(verify(first), Verdict.Reason.NOT_FOUND);
  }

  @Test
  void keysOfOneOrganizationShareItsPoolAndAnothersDoNot() {
    plane
        .organizations()
        .configure(
            operator,
            ACME,
            OrganizationSettings.defaults().withPool(RateLimit.of("pool", 2, MINUTE)));
    IssuedApiKey first = create();
    IssuedApiKey second = create();
    IssuedApiKey theirs = keys.create(globex, NewApiKey.live("theirs"));

    assertValid(verify(first));
    assertValid(verify(second));
    Verdict refused = verify(first);

    assertRefused(refused, Verdict.Reason.RATE_LIMITED);
    assertThat(refused.limits().get(0).of()).isEqualTo(LimitStatus.Of.ORGANIZATION);
    assertRefused(verify(second), Verdict.Reason.RATE_LIMITED);
    assertValid(verify(theirs));
  }

  @Test
  void changedLimitsCountFromTheNextCallOnAndGoOnFromWhereTheyWere() {
    IssuedApiKey key = create();
    assertThat(verify(key).limits()).isEmpty();

    plane
        .organizations()
        .configure(
            operator,
            ACME,
            OrganizationSettings.defaults().withPool(RateLimit.of("pool", 1, MINUTE)));
    assertValid(verify(key));
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);

    plane
        .organizations()
        .configure(
            operator,
            ACME,
            OrganizationSettings.defaults().withPool(RateLimit.of("pool", 2, MINUTE)));
    clock.tick(Duration.ofSeconds(30));
    assertValid(verify(key));
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
  }

  @Test
  void successorGoesOnWithTheFamilysLimitsAndCredits() {
    IssuedApiKey old =
        keys.create(acme, NewApiKey.live("k").limit("minute", 9, MINUTE).credits(Credits.of(3)));
    assertValid(verify(old));
    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofHours(1)));

    assertValid(verify(next));
    assertThat(remaining(verify(old))).containsExactly(6L, 0L);
    assertRefused(verify(next), Verdict.Reason.QUOTA_EXCEEDED);
    assertRefused(verify(old), Verdict.Reason.QUOTA_EXCEEDED);
  }

  @Test
  void costIsWhatACallTakesOfEachLimitUnlessItSaysOtherwise() {
    IssuedApiKey key =
        keys.create(
            acme, NewApiKey.live("k").limit("calls", 10, MINUTE).limit("pages", 10, MINUTE));
    VerifyRequest request = VerifyRequest.of(text(key)).cost(2).cost("pages", 9);

    assertThat(remaining(keys.verify(request))).containsExactly(8L, 1L);
    assertRefused(keys.verify(request), Verdict.Reason.RATE_LIMITED);
    assertThat(remaining(keys.verify(VerifyRequest.of(text(key)).cost(0)))).containsExactly(8L, 1L);
  }

  @Test
  void acceptedCallsShowInTheKeyOnceTheyAreWrittenAndRefusedOnesDoNot() {
    IssuedApiKey key = keys.create(acme, NewApiKey.live("k").limit("minute", 2, MINUTE));
    verify(key);
    clock.tick(Duration.ofSeconds(1));
    verify(key);
    assertRefused(verify(key), Verdict.Reason.RATE_LIMITED);
    assertThat(keys.get(acme, key.key().id()).use()).isEqualTo(KeyUse.never());

    plane.runDue(clock.instant());

    KeyUse use = keys.get(acme, key.key().id()).use();
    assertThat(use.count()).isEqualTo(2);
    assertThat(use.lastAt().orElseThrow().toEpochMilli()).isEqualTo(clock.millis());
    assertThat(keys.get(acme, key.key().id()).version()).isEqualTo(1);
  }

  @Test
  void unusualUseIsTold() {
    IssuedApiKey key = create();
    plane.runDue(clock.instant());
    for (int hour = 0; hour < 3; hour++) {
      clock.tick(Duration.ofHours(1));
      assertValid(verify(key));
      plane.runDue(clock.instant());
    }

    clock.tick(Duration.ofSeconds(10));
    for (int i = 0; i < 500; i++) {
      verify(key);
    }
    plane.runDue(clock.instant());

    List<Event> told =
        heard.stream().filter(event -> event.type() == EventType.UNUSUAL_USE).toList();
    assertThat(told).hasSize(1);
    assertThat(told.get(0).subject()).isEqualTo(key.key().id().value());
    assertThat(told.get(0).details()).containsEntry("uses", "500");
  }

  @Test
  void refusedVerificationsAreToldAndSampled() {
    IssuedApiKey key = create();
    keys.disable(acme, key.key().id());
    for (int i = 0; i < 50; i++) {
      verify(key);
    }
    plane.runDue(clock.instant());

    List<Event> told =
        heard.stream().filter(event -> event.type() == EventType.VERIFICATION_FAILED).toList();
    assertThat(told).hasSize(10);
    assertThat(told.get(0).details()).containsEntry("reasons", "DISABLED");
    assertThat(trail(acme))
        .filteredOn(event -> event.action().equals("api_key.verification_failed"))
        .hasSize(10);
  }

  private static List<Long> remaining(Verdict verdict) {
    assertValid(verdict);
    return verdict.limits().stream().map(LimitStatus::remaining).toList();
  }
}
