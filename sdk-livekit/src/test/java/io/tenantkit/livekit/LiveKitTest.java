package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.TokenVerification.Refused;
import io.tenantkit.livekit.TokenVerification.Valid;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.SecretRef;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Issuing and verifying through the vault: who may, with which key, and what the trail tells. */
final class LiveKitTest {
  private static final String URL = "wss://acme.livekit.cloud";
  private static final String SECRET = "0123456789abcdef0123456789CANARY";
  private static final Instant START = Instant.parse("2026-11-21T12:00:00.5Z");
  private static final ParticipantToken ADA = ParticipantToken.join("standup", "ada");
  private static final Set<Environment> TEST_ENVIRONMENTS =
      Set.of(Environment.DEVELOPMENT, Environment.STAGING);

  private final TickingClock clock = TickingClock.at(START);
  private final TestPlane plane = new TestPlane(clock, new InsecureFixedRandom(7));
  private final LiveKitTokenIssuer tokens = plane.livekit.tokens();

  @AfterEach
  void close() {
    plane.close();
  }

  @Test
  void an_issued_token_tells_where_and_until_when_it_is_good() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);

    try (IssuedToken token = tokens.issue(acme, ADA.ttl(Duration.ofMinutes(10)))) {
      assertThat(token.serverUrl().webSocket()).isEqualTo(URL);
      assertThat(token.room()).isEqualTo("standup");
      assertThat(token.identity()).isEqualTo("ada");
      assertThat(token.expiresAt()).isEqualTo(Instant.parse("2026-11-21T12:10:00Z"));

      TokenClaims claims = valid(acme, TestPlane.text(token));
      assertThat(claims.issuer()).isEqualTo("APIacme");
      assertThat(claims.id()).contains(token.id());
      assertThat(claims.issuedAt()).contains(Instant.parse("2026-11-21T12:00:00Z"));
      assertThat(claims.notBefore()).contains(Instant.parse("2026-11-21T12:00:00Z"));
      assertThat(claims.expiresAt()).isEqualTo(token.expiresAt());
      assertThat(claims.video()).isEqualTo(VideoGrants.joining("standup"));
    }
  }

  @Test
  void no_token_at_all_is_malformed() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);

    assertThat(tokens.verify(acme, null))
        .isEqualTo(new TokenVerification.Refused(Set.of(TokenVerification.Reason.MALFORMED)));
  }

  @Test
  void one_clock_and_one_randomness_give_one_token() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    String first = plane.jwt(acme, ADA);
    try (TestPlane again = new TestPlane(TickingClock.at(START), new InsecureFixedRandom(7))) {
      TenantContext twin = again.organization("acme", URL, "APIacme", SECRET);
      assertThat(again.jwt(twin, ADA)).isEqualTo(first);
      assertThat(again.jwt(twin, ADA)).isNotEqualTo(first);
    }
  }

  @Test
  void each_issue_leaves_one_event_with_what_was_issued_and_no_secret() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    String id;
    try (IssuedToken token = tokens.issue(acme, AgentToken.join("standup", "bridge-001"))) {
      id = token.id();
    }

    List<AuditEvent> events = plane.audit(acme, "livekit.token.issued");
    assertThat(events).hasSize(1);
    assertThat(events.get(0).actor()).isEqualTo(acme.actor());
    assertThat(events.get(0).details())
        .containsEntry("room", "standup")
        .containsEntry("identity", "bridge-001")
        .containsEntry("kind", "agent")
        .containsEntry("jti", id)
        .containsEntry("expires_at", "2026-11-21T13:00:00Z")
        .containsEntry("environment", "PRODUCTION");
    assertThat(plane.audit(acme).toString()).doesNotContain("CANARY").doesNotContain("eyJ");
  }

  @Test
  void what_is_refused_leaves_no_event() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    int before = plane.audit(acme).size();
    TenantContext joined = acme.joining(action -> {});
    String swelling = "\u0001".repeat(TokenRequest.MAX_METADATA_BYTES);

    assertThatThrownBy(() -> tokens.issue(acme.limitedTo(ScopeSet.none()), ADA))
        .isInstanceOf(AccessDeniedException.class);
    assertJoinedRefused(() -> tokens.issue(joined, ADA));
    assertThatThrownBy(() -> tokens.issue(acme, ADA.metadata(swelling)))
        .isInstanceOf(InvalidInputException.class);
    assertThat(tokens.verify(acme, "no token")).isEqualTo(new Refused(Set.of(Reason.MALFORMED)));

    assertThat(plane.audit(acme)).hasSize(before);
  }

  @Test
  void a_joined_transaction_is_refused_for_issue_and_verify() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext joined = acme.joining(action -> {});
    String jwt = plane.jwt(acme, ADA);

    assertJoinedRefused(() -> tokens.issue(joined, ADA));
    assertJoinedRefused(() -> tokens.verify(joined, jwt));
    assertJoinedRefused(() -> tokens.verify(joined, "no token"));
  }

  private static void assertJoinedRefused(Callable<?> call) {
    assertThatThrownBy(call::call)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"livekit:read", "livekit:connect", "secrets:*", "sessions:read"})
  void other_scopes_issue_nothing(String scope) {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    assertThatThrownBy(() -> tokens.issue(acme.limitedTo(ScopeSet.of(scope)), ADA))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:create-session");
  }

  @Test
  void the_one_scope_of_each_call_is_enough() {
    TenantContext acme = plane.organization("acme");
    TenantContext connects = acme.limitedTo(ScopeSet.of("livekit:connect"));
    TenantContext issues = acme.limitedTo(ScopeSet.of("livekit:create-session"));
    TenantContext reads = acme.limitedTo(ScopeSet.of("livekit:read"));

    plane.connect(connects, URL, "APIacme", SECRET);
    String jwt = plane.jwt(issues, ADA);
    assertThat(tokens.verify(reads, jwt)).isInstanceOf(Valid.class);

    assertThatThrownBy(() -> plane.connect(issues, URL, "APIacme", SECRET))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:connect");
    assertThatThrownBy(() -> tokens.verify(issues, jwt))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:read");
  }

  @Test
  void without_credentials_there_is_no_token() {
    TenantContext acme = plane.organization("acme");
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> tokens.issue(acme, ADA),
            () -> tokens.verify(acme, Tokens.sign(ADA.spec, "k", "s", START)))) {
      assertThatThrownBy(call::call)
          .isInstanceOf(NotFoundException.class)
          .hasMessage("livekit credentials not found");
    }
    TenantContext nobody = TenantContext.trusted(OrganizationId.of("nobody"), "test");
    assertThatThrownBy(() -> tokens.issue(nobody, ADA))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("organization not found");
  }

  @Test
  void a_secret_of_another_type_in_that_place_is_no_credentials() {
    TenantContext acme = plane.organization("acme");
    try (SecretValue value = SecretValue.of("x")) {
      plane.vault.put(
          acme,
          SecretRef.of("livekit", Environment.PRODUCTION, "server"),
          NewSecret.of(
              "other", Map.of("server_url", value, "api_key", value, "api_secret", value)));
    }
    assertThatThrownBy(() -> tokens.issue(acme, ADA))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("livekit credentials not found");
  }

  /** Put past connect, by somebody who may write secrets. */
  @Test
  void what_connect_would_refuse_is_no_credentials() {
    TenantContext acme = plane.organization("acme");
    for (String[] bad :
        new String[][] {
          {URL, "APIacme", ""},
          {URL, "APIacme", "x".repeat(1_025)},
          {URL, "", SECRET},
          {URL, "A".repeat(257), SECRET},
          {"ftp://x", "APIacme", SECRET},
          {"\u00ff", "APIacme", SECRET}
        }) {
      try (SecretValue url = SecretValue.copyOf(bad[0].getBytes(StandardCharsets.ISO_8859_1));
          SecretValue key = SecretValue.of(bad[1]);
          SecretValue secret = SecretValue.of(bad[2])) {
        plane.vault.put(
            acme,
            SecretRef.of("livekit", Environment.PRODUCTION, "server"),
            NewSecret.of(
                "livekit", Map.of("server_url", url, "api_key", key, "api_secret", secret)));
      }
      assertThatThrownBy(() -> tokens.issue(acme, ADA))
          .as(bad[0] + bad[1].length() + "," + bad[2].length())
          .isInstanceOf(NotFoundException.class)
          .hasMessage("livekit credentials not found");
    }
  }

  @Test
  void a_suspended_organization_gets_no_token_until_it_is_activated() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    plane.plane.organizations().suspend(TestPlane.OPERATOR, acme.organization());
    assertThatThrownBy(() -> tokens.issue(acme, ADA))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("suspended");
    assertThat(plane.audit(acme, "livekit.token.issued")).isEmpty();

    plane.plane.organizations().activate(TestPlane.OPERATOR, acme.organization());
    assertThat(plane.jwt(acme, ADA)).isNotEmpty();
  }

  @Test
  void a_test_context_never_reaches_productions_key() {
    TenantContext acme = plane.organization("acme", URL, "APIlive", SECRET);
    TenantContext test = acme.within(TEST_ENVIRONMENTS);
    String live = plane.jwt(acme, ADA);

    assertThatThrownBy(() -> tokens.issue(test, ADA)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> tokens.verify(test, live)).isInstanceOf(NotFoundException.class);

    LiveKitConnection connection = plane.connect(test, "ws://localhost:7880", "devkey", "secret");
    assertThat(connection.environment()).isEqualTo(Environment.DEVELOPMENT);
    assertThat(valid(test, plane.jwt(test, ADA)).issuer()).isEqualTo("devkey");
    assertThat(valid(acme, plane.jwt(acme, ADA)).issuer()).isEqualTo("APIlive");
    assertThat(tokens.verify(test, live)).isEqualTo(new Refused(Set.of(Reason.UNKNOWN_ISSUER)));
  }

  @Test
  void tenants_do_not_accept_each_others_tokens() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex", URL, "APIglobex", "the secret of globex");
    TenantContext initech = plane.organization("initech", URL, "APIacme", "another secret");
    String jwt = plane.jwt(acme, ADA);

    assertThat(tokens.verify(acme, jwt)).isInstanceOf(Valid.class);
    assertThat(tokens.verify(globex, jwt)).isEqualTo(new Refused(Set.of(Reason.UNKNOWN_ISSUER)));
    assertThat(tokens.verify(initech, jwt)).isEqualTo(new Refused(Set.of(Reason.BAD_SIGNATURE)));
    assertThat(plane.audit(globex, "livekit.token.issued")).isEmpty();
  }

  @Test
  void replaced_credentials_sign_at_once_and_the_old_ones_verify_no_more() {
    TenantContext acme = plane.organization("acme", URL, "APIold", SECRET);
    String old = plane.jwt(acme, ADA);

    LiveKitConnection replaced = plane.connect(acme, "https://own.example", "APInew", "new secret");

    assertThat(replaced.version()).isEqualTo(2);
    assertThat(replaced.apiKey()).isEqualTo("APInew");
    assertThat(valid(acme, plane.jwt(acme, ADA)).issuer()).isEqualTo("APInew");
    assertThat(tokens.verify(acme, old)).isEqualTo(new Refused(Set.of(Reason.UNKNOWN_ISSUER)));
    try (IssuedToken token = tokens.issue(acme, ADA)) {
      assertThat(token.serverUrl().webSocket()).isEqualTo("wss://own.example");
    }
  }

  @Test
  void a_token_ends_by_the_planes_clock() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    String jwt = plane.jwt(acme, ADA.ttl(Duration.ofSeconds(1)));
    clock.tick(Duration.ofSeconds(60));
    assertThat(tokens.verify(acme, jwt)).isInstanceOf(Valid.class);
    clock.tick(Duration.ofMillis(500));
    assertThat(tokens.verify(acme, jwt)).isEqualTo(new Refused(Set.of(Reason.EXPIRED)));
  }

  @Test
  void each_look_at_a_well_formed_token_leaves_an_event_that_says_nothing_of_it() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    String strangers = Tokens.sign(ParticipantToken.join("HOSTILE", "x").spec, "k", "s", START);
    assertThat(tokens.verify(acme, strangers)).isInstanceOf(Refused.class);

    List<AuditEvent> events = plane.audit(acme, "livekit.token.checked");
    assertThat(events).hasSize(1);
    assertThat(events.toString()).doesNotContain("HOSTILE");
  }

  @Test
  void an_issued_token_does_not_show_its_text() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    IssuedToken token = tokens.issue(acme, ADA);
    assertThat(token.toString()).contains("standup").doesNotContain("eyJ");
    assertThatThrownBy(() -> new JsonMapper().writeValueAsString(token))
        .hasMessageNotContaining("eyJ");
    token.close();
    assertThatThrownBy(() -> TestPlane.text(token)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void eight_threads_issue_for_two_tenants_at_once() throws Exception {
    int threads = 8;
    int each = 50;
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex", URL, "APIglobex", "globex secret");
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    Set<String> ids = new HashSet<>();
    try {
      List<Future<List<String>>> results = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        TenantContext tenant = t % 2 == 0 ? acme : globex;
        String identity = "thread-" + t;
        results.add(pool.submit(() -> issueMany(start, tenant, identity, each)));
      }
      for (Future<List<String>> result : results) {
        ids.addAll(result.get());
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      pool.shutdownNow();
    }
    assertThat(ids).hasSize(threads * each);
    assertThat(plane.audit(acme, "livekit.token.issued")).hasSize(threads / 2 * each);
    assertThat(plane.audit(globex, "livekit.token.issued")).hasSize(threads / 2 * each);
  }

  private List<String> issueMany(
      CyclicBarrier start, TenantContext tenant, String identity, int count) throws Exception {
    start.await();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TokenClaims claims =
          valid(tenant, plane.jwt(tenant, ParticipantToken.join("r" + i, identity)));
      assertThat(claims.identity()).contains(identity);
      assertThat(claims.video().room()).contains("r" + i);
      ids.add(claims.id().orElseThrow());
    }
    return ids;
  }

  private TokenClaims valid(TenantContext context, String jwt) {
    TokenVerification verification = tokens.verify(context, jwt);
    assertThat(verification).isInstanceOf(Valid.class);
    return ((Valid) verification).claims();
  }
}
