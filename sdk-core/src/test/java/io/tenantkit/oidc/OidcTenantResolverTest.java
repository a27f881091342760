package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.oidc.OidcResult.Accepted;
import io.tenantkit.oidc.OidcResult.Reason;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Role;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Scopes;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OidcTenantResolverTest extends OidcTestBase {

  @Test
  void aGoodTokenIsItsTenantsContext() {
    Accepted login = accepted(resolver().resolve(token()));

    assertThat(login.tenant().organization()).isEqualTo(ACME);
    assertThat(login.tenant().actor()).isEqualTo(new Actor(Actor.Kind.USER, issuer + "#user-1"));
    assertThat(login.tenant().scopes()).isEqualTo(ScopeSet.all());
    assertThat(login.tenant().environments()).containsExactlyInAnyOrder(Environment.values());
    assertThat(login.subject()).isEqualTo("user-1");
    assertThat(login.issuer()).isEqualTo(issuer);
    assertThat(login.roles()).containsExactly(Role.ADMIN);
    assertThat(login.expiresAt()).isEqualTo(START.plusSeconds(600));
  }

  @Test
  void aRefusalHoldsNothingOfTheToken() {
    String text = resolver().resolve(tokenWith("sub", quoted("CANARY\\u0000"))).toString();

    assertThat(text).isEqualTo("Refused[reason=CLAIMS_INVALID]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "...",
        "a.b",
        "e30.e30.e30",
        "e30.e30.",
        ".e30.e30",
        "e30..e30",
        "Bearer x"
      })
  void whatIsNoTokenIsMalformed(String text) {
    assertRefused(resolver().resolve(text), Reason.MALFORMED);
    assertRefused(resolver().resolve(null), Reason.MALFORMED);
  }

  @Test
  void ofAllSpellingsOfATokenOneIsAccepted() {
    OidcTenantResolver resolver = resolver();
    String token = token();
    char last = token.charAt(token.length() - 1);
    // 64 bytes leave four unused bits in the last character.
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char twin = alphabet.charAt(alphabet.indexOf(last) | 1);

    accepted(resolver.resolve(token));
    for (String other :
        new String[] {
          token + "=",
          token + "==",
          token + "\n",
          token + " ",
          " " + token,
          token + ".",
          token + "!",
          token.replace(".", "=."),
          token.replace(".", "\n."),
          token + "\u0130",
          token.substring(0, token.length() - 1) + twin,
          token.replace('-', '+') + "+"
        }) {
      assertRefused(resolver.resolve(other), Reason.MALFORMED);
    }
  }

  @Test
  void aTokenBeyondTheLimitIsNotLookedAt() {
    assertRefused(
        resolver().resolve(tokenWith("pad", quoted("x".repeat(16 * 1024)))), Reason.MALFORMED);
    assertRefused(resolver().resolve("x".repeat(5_000_000)), Reason.MALFORMED);
    assertThat(server.paths()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"crit\":[\"exp\"]",
        "\"crit\":[]",
        "\"b64\":false",
        "\"b64\":true",
        "\"zip\":\"DEF\"",
        "\"jwk\":{}",
        "\"jku\":\"https://evil.example\"",
        "\"x5u\":\"https://evil.example\"",
        "\"x5c\":[]",
        "\"enc\":\"A256GCM\"",
        "\"kid\":\"k1\"",
        "\"alg\":\"ES256\"",
        "\"typ\":null",
        "\"x\":{\"y\":1,\"y\":2}",
        "\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"
      })
  void aHeaderThatChangesTheReadingIsRefused(String member) {
    String header = signer.header("k1");
    String changed = header.substring(0, header.length() - 1) + "," + member + "}";

    assertRefused(resolver().resolve(signer.token(changed, json(claims()))), Reason.MALFORMED);
    assertThat(server.paths()).isEmpty();
  }

  @Test
  void aNameStandsOnceAmongTheClaims() {
    String payload = json(claims());
    String twice = payload.substring(0, payload.length() - 1) + ",\"exp\":99999999999}";
    String deep = payload.substring(0, payload.length() - 1) + ",\"x\":{\"a\":1,\"a\":1}}";
    String nested =
        payload.substring(0, payload.length() - 1)
            + ",\"x\":"
            + "[".repeat(50)
            + "]".repeat(50)
            + "}";

    for (String refused : new String[] {twice, deep, nested, payload + " {}", "[]", "5", "\"x\""}) {
      assertRefused(
          resolver().resolve(signer.token(signer.header("k1"), refused)), Reason.MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "HS256", "RS256", "ES512", "es256", "ES256K"})
  void anAlgorithmThatTheHostDidNotAllowIsRefused(String algorithm) {
    OidcTenantResolver resolver = resolver(terms -> terms.algorithms(SigningAlgorithm.ES256));
    String header = "{\"alg\":\"" + algorithm + "\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}";

    assertRefused(resolver.resolve(signer.token(header, json(claims()))), Reason.ALGORITHM_REFUSED);
    assertThat(server.paths()).isEmpty();
  }

  @Test
  void anAlgorithmThatTheKeyIsNotForIsRefused() {
    String header = "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}";

    assertRefused(resolver().resolve(signer.token(header, json(claims()))), Reason.UNKNOWN_KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "at+jwt, true",
    "AT+JWT, true",
    "application/at+jwt, true",
    "JWT, false",
    "jwt, false",
    "application/jwt, false",
    "'', false",
    "logout+jwt, false"
  })
  void theTypeIsPinned(String type, boolean good) {
    String header = "{\"alg\":\"ES256\",\"typ\":\"" + type + "\",\"kid\":\"k1\"}";
    OidcResult result = resolver().resolve(signer.token(header, json(claims())));

    assertThat(result instanceof Accepted).isEqualTo(good);
    assertRefused(
        resolver().resolve(signer.token("{\"alg\":\"ES256\",\"kid\":\"k1\"}", json(claims()))),
        Reason.WRONG_TYPE);
  }

  @Test
  void anotherTypeIsTheHostsToAllow() {
    String header = "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k1\"}";

    accepted(resolver(terms -> terms.types("JWT")).resolve(signer.token(header, json(claims()))));
  }

  @Test
  void aSignatureOfAnotherKeyOrOverAnotherTextIsRefused() {
    TestSigner forger = TestSigner.es256("k1");
    String token = token();
    String other = tokenWith("sub", quoted("user-2"));
    String mixed =
        token.substring(0, token.indexOf('.'))
            + other.substring(other.indexOf('.'), other.lastIndexOf('.'))
            + token.substring(token.lastIndexOf('.'));

    assertRefused(
        resolver().resolve(forger.token(forger.header("k1"), json(claims()))),
        Reason.BAD_SIGNATURE);
    assertRefused(resolver().resolve(mixed), Reason.BAD_SIGNATURE);
    // CVE-2022-21449: r and s are zero.
    assertRefused(
        resolver()
            .resolve(
                token.substring(0, token.lastIndexOf('.') + 1)
                    + java.util.Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(new byte[64])),
        Reason.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "exp | -",
        "exp | null",
        "exp | \"99999999999\"",
        "exp | 1e999",
        "exp | -1",
        "exp | 9999999999999999",
        "exp | true",
        "exp | {}",
        "nbf | null",
        "nbf | \"1\"",
        "iat | null",
        "iat | \"1\"",
        "iat | []",
        "sub | -",
        "sub | null",
        "sub | \"\"",
        "sub | 1",
        "sub | [\"user-1\"]",
        "aud | -",
        "aud | null",
        "aud | 1",
        "aud | {}",
        "aud | [1]",
        "organization_id | 1",
        "organization_id | null",
        "organization_id | {}",
        "roles | 1",
        "roles | null",
        "roles | {\"Owner\":true}",
        "roles | [1]",
        "scope | 1"
      })
  void aClaimThatIsMissingOrOfTheWrongTypeIsRefused(String claim, String value) {
    assertRefused(resolver().resolve(tokenWith(claim, value)), Reason.CLAIMS_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"a\\nb\"", "\"a\\u0000b\"", "\"\\ud800\""})
  void aSubjectThatNoAuditTrailCouldHoldIsRefused(String subject) {
    assertRefused(resolver().resolve(tokenWith("sub", subject)), Reason.CLAIMS_INVALID);
  }

  @Test
  void aSubjectIsTooLongWhenItDoesNotFitAnActor() {
    assertRefused(
        resolver().resolve(tokenWith("sub", quoted("x".repeat(255)))), Reason.CLAIMS_INVALID);
    accepted(resolver().resolve(tokenWith("sub", quoted("x".repeat(127)))));
  }

  @Test
  void timeCountsWithLeewayAndNoMore() {
    OidcTenantResolver resolver = resolver();
    long now = START.getEpochSecond();

    accepted(resolver.resolve(tokenWith("exp", Long.toString(now - 59))));
    assertRefused(resolver.resolve(tokenWith("exp", Long.toString(now - 60))), Reason.EXPIRED);
    assertRefused(resolver.resolve(tokenWith("exp", "0")), Reason.EXPIRED);
    accepted(resolver.resolve(tokenWith("exp", (now + 5) + ".75")));
    accepted(resolver.resolve(tokenWith("nbf", Long.toString(now + 60))));
    assertRefused(
        resolver.resolve(tokenWith("nbf", Long.toString(now + 61))), Reason.NOT_YET_VALID);
    accepted(resolver.resolve(tokenWith("iat", Long.toString(now + 60))));
    assertRefused(
        resolver.resolve(tokenWith("iat", Long.toString(now + 31_536_000))), Reason.NOT_YET_VALID);
    accepted(resolver.resolve(tokenWith("iat", null)));
  }

  @Test
  void aTokenEndsWhileItIsUsed() {
    OidcTenantResolver resolver = resolver(terms -> terms.leeway(Duration.ZERO));
    String token = token();
    accepted(resolver.resolve(token));

    clock.tick(Duration.ofMinutes(10));

    assertRefused(resolver.resolve(token), Reason.EXPIRED);
  }

  @Test
  void theAudienceIsOneOfTheHosts() {
    assertRefused(resolver().resolve(tokenWith("aud", quoted(API + "/"))), Reason.WRONG_AUDIENCE);
    assertRefused(resolver().resolve(tokenWith("aud", "[]")), Reason.WRONG_AUDIENCE);
    assertRefused(
        resolver().resolve(tokenWith("aud", quoted("urn:logto:organization:"))),
        Reason.WRONG_AUDIENCE);
    accepted(resolver().resolve(tokenWith("aud", "[\"other\",\"" + API + "\"]")));
  }

  @Test
  void anIssuerIsKnownByItsVerySpelling() {
    assertRefused(
        resolver().resolve(tokenWith("iss", quoted(issuer + "/"))), Reason.UNKNOWN_ISSUER);
    assertRefused(
        resolver().resolve(tokenWith("iss", quoted("https://evil.example"))),
        Reason.UNKNOWN_ISSUER);
    assertRefused(resolver().resolve(tokenWith("iss", null)), Reason.CLAIMS_INVALID);
    assertThat(server.paths()).isEmpty();
  }

  @Test
  void anIssuerDoesNotSpeakForAnother() {
    String other = server.url() + "/other";
    plane.externalOrganizations().register(operator, GLOBEX, other, EXTERNAL);
    TestSigner otherSigner = TestSigner.es256("k1");
    OidcTenantResolver resolver =
        OidcTenantResolver.builder(plane)
            .issuer(OidcIssuer.builder(issuer).audience(API).role("Owner", Role.ADMIN).build())
            .issuer(
                OidcIssuer.builder(other)
                    .jwksUri(java.net.URI.create(server.url() + "/other-jwks"))
                    .audience(API)
                    .role("Owner", Role.ADMIN)
                    .build())
            .insecureLoopbackHttp()
            .build();
    String forged = otherSigner.token(otherSigner.header("k1"), json(claims()));

    assertRefused(resolver.resolve(forged), Reason.BAD_SIGNATURE);
  }

  // Logto's tokens, and others' by mapping.

  @Test
  void logtosOrganizationTokenIsAccepted() {
    Map<String, String> claims = claims();
    claims.put("aud", quoted("urn:logto:organization:" + EXTERNAL));
    claims.remove("organization_id");
    claims.put("scope", quoted("read:flows livekit:create-session"));

    assertThat(accepted(resolver().resolve(token(claims))).tenant().organization()).isEqualTo(ACME);
  }

  @Test
  void anAudienceAndAClaimThatDisagreeAreTwoOrganizations() {
    plane.externalOrganizations().register(operator, GLOBEX, issuer, "org-g");
    Map<String, String> claims = claims();
    claims.put("aud", quoted("urn:logto:organization:org-g"));

    assertRefused(resolver().resolve(token(claims)), Reason.ORGANIZATION_AMBIGUOUS);
  }

  @Test
  void ofSeveralOrganizationsTheCallerNamesOneThatTheTokenHas() {
    plane.externalOrganizations().register(operator, GLOBEX, issuer, "org-g");
    Map<String, String> claims = claims();
    claims.put("organization_id", "[\"org-a\",\"org-g\"]");
    claims.put("organization_roles", "[\"org-a:Owner\",\"org-g:Owner\",\"org-x:Owner\"]");
    String token = token(claims);

    assertRefused(resolver().resolve(token), Reason.ORGANIZATION_AMBIGUOUS);
    assertThat(accepted(resolver().resolve(token, "org-g")).tenant().organization())
        .isEqualTo(GLOBEX);
    assertThat(accepted(resolver().resolve(token, "org-a")).tenant().organization())
        .isEqualTo(ACME);
    assertRefused(resolver().resolve(token, "org-x"), Reason.ORGANIZATION_UNKNOWN);
    assertRefused(resolver().resolve(token(), "org-g"), Reason.ORGANIZATION_UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"org-x\"", "\"\"", "[]", "\"ORG-A\"", "\"org-a \"", "\"\\u0000\""})
  void anOrganizationThatIsNotRegisteredIsUnknown(String value) {
    assertRefused(
        resolver().resolve(tokenWith("organization_id", value)), Reason.ORGANIZATION_UNKNOWN);
  }

  @Test
  void aRoleOfAnotherOrganizationDoesNotCount() {
    Map<String, String> claims = claims();
    claims.remove("roles");
    claims.put("organization_roles", "[\"org-g:Owner\",\"org-a:Guest\",\"org-ax:Owner\"]");

    assertThat(accepted(resolver().resolve(token(claims))).roles()).containsExactly(Role.VIEWER);
  }

  @Test
  void aRoleOfTheUserEverywhereDoesNotCountBesideRolesByOrganization() {
    Map<String, String> claims = claims();
    claims.put("roles", "[\"Owner\"]");
    claims.put("organization_roles", "[\"org-g:Guest\"]");
    assertRefused(resolver().resolve(token(claims)), Reason.NO_ROLE);

    claims.put("organization_roles", "[]");
    assertRefused(resolver().resolve(token(claims)), Reason.NO_ROLE);

    claims.put("organization_roles", "[\"org-g:Owner\",\"org-a:Guest\"]");
    assertThat(accepted(resolver().resolve(token(claims))).roles()).containsExactly(Role.VIEWER);
  }

  @Test
  void aPlainRoleDoesNotCountInATokenOfSeveralOrganizations() {
    Map<String, String> claims = claims();
    claims.put("organization_id", "[\"org-a\",\"org-g\"]");
    assertRefused(resolver().resolve(token(claims), EXTERNAL), Reason.NO_ROLE);

    claims.put("organization_id", "[\"org-a\",\"org-a\"]");
    assertThat(accepted(resolver().resolve(token(claims), EXTERNAL)).roles())
        .containsExactly(Role.ADMIN);
  }

  @Test
  void aTokenWithoutAKnownRoleIsRefusedUnlessTheHostSaysOtherwise() {
    for (String roles : new String[] {"[]", "[\"owner\"]", "\"ADMIN\"", null}) {
      assertRefused(resolver().resolve(tokenWith("roles", roles)), Reason.NO_ROLE);
    }
    Accepted login =
        accepted(
            resolver(terms -> terms.defaultRole(Role.VIEWER)).resolve(tokenWith("roles", "[]")));
    assertThat(login.tenant().scopes()).isEqualTo(Role.VIEWER.scopes());
  }

  @Test
  void rolesAddUp() {
    Accepted login = accepted(resolver().resolve(tokenWith("roles", "[\"Guest\",\"Member\"]")));

    assertThat(login.roles()).containsExactly(Role.USER, Role.VIEWER);
    assertThat(login.tenant().scopes().coversAll(Role.USER.scopes())).isTrue();
    assertThat(login.tenant().scopes().covers(Scopes.API_KEYS_WRITE)).isFalse();
  }

  @Test
  void whereScopesCountATokenMayDoWhatBothRolesAndScopesAllow() {
    Map<String, String> claims = claims();
    claims.put("roles", quoted("Guest"));
    claims.put("scope", quoted("read:flows livekit:create-session openid  FLOWS:READ https://x"));
    OidcTenantResolver mapped = resolver(terms -> terms.scope("read:flows", Scopes.FLOWS_READ));
    OidcTenantResolver byName = resolver(OidcIssuer.Builder::scopesByName);

    assertThat(accepted(mapped.resolve(token(claims))).tenant().scopes())
        .isEqualTo(ScopeSet.of("flows:read"));
    assertThat(accepted(byName.resolve(token(claims))).tenant().scopes())
        .isEqualTo(ScopeSet.none());
    claims.put("scope", quoted("flows:*"));
    assertThat(accepted(byName.resolve(token(claims))).tenant().scopes())
        .isEqualTo(ScopeSet.of("flows:read"));
    claims.remove("scope");
    assertThat(accepted(byName.resolve(token(claims))).tenant().scopes())
        .isEqualTo(ScopeSet.none());
  }

  @Test
  void claimsOfAnotherIssuerAreMappedByTheirPaths() {
    OidcTenantResolver resolver =
        resolver(
            terms ->
                terms
                    .environments(Environment.DEVELOPMENT)
                    .claims(
                        ClaimMapping.builder()
                            .organization("https://example.com/org", "id")
                            .roles("realm_access", "roles")
                            .scopes("scp")
                            .build())
                    .scope("w", Scope.of("flows:*")));
    Map<String, String> claims = claims();
    claims.put("https://example.com/org", "{\"id\":\"org-a\"}");
    claims.put("realm_access", "{\"roles\":[\"offline\",\"Member\"]}");
    claims.put("scp", "[\"w\",\"x\"]");
    claims.put("organization_id", quoted("org-x"));

    Accepted login = accepted(resolver.resolve(token(claims)));

    assertThat(login.tenant().organization()).isEqualTo(ACME);
    assertThat(login.roles()).containsExactly(Role.USER);
    assertThat(login.tenant().scopes()).isEqualTo(ScopeSet.of("flows:*"));
    assertThat(login.tenant().environments()).containsExactly(Environment.DEVELOPMENT);
  }

  // The tenant's side.

  @Test
  void aSuspendedOrganizationIsRefusedAtOnceHereAndWithinTheBoundElsewhere() {
    OidcTenantResolver here = resolver();
    try (ControlPlane otherNode = newPlane()) {
      OidcTenantResolver elsewhere = resolver(otherNode, terms -> terms);
      accepted(here.resolve(token()));
      accepted(elsewhere.resolve(token()));

      plane.organizations().suspend(operator, ACME);

      assertRefused(here.resolve(token()), Reason.ORGANIZATION_SUSPENDED);
      clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
      assertRefused(elsewhere.resolve(token()), Reason.ORGANIZATION_SUSPENDED);
      plane.organizations().activate(operator, ACME);
      accepted(here.resolve(token()));
    }
  }

  @Test
  void anUnregisteredPairIsRefusedAtOnceHereAndWithinTheBoundElsewhere() {
    OidcTenantResolver here = resolver();
    try (ControlPlane otherNode = newPlane()) {
      OidcTenantResolver elsewhere = resolver(otherNode, terms -> terms);
      accepted(here.resolve(token()));
      accepted(elsewhere.resolve(token()));

      plane.externalOrganizations().unregister(operator, ACME, issuer, EXTERNAL);

      assertRefused(here.resolve(token()), Reason.ORGANIZATION_UNKNOWN);
      clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
      assertRefused(elsewhere.resolve(token()), Reason.ORGANIZATION_UNKNOWN);
      plane.externalOrganizations().register(operator, GLOBEX, issuer, EXTERNAL);
      assertThat(accepted(here.resolve(token())).tenant().organization()).isEqualTo(GLOBEX);
    }
  }

  @Test
  void nothingIsAnsweredAfterTheControlPlaneIsClosed() {
    OidcTenantResolver resolver = resolver();
    plane.close();

    assertThatThrownBy(() -> resolver.resolve(token()))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void termsAreHeldToTheirBounds() {
    for (String bad :
        new String[] {
          "",
          "login.example.com",
          "https://e.example/?x",
          "https://e.example/#x",
          "https://e x",
          "https://" + "e".repeat(120),
          "https://\u0130.example"
        }) {
      assertThatThrownBy(() -> OidcIssuer.builder(bad)).isInstanceOf(InvalidInputException.class);
    }
    assertThatThrownBy(
            () ->
                OidcIssuer.builder(issuer)
                    .claims(ClaimMapping.builder().organization("org").build())
                    .build())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("audience");
    assertThatThrownBy(() -> OidcIssuer.builder(issuer).leeway(Duration.ofMinutes(6)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> ClaimMapping.builder().roles("roles").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> OidcTenantResolver.builder(plane).build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> OidcTenantResolver.builder(plane).maxTokenLength(100_000))
        .isInstanceOf(InvalidInputException.class);
  }
}
