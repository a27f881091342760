package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.StorageException;
import io.tenantkit.tenant.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiKeyVerifyTest extends ApiKeyTestBase {
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  @Test
  void workingKeyIsValidForTheScopesItHolds() {
    IssuedApiKey issued = create("livekit:*", "flows:read");
    String key = text(issued);

    assertValid(keys.verify(key, ScopeQuery.none()));
    assertValid(keys.verify(key, ScopeQuery.of("livekit:rooms:read", "flows:read")));
    assertValid(keys.verify(key, ScopeQuery.anyOf("agents:read", "flows:read")));
    assertThat(((Verdict.Valid) verify(issued)).key()).isEqualTo(issued.key());
  }

  @Test
  void verifiedKeyIsTheStoredOneButForItsUse() {
    IssuedApiKey issued =
        keys.create(
            acme,
            NewApiKey.live("Zo\u00EB")
                .description("of the backend \uD83D\uDD11")
                .scopes("flows:read")
                .limit("minute", 100, Duration.ofMinutes(1))
                .lifetime(Duration.ofDays(1)));
    IssuedApiKey next = keys.rotate(acme, issued.key().id(), Rotation.immediate());

    ApiKey first = ((Verdict.Valid) verify(next)).key();
    ApiKey cached = ((Verdict.Valid) verify(next)).key();

    assertThat(cached.description()).contains("of the backend \uD83D\uDD11");
    assertThat(cached).isEqualTo(keys.get(acme, next.key().id()).withUse(KeyUse.never()));
    assertThat(cached).isEqualTo(first);
  }

  @Test
  void missingScopesAreAllNamed() {
    String key = text(create("flows:read"));

    Verdict all = keys.verify(key, ScopeQuery.of("flows:read", "agents:read", "livekit:*"));
    Verdict any = keys.verify(key, ScopeQuery.anyOf("agents:read", "livekit"));

    assertRefused(all, Verdict.Reason.INSUFFICIENT_SCOPE);
    assertThat(((Verdict.Refused) all).missingScopes())
        .containsExactly(Scope.of("agents:read"), Scope.of("livekit:*"));
    assertRefused(any, Verdict.Reason.INSUFFICIENT_SCOPE);
    assertThat(((Verdict.Refused) any).missingScopes())
        .containsExactly(Scope.of("agents:read"), Scope.of("livekit"));
  }

  @Test
  void queriesAreBounded() {
    String[] many = Collections.nCopies(101, "flows:read").toArray(String[]::new);

    assertThatThrownBy(() -> ScopeQuery.of(many)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> ScopeQuery.anyOf()).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void verdictHasAllReasonsAtOnceInTheOrderOfTheEnum() {
    IssuedApiKey issued =
        keys.create(acme, NewApiKey.live("x").scopes("flows:read").lifetime(Duration.ofMinutes(1)));
    keys.disable(acme, issued.key().id());
    keys.revoke(acme, issued.key().id(), "x");
    plane.organizations().suspend(operator, ACME);
    clock.tick(Duration.ofMinutes(1));

    Verdict verdict = keys.verify(text(issued), ScopeQuery.of("agents:read"));

    assertRefused(
        verdict,
        Verdict.Reason.DISABLED,
        Verdict.Reason.REVOKED,
        Verdict.Reason.EXPIRED,
        Verdict.Reason.INSUFFICIENT_SCOPE,
        Verdict.Reason.ORGANIZATION_SUSPENDED);
    Verdict.Refused refused = (Verdict.Refused) verdict;
    assertThat(refused.keyId()).contains(issued.key().id());
    assertThat(refused.organization()).contains(ACME);
    assertThat(refused.missingScopes()).containsExactly(Scope.of("agents:read"));
    assertThatThrownBy(() -> refused.reasons().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void whatIsNoKeyIsNotFoundAndNamesNothing() {
    create();
    List<String> presented =
        new ArrayList<>(
            List.of(
                "",
                " ",
                "x".repeat(10_000_000),
                "ak_live_",
                "ak_live_" + "0".repeat(38),
                "Bearer " + text(create()),
                text(create()) + " ",
                " " + text(create()),
                text(create()).toUpperCase(java.util.Locale.ROOT),
                text(create()) + "\u0000",
                "\uD83D\uDE80",
                "\uD83D",
                "' OR 1=1 --",
                "key_unknown"));
    presented.add(null);

    for (String each : presented) {
      Verdict verdict = keys.verify(each, ScopeQuery.of("agents:read"));
      assertRefused(verdict, Verdict.Reason.NOT_FOUND);
      Verdict.Refused refused = (Verdict.Refused) verdict;
      assertThat(refused.keyId()).isEmpty();
      assertThat(refused.organization()).isEmpty();
      assertThat(refused.missingScopes()).isEmpty();
    }
  }

  @Test
  void oversizedAndBrokenKeysNeverReachTheStore() {
    String key = text(create());
    int before = storage.lookups();

    assertRefused(keys.verify(null, ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    assertRefused(keys.verify("", ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    assertRefused(keys.verify("x".repeat(513), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    assertRefused(keys.verify("x".repeat(10_000_000), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    for (int at = 8; at < key.length(); at++) {
      char other = BASE62.charAt((BASE62.indexOf(key.charAt(at)) + 1) % 62);
      String broken = key.substring(0, at) + other + key.substring(at + 1);
      assertRefused(keys.verify(broken, ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    }
    assertRefused(
        keys.verify("ak_test_" + key.substring(8), ScopeQuery.none()), Verdict.Reason.NOT_FOUND);

    assertThat(storage.lookups()).isEqualTo(before);
  }

  @Test
  void otherShapesAreAskedForInTheStore() {
    int before = storage.lookups();

    assertRefused(keys.verify("legacy-key-of-a-host", ScopeQuery.none()), Verdict.Reason.NOT_FOUND);

    assertThat(storage.lookups()).isEqualTo(before + 1);
  }

  @Test
  void keyExpiresExactlyAtItsInstant() {
    clock.tick(Duration.ofNanos(544_000)); // To whole milliseconds, which is what verify compares.
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofHours(1)));

    clock.tick(Duration.ofHours(1).minusMillis(1));
    assertValid(verify(issued));
    clock.tick(Duration.ofMillis(1));
    assertRefused(verify(issued), Verdict.Reason.EXPIRED);
  }

  @Test
  void cachedKeyExpiresToo() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofMillis(500)));
    assertValid(verify(issued));
    int before = storage.lookups();

    clock.tick(Duration.ofMillis(500));

    assertRefused(verify(issued), Verdict.Reason.EXPIRED);
    assertThat(storage.lookups()).isEqualTo(before);
  }

  @Test
  void clockSetBackRevivesNothing() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("x").lifetime(Duration.ofHours(1)));
    clock.tick(Duration.ofHours(2));
    assertRefused(verify(issued), Verdict.Reason.EXPIRED);

    clock.tick(Duration.ofHours(-2));
    assertRefused(verify(issued), Verdict.Reason.EXPIRED);
    clock.tick(Duration.ofHours(-2_000));
    assertRefused(verify(issued), Verdict.Reason.EXPIRED);
  }

  @Test
  void suspensionRefusesAtOnceAndEndsAtOnce() {
    IssuedApiKey ours = create();
    IssuedApiKey theirs = keys.create(globex, NewApiKey.live("theirs"));
    assertValid(verify(ours));
    assertValid(verify(theirs));

    plane.organizations().suspend(operator, ACME);
    assertRefused(verify(ours), Verdict.Reason.ORGANIZATION_SUSPENDED);
    assertValid(verify(theirs));

    plane.organizations().activate(operator, ACME);
    assertValid(verify(ours));
  }

  @Test
  void failureOfTheStoreIsThrownAndNeverValid() {
    String key = text(create());
    storage.failing(true);

    assertThatThrownBy(() -> keys.verify(key, ScopeQuery.none()))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE))
        .hasMessageNotContaining(key);

    storage.failing(false);
    assertValid(keys.verify(key, ScopeQuery.none()));
    clock.tick(Duration.ofSeconds(2));
    storage.failing(true);
    assertThatThrownBy(() -> keys.verify(key, ScopeQuery.none()))
        .isInstanceOf(StorageException.class);
  }

  /** Who is told "it is revoked" counts on it, whoever revoked it. */
  @Test
  void whatAnotherNodeHadChangedCountsHereOnceACallSaidSo() {
    ControlPlane other = newPlane();
    IssuedApiKey revoked = create();
    IssuedApiKey disabled = create();
    IssuedApiKey rotated = create();
    List.of(revoked, disabled, rotated).forEach(each -> assertValid(verify(each)));
    other.apiKeys().revoke(acme, revoked.key().id(), "leaked");
    other.apiKeys().disable(acme, disabled.key().id());
    other.apiKeys().rotate(acme, rotated.key().id(), Rotation.immediate());

    assertThat(keys.revoke(acme, revoked.key().id(), "again").revocation()).isPresent();
    assertRefused(verify(revoked), Verdict.Reason.REVOKED);
    assertThat(keys.disable(acme, disabled.key().id()).enabled()).isFalse();
    assertRefused(verify(disabled), Verdict.Reason.DISABLED);
    assertThatThrownBy(() -> keys.rotate(acme, rotated.key().id(), Rotation.immediate()))
        .isInstanceOf(ConflictException.class);
    assertRefused(verify(rotated), Verdict.Reason.REVOKED);
    other.close();
  }

  @Test
  void suspensionByAnotherNodeCountsHereOnceACallSaidSo() {
    ControlPlane other = newPlane();
    IssuedApiKey issued = create();
    assertValid(verify(issued));
    other.organizations().suspend(operator, ACME);

    plane.organizations().suspend(operator, ACME);
    assertRefused(verify(issued), Verdict.Reason.ORGANIZATION_SUSPENDED);
    other.close();
  }
}
