package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.SettingsImportReport.Line;
import io.tenantkit.livekit.SettingsImportReport.Outcome;
import io.tenantkit.livekit.SharingReport.Group;
import io.tenantkit.livekit.SharingReport.Member;
import io.tenantkit.livekit.SharingReport.What;
import io.tenantkit.livekit.agent.AgentProcesses;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.spi.CredentialMarkStore.Kind;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarkStore.SharedMark;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each tenant's credentials are its own: on save, on issue, while they are replaced, on import. */
final class OwnCredentialsTest {
  private static final String URL = "wss://project.livekit.cloud";
  private static final String SECRET = "0123456789abcdef0123456789CANARY";
  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");
  private static final ParticipantToken ADA = ParticipantToken.join("standup", "ada");

  private final TickingClock clock = TickingClock.at(START);
  private final TestPlane plane = new TestPlane(clock);

  @AfterEach
  void close() {
    plane.close();
  }

  private static void assertTaken(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_TAKEN);
              assertThat(e.getMessage())
                  .doesNotContain("acme")
                  .doesNotContain("host")
                  .doesNotContain("CANARY");
            });
  }

  /** LiveKit of the same plane whose host has an account of its own. */
  private LiveKit withHost(String url, String key, String secret) {
    try (SecretValue value = SecretValue.of(secret)) {
      return LiveKit.builder(plane.vault)
          .hostAccount(LiveKitCredentials.of(url, key, value))
          .build();
    }
  }

  private static void connect(
      LiveKit livekit, TenantContext context, String url, String key, String secret) {
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(context, LiveKitCredentials.of(url, key, value));
    }
  }

  /** Past connect, by somebody who may write secrets. */
  private void put(TenantContext context, String url, String key, String secret) {
    try (SecretValue urlValue = SecretValue.of(url);
        SecretValue keyValue = SecretValue.of(key);
        SecretValue secretValue = SecretValue.of(secret)) {
      plane.vault.put(
          context,
          SecretRef.of("livekit", Environment.PRODUCTION, "server"),
          NewSecret.of(
              "livekit",
              Map.of("server_url", urlValue, "api_key", keyValue, "api_secret", secretValue)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "wss://project.livekit.cloud,APIacme",
    "https://PROJECT.LiveKit.cloud:443/,APIacme",
    "ws://project.livekit.cloud:80,APIacme",
    "http://project.livekit.cloud.,APIother",
    "wss://project.livekit.cloud,APIother",
    "wss://elsewhere.example,APIacme"
  })
  void what_another_tenant_has_is_refused_on_save_however_it_is_written(String url, String key) {
    plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex", URL, "APIglobex", "a secret of globex's");

    assertTaken(() -> plane.connect(globex, url, key, SECRET));

    LiveKitConnection kept = plane.livekit.connection(globex).orElseThrow();
    assertThat(kept.apiKey()).isEqualTo("APIglobex");
    assertThat(kept.version()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "wss://project.livekit.cloud,APIacme,another secret",
    "wss://project.livekit.cloud:7880,APIother,0123456789abcdef0123456789CANARY",
    "wss://elsewhere.example,APIacme,another secret"
  })
  void a_public_id_alone_locks_nobody_out(String url, String key, String secret) {
    plane.organization("squatter", url, key, secret);
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    assertThat(plane.jwt(acme, ADA)).isNotEmpty();
  }

  @Test
  void a_tenant_has_the_same_in_two_environments_and_stores_them_again() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext testing = acme.within(Set.of(Environment.STAGING));

    assertThat(plane.connect(testing, URL, "APIacme", SECRET).environment())
        .isEqualTo(Environment.STAGING);
    assertThat(plane.connect(acme, URL, "APIacme", SECRET).version()).isEqualTo(2);

    plane.livekit.disconnect(acme);
    TenantContext globex = plane.organization("globex");
    assertTaken(() -> plane.connect(globex, URL, "APIacme", SECRET));
    plane.livekit.disconnect(testing);
    plane.connect(globex, URL, "APIacme", SECRET);
  }

  @Test
  void what_the_other_tenant_replaced_or_lost_to_erasure_is_free_again() {
    TenantContext acme = plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex");
    plane.connect(acme, URL, "APInew", "a new secret");

    plane.connect(globex, URL, "APIacme", SECRET);
    assertTaken(() -> plane.connect(acme, URL, "APIacme", SECRET));
    VaultKeys.of(plane.vault).eraseOrganization(TestPlane.OPERATOR, globex.organization());

    plane.connect(acme, URL, "APIacme", SECRET);
  }

  @Test
  void put_past_connect_they_are_refused_on_use() {
    plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex");
    put(globex, URL, "APIacme", SECRET);

    assertTaken(() -> plane.livekit.tokens().issue(globex, ADA));
    assertTaken(
        () -> plane.livekit.tokens().verify(globex, Tokens.sign(ADA.spec, "k", "s", START)));
    assertTaken(() -> plane.livekit.connection(globex));
    assertTaken(() -> plane.livekit.check(globex));
    assertTaken(() -> LiveKitRooms.of(plane.livekit).list(globex));
    assertTaken(() -> AgentProcesses.of(plane.livekit).environment(globex, "an agent"));

    put(globex, "wss://globex.example", "APIglobex", "a secret of globex's");
    assertThat(plane.jwt(globex, ADA)).isNotEmpty();
    assertTaken(
        () ->
            plane.connect(
                plane.organization("initech"),
                "wss://globex.example",
                "APIglobex",
                "a secret of globex's"));
  }

  @ParameterizedTest
  @CsvSource({
    "wss://project.livekit.cloud,APIhost,0123456789abcdef0123456789CANARY",
    "HTTPS://project.livekit.CLOUD/,APIhost,0123456789abcdef0123456789CANARY",
    "wss://elsewhere.example,APIhost,0123456789abcdef0123456789CANARY",
    "wss://project.livekit.cloud,APIother,0123456789abcdef0123456789CANARY",
    "wss://project.livekit.cloud,APIhost,another secret"
  })
  void the_hosts_account_is_refused_on_save(String url, String key, String secret) {
    LiveKit livekit = withHost(URL, "APIhost", SECRET);
    TenantContext acme = plane.organization("acme");

    assertTaken(() -> connect(livekit, acme, url, key, secret));

    assertThat(livekit.connection(acme)).isEmpty();
    connect(livekit, acme, "wss://acme.example", "APIhost", "another secret");
  }

  @Test
  void a_host_account_that_is_declared_later_ends_tenants_that_have_it() {
    TenantContext acme = plane.organization("acme", URL, "APIhost", SECRET);
    plane.livekit.tokens().issue(acme, ADA).close();

    LiveKit livekit = withHost(URL, "APIhost", SECRET);

    assertTaken(() -> livekit.tokens().issue(acme, ADA));
    assertTaken(() -> LiveKitRooms.of(livekit).list(acme));
    assertTaken(() -> livekit.check(acme));
    assertTaken(() -> AgentProcesses.of(livekit).environment(acme, "an agent"));
  }

  @Test
  void the_hosts_own_tokens_are_apart_from_all_tenants() {
    LiveKit livekit = withHost(URL, "APIhost", SECRET);
    HostAccount host = livekit.accounts().host().orElseThrow();

    try (IssuedToken token =
        host.issue(
            TestPlane.OPERATOR,
            ApiToken.of("nightly").grant(VideoPermission.ROOM_LIST).ttl(Duration.ofMinutes(1)))) {
      String jwt = TestPlane.text(token);
      assertThat(payload(jwt)).contains("\"iss\":\"APIhost\"").contains("roomList");
      assertThat(token.serverUrl().value()).isEqualTo(URL);
      TenantContext acme = plane.organization("acme", "wss://acme.example", "APIacme", "a secret");
      assertThat(livekit.tokens().verify(acme, jwt))
          .isEqualTo(
              new TokenVerification.Refused(Set.of(TokenVerification.Reason.UNKNOWN_ISSUER)));
    }
    assertThat(plane.livekit.accounts().host()).isEmpty();
    assertThat(host.toString()).doesNotContain("CANARY");
  }

  @Test
  void a_replaced_key_verifies_to_the_end_of_its_overlap() {
    TenantContext acme = plane.organization("acme", URL, "APIcloud", SECRET);
    String before = plane.jwt(acme, ADA.ttl(Duration.ofHours(2)));
    try (SecretValue secret = SecretValue.of("the secret of their own server")) {
      plane.livekit.connect(
          acme, LiveKitCredentials.of("wss://own.example", "APIown", secret), Duration.ofHours(1));
    }

    LiveKitConnection connection = plane.livekit.connection(acme).orElseThrow();
    Instant until = START.plus(Duration.ofHours(1));
    assertThat(connection.apiKey()).isEqualTo("APIown");
    assertThat(connection.replaced())
        .containsExactly(new LiveKitConnection.Replaced("APIcloud", until));
    assertThat(issuer(acme, before)).contains("APIcloud");
    String after = plane.jwt(acme, ADA.ttl(Duration.ofHours(2)));
    byte[] input = Tokens.utf8("x.y");
    byte[] old = signed(SECRET, input);
    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIcloud", input, old)).isTrue();
    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIown", input, old)).isFalse();
    assertThat(plane.livekit.serverKeys().owners("APIcloud", null, 10)).hasSize(1);
    clock.tick(Duration.ofHours(1).minusMillis(1));
    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIcloud", input, old)).isTrue();
    assertThat(issuer(acme, before)).contains("APIcloud");
    TenantContext globex = plane.organization("globex");
    assertTaken(() -> plane.connect(globex, URL, "APIcloud", SECRET));

    clock.tick(Duration.ofMillis(1));

    assertThat(plane.livekit.tokens().verify(acme, before))
        .isEqualTo(new TokenVerification.Refused(Set.of(TokenVerification.Reason.UNKNOWN_ISSUER)));
    assertThat(issuer(acme, after)).contains("APIown");
    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIcloud", input, old)).isFalse();
    assertThat(plane.livekit.serverKeys().owners("APIcloud", null, 10)).isEmpty();
    assertThat(plane.livekit.connection(acme).orElseThrow().replaced()).isEmpty();
    plane.connect(globex, URL, "APIcloud", SECRET);
  }

  @Test
  void a_replacement_without_overlap_ends_all_that_were_before() {
    TenantContext acme = plane.organization("acme", URL, "APIone", SECRET);
    try (SecretValue secret = SecretValue.of("a second secret")) {
      plane.livekit.connect(
          acme, LiveKitCredentials.of(URL, "APItwo", secret), Duration.ofDays(30));
    }
    byte[] input = Tokens.utf8("x.y");
    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIone", input, signed(SECRET, input)))
        .isTrue();

    plane.connect(acme, URL, "APIthree", "a third secret");

    assertThat(plane.livekit.serverKeys().isSigned(acme, "APIone", input, signed(SECRET, input)))
        .isFalse();
    assertThat(plane.livekit.connection(acme).orElseThrow().replaced()).isEmpty();
  }

  /** The same public id, as when a server is given a new secret for its key. */
  @Test
  void an_old_and_a_new_secret_of_one_public_id_both_verify() {
    TenantContext acme = plane.organization("acme", URL, "APIone", SECRET);
    try (SecretValue secret = SecretValue.of("a second secret")) {
      plane.livekit.connect(
          acme, LiveKitCredentials.of(URL, "APIone", secret), Duration.ofMinutes(1));
    }
    byte[] input = Tokens.utf8("x.y");
    for (String secret : List.of(SECRET, "a second secret")) {
      assertThat(plane.livekit.serverKeys().isSigned(acme, "APIone", input, signed(secret, input)))
          .isTrue();
    }
  }

  @Test
  void an_overlap_has_bounds_and_calls_have_scopes() {
    TenantContext acme = plane.organization("acme");
    try (SecretValue secret = SecretValue.of(SECRET)) {
      LiveKitCredentials credentials = LiveKitCredentials.of(URL, "APIacme", secret);
      for (Duration wrong : List.of(Duration.ofMillis(-1), Duration.ofDays(30).plusNanos(1))) {
        assertThatThrownBy(() -> plane.livekit.connect(acme, credentials, wrong))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("overlap");
      }
    }
    TenantContext none = acme.limitedTo(ScopeSet.of("livekit:create-session"));
    assertThatThrownBy(() -> plane.livekit.disconnect(none))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> plane.livekit.check(none)).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> plane.livekit.connection(none))
        .isInstanceOf(AccessDeniedException.class);
    try (SecretValue json = SecretValue.of("{}")) {
      assertThatThrownBy(() -> plane.livekit.importSettings(none, json))
          .isInstanceOf(AccessDeniedException.class);
    }
    assertThatThrownBy(() -> plane.livekit.disconnect(acme)).isInstanceOf(NotFoundException.class);
    assertThat(plane.livekit.connection(acme)).isEmpty();
  }

  /** Whose key a token verifies with. */
  private Optional<String> issuer(TenantContext context, String jwt) {
    return plane.livekit.tokens().verify(context, jwt) instanceof TokenVerification.Valid valid
        ? Optional.of(valid.claims().issuer())
        : Optional.empty();
  }

  private static byte[] signed(String secret, byte[] input) {
    try (SigningKey key = SigningKey.takeOver(Tokens.utf8(secret))) {
      return key.sign(input, input.length);
    }
  }

  private static String payload(String jwt) {
    return new String(
        Base64.getUrlDecoder().decode(jwt.split("\\.", -1)[1]), StandardCharsets.UTF_8);
  }

  private static String settings(String url, String key, String secret) {
    return "{\"theme\":\"dark\",\"livekit\":{\"server_url\":\""
        + url
        + "\",\"api_key\":\""
        + key
        + "\",\"api_secret\":\""
        + secret
        + "\",\"region\":\"eu\"}}";
  }

  @Test
  void settings_of_the_seeds_form_are_imported() {
    TenantContext acme = plane.organization("acme");
    try (SecretValue json =
        SecretValue.of(
            settings("wss://client-specific.livekit.cloud", "APIClientSpecific123", SECRET))) {
      LiveKitConnection connection = plane.livekit.importSettings(acme, json);
      assertThat(connection.apiKey()).isEqualTo("APIClientSpecific123");
    }
    assertThat(plane.jwt(acme, ADA)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"livekit\":[]}",
        "{\"livekit\":{\"server_url\":\"wss://a.example\",\"api_key\":\"k\"}}",
        "{\"livekit\":{\"server_url\":\"wss://a.example\",\"api_key\":7,\"api_secret\":\"CANARY\"}}",
        "{\"livekit\":{\"server_url\":\"\",\"api_key\":\"k\",\"api_secret\":\"CANARY\"}}",
        "{\"livekit\":{\"server_url\":\"ftp://CANARY\",\"api_key\":\"k\",\"api_secret\":\"CANARY\"}}",
        "{\"livekit\":{\"server_url\":\"wss://a.example\",\"api_key\":\"k\",\"api_secret\":\"CANARY \"}}",
        "{\"livekit\":{\"api_key\":\"k\",\"api_key\":\"k\",\"api_secret\":\"CANARY\"}}",
        "{\"livekit\":{}} x"
      })
  void settings_that_are_no_credentials_are_refused_without_a_word_of_them(String text) {
    TenantContext acme = plane.organization("acme");
    try (SecretValue json = SecretValue.of(text)) {
      assertThatThrownBy(() -> plane.livekit.importSettings(acme, json))
          .isInstanceOf(InvalidInputException.class)
          .message()
          .doesNotContain("CANARY");
    }
    assertThat(plane.livekit.connection(acme)).isEmpty();
  }

  @Test
  void settings_that_are_too_long_are_refused() {
    TenantContext acme = plane.organization("acme");
    try (SecretValue json = SecretValue.of(" ".repeat(65_536) + "{}")) {
      assertThatThrownBy(() -> plane.livekit.importSettings(acme, json))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  /** What the seed found: every client had the credentials of the backend. */
  @Test
  void the_seeds_clients_with_the_backends_account_are_all_refused() {
    LiveKit livekit = withHost("wss://project.livekit.cloud", "APIbackend", SECRET);
    List<TenantSettings> batch = new ArrayList<>();
    for (String id : List.of("df91fd06-816f", "second", "third")) {
      batch.add(of(id, "wss://project.livekit.cloud", "APIbackend", SECRET));
    }

    SettingsImportReport report = livekit.accounts().importAll(TestPlane.OPERATOR, batch);

    assertThat(report.lines()).extracting(Line::outcome).containsOnly(Outcome.HOST_ACCOUNT);
    assertThat(report.isClean()).isFalse();
    SettingsImportReport unknowing = plane.livekit.accounts().importAll(TestPlane.OPERATOR, batch);
    assertThat(unknowing.lines()).extracting(Line::outcome).containsOnly(Outcome.SHARED_IN_BATCH);
    for (TenantSettings each : batch) {
      assertThat(plane.livekit.connection(TenantContext.trusted(each.organization(), "test")))
          .isEmpty();
    }
  }

  private TenantSettings of(String id, String url, String key, String secret) {
    plane.organization(id);
    return TenantSettings.of(OrganizationId.of(id), SecretValue.of(settings(url, key, secret)));
  }

  @Test
  void a_batch_tells_of_each_and_may_be_imported_again() {
    plane.organization("owner", "wss://o.example", "APIo", "the owner's secret");
    TenantContext newer = plane.organization("newer", "wss://n.example", "APIn", "a newer secret");
    List<TenantSettings> batch =
        List.of(
            of("good", "wss://good.example", "APIgood", "the good one's secret"),
            of("one-of-two", "wss://two.example", "APItwo", "the secret of two"),
            of("other-of-two", "wss://else.example", "APItwo", "the secret of two"),
            of("takes", "wss://o.example", "APIx", "the owner's secret"),
            of("broken", "wss://b.example", "", "CANARY"),
            TenantSettings.of(
                OrganizationId.of("newer"),
                SecretValue.of(settings("wss://old.example", "APIold", "an old secret"))),
            TenantSettings.of(
                OrganizationId.of("nobody"),
                SecretValue.of(settings("wss://x.example", "APIx", "nobody's secret"))));

    SettingsImportReport first = plane.livekit.accounts().importAll(TestPlane.OPERATOR, batch);

    assertThat(first.lines())
        .extracting(Line::outcome)
        .containsExactly(
            Outcome.STORED,
            Outcome.SHARED_IN_BATCH,
            Outcome.SHARED_IN_BATCH,
            Outcome.TAKEN,
            Outcome.REFUSED,
            Outcome.DIFFERS,
            Outcome.REFUSED);
    assertThat(first.lines().get(4).message()).contains("livekit.api_key");
    assertThat(first.toString()).doesNotContain("CANARY").doesNotContain("secret");
    assertThat(plane.livekit.connection(newer).orElseThrow().apiKey()).isEqualTo("APIn");

    SettingsImportReport again = plane.livekit.accounts().importAll(TestPlane.OPERATOR, batch);

    assertThat(again.lines().get(0).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(again.lines().subList(1, 7)).isEqualTo(first.lines().subList(1, 7));
    TenantContext good = TenantContext.trusted(OrganizationId.of("good"), "test");
    assertThat(plane.livekit.connection(good).orElseThrow().version()).isEqualTo(1);
    assertThatThrownBy(
            () ->
                plane
                    .livekit
                    .accounts()
                    .importAll(TestPlane.OPERATOR, List.of(batch.get(0), batch.get(0))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("batch");
  }

  @Test
  void the_operator_sees_who_shares_a_server_or_a_key() {
    assertThat(plane.livekit.accounts().sharing(TestPlane.OPERATOR))
        .isEqualTo(new SharingReport(List.of(), true));
    plane.organization("acme", "wss://shared.example", "APIone", "one secret");
    plane.organization("globex", "https://SHARED.example:443/", "APItwo", "two secrets");
    plane.organization("initech", "wss://other.example", "APIone", "three secrets");

    SharingReport report = plane.livekit.accounts().sharing(TestPlane.OPERATOR);

    assertThat(report.isComplete()).isTrue();
    assertThat(report.shared())
        .containsExactlyInAnyOrder(
            new Group(What.SERVER, List.of(member("acme"), member("globex"))),
            new Group(What.KEY, List.of(member("acme"), member("initech"))));
  }

  private static SharedMark row(Kind kind, String mark, String organization, Environment where) {
    return new SharedMark(kind, mark, new Owner(OrganizationId.of(organization), where));
  }

  @Test
  void of_a_group_that_is_cut_off_one_organization_alone_is_not_told() {
    List<SharedMark> rows =
        List.of(
            row(Kind.KEY, "a", "acme", Environment.PRODUCTION),
            row(Kind.KEY, "a", "globex", Environment.PRODUCTION),
            row(Kind.SERVER, "a", "acme", Environment.PRODUCTION),
            row(Kind.SERVER, "a", "acme", Environment.STAGING),
            row(Kind.SERVER, "a", "globex", Environment.PRODUCTION));
    Group key = new Group(What.KEY, List.of(member("acme"), member("globex")));

    assertThat(DefaultLiveKitAccounts.report(rows.subList(0, 4), false))
        .isEqualTo(new SharingReport(List.of(key), false));
    Group server =
        new Group(
            What.SERVER,
            List.of(
                member("acme"),
                new Member(OrganizationId.of("acme"), Environment.STAGING),
                member("globex")));
    assertThat(DefaultLiveKitAccounts.report(rows, false))
        .isEqualTo(new SharingReport(List.of(key, server), false));
  }

  private static Member member(String id) {
    return new Member(OrganizationId.of(id), Environment.PRODUCTION);
  }

  @Test
  void short_secrets_are_taken_with_a_warning_and_empty_ones_are_not() {
    LiveKit livekit = withHost("wss://host.example", "APIhost", "short");
    plane.organization("acme", "wss://a.example", "APIa", "x".repeat(31));
    TenantContext good = plane.organization("globex", "wss://b.example", "APIb", "y".repeat(32));

    assertThat(plane.livekit.accounts().readiness(TestPlane.OPERATOR))
        .extracting(ReadinessIssue::code)
        .containsExactly("livekit.secret-short");
    assertThat(livekit.accounts().readiness(TestPlane.OPERATOR))
        .extracting(ReadinessIssue::code)
        .containsExactly("livekit.host-secret-short", "livekit.secret-short");
    assertThat(livekit.accounts().readiness(TestPlane.OPERATOR).get(1).message())
        .contains("acme")
        .doesNotContain("globex");
    assertThat(plane.livekit.connection(good).orElseThrow().shortSecret()).isFalse();
    assertThatThrownBy(() -> plane.connect(good, URL, "APIx", ""))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void nothing_of_the_refusals_is_in_the_trail() {
    plane.organization("acme", URL, "APIacme", SECRET);
    TenantContext globex = plane.organization("globex");
    int before = plane.audit(globex).size();

    assertTaken(() -> plane.connect(globex, URL, "APIacme", SECRET));

    assertThat(plane.audit(globex)).hasSize(before);
  }
}
