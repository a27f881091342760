package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ApiKeyLifecycleTest extends ApiKeyTestBase {
  private static final ApiKeyId UNKNOWN = ApiKeyId.of("key_unknown");

  @Test
  void createdKeyHasWhatWasAskedForAndItsEvent() {
    IssuedApiKey issued =
        keys.create(
            acme,
            NewApiKey.live("CI \uD83D\uDE80")
                .scopes("livekit:*", "flows:read")
                .lifetime(Duration.ofDays(30)));

    ApiKey key = issued.key();
    assertThat(key.organization()).isEqualTo(ACME);
    assertThat(key.name()).isEqualTo("CI \uD83D\uDE80");
    assertThat(key.mode()).isEqualTo(KeyMode.LIVE);
    assertThat(key.scopes()).isEqualTo(ScopeSet.of("flows:read", "livekit:*"));
    assertThat(key.enabled()).isTrue();
    assertThat(key.createdBy()).isEqualTo("host");
    assertThat(key.createdAt()).isEqualTo(START);
    assertThat(key.expiresAt()).contains(START.plus(Duration.ofDays(30)));
    assertThat(key.revocation()).isEmpty();
    assertThat(key.successor()).isEmpty();
    assertThat(key.family()).isEqualTo(key.id());
    assertThat(key.version()).isEqualTo(1);
    assertThat(text(issued)).startsWith(key.prefix()).hasSize(46);
    assertThat(key.prefix()).hasSize(16).startsWith("ak_live_");
    assertThat(keys.get(acme, key.id())).isEqualTo(key);
    AuditEvent event = trail(acme).get(0);
    assertThat(actions(acme)).containsExactly("api_key.created");
    assertThat(event.targetId()).isEqualTo(key.id().value());
    assertThat(event.at()).isEqualTo(START);
    assertThat(event.actor()).isEqualTo(acme.actor());
    assertThat(event.details()).containsEntry("name", key.name());
  }

  @Test
  void createForAnUnknownOrganizationIsNotFound() {
    TenantContext nobody = TenantContext.trusted(OrganizationId.of("nobody"), "host");

    assertThatThrownBy(() -> keys.create(nobody, NewApiKey.live("x")))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("organization not found");
  }

  @Test
  void timesAreCutToTheMicrosecondsThatStoragesKeep() {
    IssuedApiKey issued =
        keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofNanos(1_000_001_999)));
    keys.rotate(acme, issued.key().id(), Rotation.withGrace(Duration.ofNanos(500_000_999)));

    ApiKey old = keys.get(acme, issued.key().id());
    assertThat(issued.key().expiresAt()).contains(START.plusNanos(1_000_001_000));
    assertThat(old.expiresAt()).contains(START.plusNanos(500_000_000));
  }

  @Test
  void lifetimeAndGraceAndNamesAreBounded() {
    for (Duration wrong :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofDays(3_651),
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertThatThrownBy(() -> NewApiKey.live("x").lifetime(wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("lifetime: more than zero, at most 3,650 days");
    }
    for (Duration wrong :
        List.of(Duration.ofNanos(-1), Duration.ofDays(31), Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatThrownBy(() -> Rotation.withGrace(wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("grace: zero to 30 days");
    }
    for (String wrong : List.of("", " ", "a\u0000b", "a\nb", "x".repeat(256))) {
      assertThatThrownBy(() -> NewApiKey.live(wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("name: 1 to 255 characters without control characters");
    }
  }

  @Test
  void disabledKeyIsRefusedUntilItIsEnabledAgain() {
    IssuedApiKey issued = create();
    ApiKeyId id = issued.key().id();

    clock.tick(Duration.ofSeconds(1));
    ApiKey disabled = keys.disable(acme, id);
    assertRefused(verify(issued), Verdict.Reason.DISABLED);
    assertThat(keys.disable(acme, id)).isEqualTo(disabled);
    ApiKey enabled = keys.enable(acme, id);
    assertValid(verify(issued));
    assertThat(keys.enable(acme, id)).isEqualTo(enabled);

    assertThat(disabled.version()).isEqualTo(2);
    assertThat(disabled.updatedAt()).isEqualTo(START.plusSeconds(1));
    assertThat(enabled.version()).isEqualTo(3);
    assertThat(actions(acme))
        .containsExactly("api_key.created", "api_key.disabled", "api_key.enabled");
  }

  @Test
  void revokedKeyStaysRevokedWithItsFirstReason() {
    IssuedApiKey issued = create();
    ApiKeyId id = issued.key().id();

    ApiKey revoked = keys.revoke(acme, id, "leaked");
    clock.tick(Duration.ofSeconds(1));

    assertThat(keys.revoke(acme, id, "again")).isEqualTo(revoked);
    assertThat(revoked.revocation()).contains(new ApiKey.Revocation(START, "leaked"));
    assertRefused(verify(issued), Verdict.Reason.REVOKED);
    for (Runnable call :
        List.<Runnable>of(
            () -> keys.enable(acme, id),
            () -> keys.disable(acme, id),
            () -> keys.rotate(acme, id, Rotation.immediate()))) {
      assertThatThrownBy(call::run).isInstanceOf(ConflictException.class);
    }
    assertThat(actions(acme)).containsExactly("api_key.created", "api_key.revoked");
    assertThat(trail(acme).get(1).details()).containsEntry("reason", "leaked");
  }

  @Test
  void revocationNeedsAReason() {
    ApiKeyId id = create().key().id();

    for (String wrong : List.of("", " ", "x".repeat(256), "a\nb")) {
      assertThatThrownBy(() -> keys.revoke(acme, id, wrong))
          .isInstanceOf(InvalidInputException.class);
    }

    assertThat(keys.get(acme, id).revocation()).isEmpty();
    assertThat(actions(acme)).containsExactly("api_key.created");
  }

  @Test
  void rotationWithoutGraceRefusesTheOldKeyAtOnce() {
    IssuedApiKey old =
        keys.create(acme, NewApiKey.test("rotated").scopes("flows:*").lifetime(Duration.ofDays(1)));
    assertValid(verify(old));

    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.immediate());

    assertRefused(verify(old), Verdict.Reason.REVOKED);
    assertValid(keys.verify(text(next), ScopeQuery.of("flows:read")));
    ApiKey retired = keys.get(acme, old.key().id());
    assertThat(retired.successor()).contains(next.key().id());
    assertThat(retired.revocation()).contains(new ApiKey.Revocation(START, "rotated"));
    assertThat(retired.version()).isEqualTo(2);
    ApiKey key = next.key();
    assertThat(key.name()).isEqualTo("rotated");
    assertThat(key.mode()).isEqualTo(KeyMode.TEST);
    assertThat(key.scopes()).isEqualTo(old.key().scopes());
    assertThat(key.expiresAt()).isEqualTo(old.key().expiresAt());
    assertThat(key.family()).isEqualTo(old.key().id());
    assertThat(text(next)).isNotEqualTo(text(old)).startsWith("ak_test_");
    assertThat(actions(acme)).containsExactly("api_key.created", "api_key.rotated");
    assertThat(trail(acme).get(1).details())
        .containsEntry("successor", key.id().value())
        .containsEntry("graceSeconds", "0");
  }

  @Test
  void rotationWithGraceLetsTheOldKeyWorkUntilThen() {
    IssuedApiKey old = create();

    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofHours(1)));

    clock.tick(Duration.ofMinutes(59));
    assertValid(verify(old));
    assertValid(verify(next));
    clock.tick(Duration.ofMinutes(1));
    assertRefused(verify(old), Verdict.Reason.EXPIRED);
    assertValid(verify(next));
    assertThat(next.key().expiresAt()).isEmpty();
  }

  @Test
  void graceNeverReachesPastTheOldExpiry() {
    IssuedApiKey old = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofMinutes(10)));

    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofHours(1)));

    assertThat(keys.get(acme, old.key().id()).expiresAt()).isEqualTo(old.key().expiresAt());
    clock.tick(Duration.ofMinutes(10));
    assertRefused(verify(old), Verdict.Reason.EXPIRED);
    assertRefused(verify(next), Verdict.Reason.EXPIRED);
  }

  @Test
  void rotationOfARotatedKeyNamesItsSuccessorAndOfTheSuccessorWorks() {
    IssuedApiKey first = create();
    IssuedApiKey second =
        keys.rotate(acme, first.key().id(), Rotation.withGrace(Duration.ofHours(1)));

    assertThatThrownBy(() -> keys.rotate(acme, first.key().id(), Rotation.immediate()))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining(second.key().id().value());
    IssuedApiKey third = keys.rotate(acme, second.key().id(), Rotation.immediate());

    assertThat(third.key().family()).isEqualTo(first.key().id());
    assertValid(verify(third));
  }

  @Test
  void expiredKeyIsNotRevivedByRotation() {
    IssuedApiKey old = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofMinutes(1)));
    clock.tick(Duration.ofMinutes(1));

    assertThatThrownBy(() -> keys.rotate(acme, old.key().id(), Rotation.immediate()))
        .isInstanceOf(ConflictException.class);

    assertThat(actions(acme)).containsExactly("api_key.created");
  }

  @Test
  void disabledKeyIsNotEnabledByRotation() {
    IssuedApiKey old = create();
    keys.disable(acme, old.key().id());

    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.immediate());

    assertRefused(verify(next), Verdict.Reason.DISABLED);
  }

  @Test
  void ofManyConcurrentRotationsOneWinsAndTheOthersNameItsSuccessor() {
    IssuedApiKey old = create();

    List<Optional<IssuedApiKey>> answers =
        Race.of(
            100,
            i -> {
              try {
                return Optional.of(keys.rotate(acme, old.key().id(), Rotation.immediate()));
              } catch (ConflictException e) {
                ApiKeyId there = keys.get(acme, old.key().id()).successor().orElseThrow();
                assertThat(e).hasMessageContaining(there.value());
                return Optional.empty();
              }
            });

    List<IssuedApiKey> won = answers.stream().flatMap(Optional::stream).toList();
    assertThat(won).hasSize(1);
    assertValid(verify(won.get(0)));
    assertRefused(verify(old), Verdict.Reason.REVOKED);
    assertThat(keys.list(acme, PageRequest.first(10)).items()).hasSize(2);
    assertThat(actions(acme)).containsExactly("api_key.created", "api_key.rotated");
  }

  @Test
  void listGivesEveryKeyOfTheTenantOnceInPages() {
    List<ApiKey> made = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      made.add(create().key());
      keys.create(globex, NewApiKey.live("theirs"));
    }

    List<ApiKey> visited = new ArrayList<>();
    PageRequest request = PageRequest.first(3);
    Page<ApiKey> page = keys.list(acme, request);
    visited.addAll(page.items());
    while (page.next().isPresent()) {
      page = keys.list(acme, request.after(page.next().get()));
      visited.addAll(page.items());
    }

    assertThat(visited).containsExactlyElementsOf(made);
  }

  @Test
  void keyOfAnotherTenantAndUnknownKeyGetTheSameAnswerFromEveryOperation() {
    ApiKeyId theirs = keys.create(globex, NewApiKey.live("theirs")).key().id();
    ApiKey before = keys.get(globex, theirs);

    for (ApiKeyId id : List.of(theirs, UNKNOWN)) {
      for (Runnable call :
          List.<Runnable>of(
              () -> keys.get(acme, id),
              () -> keys.enable(acme, id),
              () -> keys.disable(acme, id),
              () -> keys.revoke(acme, id, "x"),
              () -> keys.rotate(acme, id, Rotation.immediate()))) {
        assertThatThrownBy(call::run)
            .isExactlyInstanceOf(NotFoundException.class)
            .hasMessage("api key not found");
      }
    }

    assertThat(keys.get(globex, theirs)).isEqualTo(before);
    assertThat(trail(acme)).isEmpty();
    assertThat(actions(globex)).containsExactly("api_key.created");
  }

  @Test
  void closedPlaneRefusesEveryOperationAlsoForACachedKey() {
    IssuedApiKey issued = create();
    ApiKeyId id = issued.key().id();
    assertValid(verify(issued));
    ApiKeyManager other = newPlane().apiKeys();

    plane.close();

    List<ThrowingCallable> operations =
        List.of(
            () -> verify(issued),
            () -> keys.verify(null, ScopeQuery.none()),
            () -> create(),
            () -> keys.get(acme, id),
            () -> keys.list(acme, PageRequest.first(1)),
            () -> keys.disable(acme, id),
            () -> keys.enable(acme, id),
            () -> keys.revoke(acme, id, "leaked"),
            () -> keys.rotate(acme, id, Rotation.immediate()));
    for (ThrowingCallable operation : operations) {
      assertThatThrownBy(operation)
          .isInstanceOfSatisfying(
              TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    }
    assertThat(actions(acme)).containsExactly("api_key.created");
    assertValid(other.verify(text(issued), ScopeQuery.none()));
  }

  @Test
  void failedMutationLeavesTheKeyAndTheTrailAsTheyWere() {
    IssuedApiKey issued = create();
    storage.failing(true);
    for (Runnable call :
        List.<Runnable>of(
            () -> create(),
            () -> keys.disable(acme, issued.key().id()),
            () -> keys.revoke(acme, issued.key().id(), "x"),
            () -> keys.rotate(acme, issued.key().id(), Rotation.immediate()))) {
      assertThatThrownBy(call::run).isInstanceOf(TenantkitException.class);
    }
    storage.failing(false);

    assertThat(keys.list(acme, PageRequest.first(10)).items()).containsExactly(issued.key());
    assertThat(actions(acme)).containsExactly("api_key.created");
  }
}
