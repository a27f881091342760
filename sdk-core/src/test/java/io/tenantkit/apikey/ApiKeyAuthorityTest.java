package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What callers may do with keys, and what keys may be given. */
class ApiKeyAuthorityTest extends ApiKeyTestBase {

  @Test
  void everyOperationNeedsItsScope() {
    ApiKeyId id = create().key().id();
    TenantContext reader = acme.limitedTo(ScopeSet.of("api-keys:read", "livekit:*"));
    TenantContext writer = acme.limitedTo(ScopeSet.of("api-keys:write", "livekit:*"));

    for (Runnable call :
        List.<Runnable>of(
            () -> keys.create(reader, NewApiKey.live("x")),
            () -> keys.enable(reader, id),
            () -> keys.disable(reader, id),
            () -> keys.revoke(reader, id, "x"),
            () -> keys.rotate(reader, id, Rotation.immediate()))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("scope missing: api-keys:write");
    }
    for (Runnable call :
        List.<Runnable>of(
            () -> keys.get(writer, id), () -> keys.list(writer, PageRequest.first(1)))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("scope missing: api-keys:read");
    }
    assertThatThrownBy(() -> plane.audit().list(writer, PageRequest.first(1)))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("scope missing: audit:read");
    assertThat(actions(acme)).containsExactly("api_key.created");
    assertThat(keys.get(reader, id).enabled()).isTrue();
  }

  @Test
  void callerWithoutScopeLearnsNothingOfWhetherTheKeyExists() {
    ApiKeyId id = create().key().id();
    TenantContext none = acme.limitedTo(ScopeSet.none());

    for (ApiKeyId each : List.of(id, ApiKeyId.of("key_unknown"))) {
      assertThatThrownBy(() -> keys.get(none, each))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("scope missing: api-keys:read");
    }
  }

  @Test
  void keyNeverGetsAScopeThatItsCreatorDoesNotHold() {
    TenantContext limited = acme.limitedTo(ScopeSet.of("api-keys:*", "livekit:rooms:*"));

    for (String tooMuch :
        List.of("*", "livekit:*", "livekit:rooms", "livekit:roomsx:read", "flows:read")) {
      assertThatThrownBy(() -> keys.create(limited, NewApiKey.live("x").scopes(tooMuch)))
          .as(tooMuch)
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(
              () -> keys.create(limited, NewApiKey.live("x").scopes("api-keys:read", tooMuch)))
          .as(tooMuch)
          .isInstanceOf(AccessDeniedException.class);
    }
    assertThat(trail(acme)).isEmpty();
    IssuedApiKey fine =
        keys.create(limited, NewApiKey.live("x").scopes("livekit:rooms:*", "api-keys:read"));
    assertThat(fine.key().scopes()).isEqualTo(ScopeSet.of("api-keys:read", "livekit:rooms:*"));
  }

  @Test
  void keyMadeByAKeyHoldsNoMoreThanThatKeyHowOftenItIsRepeated() {
    IssuedApiKey parent = create("api-keys:write", "flows:*");
    TenantContext asParent = tenantOf(parent);
    IssuedApiKey child =
        keys.create(asParent, NewApiKey.live("child").scopes("api-keys:write", "flows:read"));
    TenantContext asChild = tenantOf(child);

    assertThatThrownBy(() -> keys.create(asChild, NewApiKey.live("x").scopes("flows:execute")))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> keys.create(asParent, NewApiKey.live("x").scopes("*")))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> keys.rotate(asChild, parent.key().id(), Rotation.immediate()))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(child.key().createdBy()).isEqualTo(parent.key().id().value());
    assertThat(trail(acme).get(1).actor().id()).isEqualTo(parent.key().id().value());
  }

  @Test
  void testKeyNeitherMakesNorRotatesALiveKey() {
    IssuedApiKey test = keys.create(acme, NewApiKey.test("test").scopes("*"));
    IssuedApiKey live = create("flows:read");
    TenantContext asTest = tenantOf(test);

    assertThatThrownBy(() -> keys.create(asTest, NewApiKey.live("x")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("environment out of reach: PRODUCTION");
    assertThatThrownBy(() -> keys.rotate(asTest, live.key().id(), Rotation.immediate()))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("environment out of reach: PRODUCTION");
    assertValid(verify(live));
    assertThat(keys.create(asTest, NewApiKey.test("fine")).key().mode()).isEqualTo(KeyMode.TEST);
  }

  @Test
  void testKeyNeitherSwitchesNorRevokesALiveKey() {
    TenantContext asTest = tenantOf(keys.create(acme, NewApiKey.test("test").scopes("*")));
    ApiKeyId live = create("flows:read").key().id();
    keys.disable(acme, live);

    for (Runnable call :
        List.<Runnable>of(
            () -> keys.enable(asTest, live),
            () -> keys.disable(asTest, live),
            () -> keys.revoke(asTest, live, "x"))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(AccessDeniedException.class)
          .hasMessage("environment out of reach: PRODUCTION");
    }
    assertThat(keys.get(acme, live).version()).isEqualTo(2);
    ApiKeyId other = keys.create(acme, NewApiKey.test("other")).key().id();
    assertThat(keys.revoke(asTest, other, "leaked").revocation()).isPresent();
  }

  /** To switch on a key whose text one has is to be granted its scopes. */
  @Test
  void keyIsNotSwitchedOnByOneThatHoldsLess() {
    ApiKeyId strong = create("*").key().id();
    TenantContext writer = tenantOf(create("api-keys:write"));

    assertThat(keys.disable(writer, strong).enabled()).isFalse();
    assertThatThrownBy(() -> keys.enable(writer, strong)).isInstanceOf(AccessDeniedException.class);
    assertThat(keys.get(acme, strong).enabled()).isFalse();
    assertThat(keys.enable(acme, strong).enabled()).isTrue();
  }

  @Test
  void liveKeyDoesNotMakeATestKey() {
    TenantContext asLive = tenantOf(create("*"));

    assertThatThrownBy(() -> keys.create(asLive, NewApiKey.test("x")))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(
            () -> keys.create(acme.within(Set.of(Environment.STAGING)), NewApiKey.test("x")))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void verifiedContextIsThatOfTheKey() {
    IssuedApiKey live = create("flows:*");
    IssuedApiKey test = keys.create(acme, NewApiKey.test("test").scopes("flows:read"));

    TenantContext asLive = tenantOf(live);
    assertThat(asLive.organization()).isEqualTo(ACME);
    assertThat(asLive.actor().id()).isEqualTo(live.key().id().value());
    assertThat(asLive.scopes()).isEqualTo(ScopeSet.of("flows:*"));
    assertThat(asLive.environments()).containsExactly(Environment.PRODUCTION);
    assertThat(asLive.transaction()).isEmpty();
    assertThat(tenantOf(test).environments())
        .containsExactlyInAnyOrder(Environment.DEVELOPMENT, Environment.STAGING);
    assertThat(tenantOf(create()).scopes().covers(Scope.of("flows:read"))).isFalse();
    assertThat(tenantOf(create("*")).scopes().covers(Scopes.API_KEYS_WRITE)).isTrue();
  }

  private TenantContext tenantOf(IssuedApiKey issued) {
    return ((Verdict.Valid) verify(issued)).tenant();
  }
}
