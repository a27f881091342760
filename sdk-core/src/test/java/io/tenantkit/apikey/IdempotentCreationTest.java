package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.address.AddressList;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Ceiling;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A caller whose answer was lost repeats the call. */
class IdempotentCreationTest extends ApiKeyTestBase {
  private static final NewApiKey REQUEST =
      NewApiKey.live("deploy").scopes("flows:read").idempotencyId("run 17");

  @Test
  void repeatAnswersAFreshSecretForTheSameKeyAndTheUnseenOneDies() {
    IssuedApiKey first = keys.create(acme, REQUEST);
    clock.tick(Duration.ofMinutes(10).minusNanos(1_000));

    IssuedApiKey second = keys.create(acme, REQUEST);

    assertThat(second.key().id()).isEqualTo(first.key().id());
    assertThat(second.key().createdAt()).isEqualTo(first.key().createdAt());
    assertThat(second.key().version()).isEqualTo(2);
    assertThat(second.key().prefix()).isEqualTo(text(second).substring(0, 16));
    assertThat(text(second)).isNotEqualTo(text(first));
    assertRefused(verify(first), Verdict.Reason.NOT_FOUND);
    assertValid(verify(second));
    assertThat(keys.list(acme, PageRequest.first(10)).items()).hasSize(1);
    assertThat(actions(acme)).containsExactly("api_key.created", "api_key.reissued");
  }

  @Test
  void deadSecretIsForgottenAlsoWhereItWasLookedUp() {
    IssuedApiKey first = keys.create(acme, REQUEST);
    assertRefused(
        keys.verify(text(first), ScopeQuery.of("agents:read")), Verdict.Reason.INSUFFICIENT_SCOPE);

    keys.create(acme, REQUEST);

    assertRefused(keys.verify(text(first), ScopeQuery.of("agents:read")), Verdict.Reason.NOT_FOUND);
  }

  @Test
  void unseenSecretThatAnotherNodeHasCachedIsNeverAccepted() {
    IssuedApiKey first = keys.create(acme, REQUEST);
    ApiKeyManager other = newPlane().apiKeys();
    assertRefused(
        other.verify(text(first), ScopeQuery.of("agents:read")), Verdict.Reason.INSUFFICIENT_SCOPE);

    keys.create(acme, REQUEST);

    assertRefused(other.verify(text(first), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
  }

  @Test
  void afterTenMinutesItIsAConflictThatNamesTheKeyAndCarriesNoSecret() {
    IssuedApiKey first = keys.create(acme, REQUEST);
    clock.tick(Duration.ofMinutes(5));
    IssuedApiKey second = keys.create(acme, REQUEST);
    clock.tick(Duration.ofMinutes(5));

    assertConflict(first.key().id(), () -> keys.create(acme, REQUEST));

    assertValid(verify(second));
  }

  @Test
  void afterItsFirstUseItIsAConflict() {
    IssuedApiKey first = keys.create(acme, REQUEST);
    assertValid(verify(first));

    assertConflict(first.key().id(), () -> keys.create(acme, REQUEST));

    assertValid(verify(first));
    assertThat(actions(acme)).containsExactly("api_key.created");
  }

  @Test
  void keyThatWasRevokedOrRotatedOrHasEndedIsNotRevivedByARepeat() {
    NewApiKey brief = REQUEST.idempotencyId("brief").lifetime(Duration.ofMinutes(1));
    ApiKeyId revoked = keys.create(acme, REQUEST.idempotencyId("revoked")).key().id();
    ApiKeyId rotated = keys.create(acme, REQUEST.idempotencyId("rotated")).key().id();
    ApiKeyId ended = keys.create(acme, brief).key().id();
    keys.revoke(acme, revoked, "leaked");
    keys.rotate(acme, rotated, Rotation.withGrace(Duration.ofHours(1)));
    clock.tick(Duration.ofMinutes(1));

    assertConflict(revoked, () -> keys.create(acme, REQUEST.idempotencyId("revoked")));
    assertConflict(rotated, () -> keys.create(acme, REQUEST.idempotencyId("rotated")));
    assertConflict(ended, () -> keys.create(acme, brief));
  }

  @Test
  void disabledKeyStaysDisabledByARepeat() {
    keys.disable(acme, keys.create(acme, REQUEST).key().id());

    assertRefused(verify(keys.create(acme, REQUEST)), Verdict.Reason.DISABLED);
  }

  @Test
  void anotherRequestUnderThatIdIsAConflict() {
    IssuedApiKey first = keys.create(acme, REQUEST);

    for (NewApiKey other :
        List.of(
            REQUEST.scopes("flows:*"),
            REQUEST.description("x"),
            REQUEST.lifetime(Duration.ofDays(1)),
            NewApiKey.test("deploy").scopes("flows:read").idempotencyId("run 17"))) {
      assertConflict(first.key().id(), () -> keys.create(acme, other));
    }
    TenantContext another = TenantContext.trusted(ACME, "another host");
    assertConflict(first.key().id(), () -> keys.create(another, REQUEST));
    assertValid(verify(first));
  }

  @Test
  void idempotencyIdsOfTwoOrganizationsHaveNothingToDoWithEachOther() {
    IssuedApiKey ours = keys.create(acme, REQUEST);
    IssuedApiKey theirs = keys.create(globex, REQUEST);

    assertValid(verify(ours));
    assertValid(verify(theirs));
    assertConflict(theirs.key().id(), () -> keys.create(globex, REQUEST));
  }

  /** Whoever could not create such a key any more does not get it by repeating. */
  @Test
  void repeatNeedsTheAuthorityToCreateTheKeyAsItIs() {
    keys.create(acme, REQUEST);
    TenantContext ending =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.HOST, "host"))
            .under(
                new Ceiling(
                    Optional.of(START.plusSeconds(60)),
                    List.of(),
                    Optional.empty(),
                    AddressList.anywhere()));

    assertThatThrownBy(() -> keys.create(ending, REQUEST))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void endIsThatOfTheFirstCallAlsoWhereOneCountedFromTheRepeatWouldBeTooLate() {
    TenantContext creator =
        ((Verdict.Valid)
                verify(
                    keys.create(
                        acme,
                        NewApiKey.live("parent")
                            .scopes("api-keys:*", "flows:*")
                            .lifetime(Duration.ofHours(1)))))
            .tenant();
    NewApiKey request = REQUEST.lifetime(Duration.ofMinutes(58));
    IssuedApiKey first = keys.create(creator, request);
    clock.tick(Duration.ofMinutes(5));

    IssuedApiKey second = keys.create(creator, request);

    assertThat(second.key().id()).isEqualTo(first.key().id());
    assertThat(second.key().expiresAt()).isEqualTo(first.key().expiresAt());
    assertThatThrownBy(() -> keys.create(creator, request.idempotencyId("run 18")))
        .isInstanceOf(AccessDeniedException.class);
    clock.tick(Duration.ofMinutes(5));
    assertConflict(first.key().id(), () -> keys.create(creator, request));
  }

  @Test
  void repeatSucceedsAlsoAfterThePolicyHasBecomeStricter() {
    NewApiKey request = REQUEST.lifetime(Duration.ofDays(30));
    IssuedApiKey first = keys.create(acme, request);
    plane
        .organizations()
        .configure(
            operator,
            acme.organization(),
            OrganizationSettings.defaults()
                .withKeys(KeyPolicy.none().withLongestLifetime(Duration.ofDays(7))));

    assertThat(keys.create(acme, request).key().id()).isEqualTo(first.key().id());
    assertThatThrownBy(() -> keys.create(acme, request.idempotencyId("run 18")))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void inAJoinedTransactionARepeatIsOneToo() {
    InMemoryStorage memory = InMemoryStorage.create();
    try (ControlPlane joining =
        ControlPlane.builder(memory, masterKeys()).clock(clock).manualMaintenance().build()) {
      joining.organizations().create(operator, ACME, "Acme");
      ApiKeyManager manager = joining.apiKeys();
      IssuedApiKey first = manager.create(acme, REQUEST);

      IssuedApiKey second = memory.join(acme, joined -> manager.create(joined, REQUEST));

      assertThat(second.key().id()).isEqualTo(first.key().id());
      assertRefused(manager.verify(text(first), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
      assertValid(manager.verify(text(second), ScopeQuery.none()));
    }
  }

  private void assertConflict(ApiKeyId key, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ConflictException.class,
            e -> {
              assertThat(e.existingId()).contains(key.value());
              assertThat(e).hasMessageContaining(key.value());
            });
  }
}
