package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.FailingLedger;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.RateLimitedException;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.token.TokenLedger;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ledger of issued tokens, at once or in batches, and how many may be issued. */
class TokenIssueTest {
  private static final Operator OPERATOR = Operator.trusted("test", "issue");
  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

  private final TickingClock clock = TickingClock.at(START);
  private final InMemoryStorage memory = InMemoryStorage.create();
  private final FailingLedger storage = new FailingLedger(memory, InMemoryVaultStores.in(memory));
  private final ControlPlane plane =
      ControlPlane.builder(
              storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
          .clock(clock)
          .manualMaintenance()
          .build();
  private final SecretVault vault = SecretVault.of(plane);
  private final TenantContext acme = connected("acme");
  private final TenantContext globex = connected("globex");

  private TenantContext connected(String name) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue secret = SecretValue.of(name + " secret".repeat(8))) {
      LiveKit.of(vault)
          .connect(
              context, LiveKitCredentials.of("wss://" + name + ".example", "API" + name, secret));
    }
    return context;
  }

  private LiveKitTokenIssuer tokens(TokenPolicy.Builder policy) {
    return LiveKit.builder(vault)
        .tokenPolicies(TokenPolicies.always(policy.build()))
        .build()
        .tokens();
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  private static String issue(
      LiveKitTokenIssuer tokens, TenantContext context, String identity, String room) {
    try (IssuedToken token = tokens.issue(context, ParticipantToken.join(room, identity))) {
      return token.id();
    }
  }

  private static List<TokenRecord> issued(LiveKitTokenIssuer tokens, TenantContext context) {
    return tokens.issued(context, TokenQuery.all(), PageRequest.first(100)).items();
  }

  private List<AuditEvent> events(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .filter(event -> event.action().equals("livekit.token.issued"))
        .toList();
  }

  @Test
  void aTokensRowAndEventAreThereWhenItIs() {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder());
    String id = issue(tokens, acme, "ada", "hall");

    assertThat(issued(tokens, acme))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.id()).isEqualTo(id);
              assertThat(record.identity()).isEqualTo("ada");
              assertThat(record.room()).isEqualTo("hall");
              assertThat(record.kind()).isEqualTo("standard");
              assertThat(record.grants()).isEqualTo("roomJoin");
              assertThat(record.issuedAt()).isEqualTo(START);
              assertThat(record.expiresAt()).isEqualTo(START.plus(TokenRequest.DEFAULT_TTL));
              assertThat(record.actor()).isEqualTo(acme.actor());
            });
    assertThat(events(acme)).singleElement().extracting(AuditEvent::targetId).isEqualTo(id);
    assertThat(issued(tokens, globex)).isEmpty();
    assertThat(events(globex)).isEmpty();
  }

  @Test
  void theTrailTellsAllThatWasGranted() {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder());
    tokens.issue(acme, ParticipantToken.join("hall", "ada").roomAdmin().canPublish(false)).close();
    tokens.issue(acme, AgentToken.join("hall", "bridge").inference()).close();

    assertThat(issued(tokens, acme))
        .extracting(TokenRecord::grants)
        .containsExactly(
            "roomJoin roomAdmin",
            "roomJoin canPublish canSubscribe canPublishData canUpdateOwnMetadata"
                + " canSubscribeMetrics agent inference.perform");
    assertThat(events(acme).get(0).details()).containsEntry("grants", "roomJoin roomAdmin");
  }

  @Test
  void whatWaitsIsWrittenWithinTheIntervalAndIsThenTheSame() {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder().ledger(LedgerMode.BATCHED));
    plane.runDue(clock.instant());
    String id = issue(tokens, acme, "ada", "hall");
    assertThat(issued(tokens, acme)).isEmpty();
    assertThat(events(acme)).isEmpty();

    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    assertThat(issued(tokens, acme)).singleElement().extracting(TokenRecord::id).isEqualTo(id);
    assertThat(events(acme))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.details())
                    .containsEntry("room", "hall")
                    .containsEntry("identity", "ada")
                    .containsEntry("environment", "PRODUCTION")
                    .containsEntry("expires_at", "2026-11-21T13:00:00Z"));
  }

  @Test
  void whatIsNotWrittenForTooLongStopsTheIssue() {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder().ledger(LedgerMode.BATCHED));
    issue(tokens, acme, "ada", "hall");
    storage.fail(FailingLedger.Failure.BROKEN);
    clock.tick(Duration.ofSeconds(5));
    issue(tokens, acme, "bob", "hall");
    clock.tick(Duration.ofMillis(1));
    assertThatThrownBy(() -> issue(tokens, acme, "eve", "hall"))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
    issue(tokens, globex, "eve", "hall");

    storage.fail(FailingLedger.Failure.NONE);
    issue(tokens, acme, "ann", "hall");
    clock.tick(TokenLedger.FLUSH_EVERY);
    plane.runDue(clock.instant());
    assertThat(issued(tokens, acme))
        .extracting(TokenRecord::identity)
        .containsExactly("ada", "bob", "ann");
  }

  @Test
  void suspensionIsSeenAtOnceOrInBatchedModeWithinTheBound() {
    LiveKitTokenIssuer batched = tokens(TokenPolicy.builder().ledger(LedgerMode.BATCHED));
    LiveKitTokenIssuer durable = tokens(TokenPolicy.builder());
    issue(batched, acme, "ada", "hall");
    plane.organizations().suspend(OPERATOR, acme.organization());

    assertThatThrownBy(() -> issue(durable, acme, "ada", "hall"))
        .isInstanceOf(AccessDeniedException.class);
    clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
    assertThatThrownBy(() -> issue(batched, acme, "ada", "hall"))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void theListIsFilteredAndPaged() {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder());
    issue(tokens, acme, "ada", "hall");
    issue(tokens, acme, "bob", "hall");
    issue(tokens, acme, "ada", "attic");
    tokens.issue(acme, ParticipantToken.join("hall", "ada").ttl(Duration.ofSeconds(1))).close();
    clock.tick(Duration.ofSeconds(2));

    assertThat(tokens.count(acme, TokenQuery.all())).isEqualTo(4);
    assertThat(tokens.count(acme, TokenQuery.all().of("ada"))).isEqualTo(3);
    assertThat(tokens.count(acme, TokenQuery.all().of("ada").in("hall").live())).isOne();
    Page<TokenRecord> first = tokens.issued(acme, TokenQuery.all(), PageRequest.first(3));
    assertThat(first.items()).hasSize(3);
    assertThat(
            tokens
                .issued(
                    acme, TokenQuery.all(), PageRequest.first(3).after(first.next().orElseThrow()))
                .items())
        .hasSize(1);
  }

  @Test
  void anOrganizationGetsNoMoreThanItsLimitAndIsToldWhenAgain() {
    LiveKitTokenIssuer tokens =
        tokens(TokenPolicy.builder().issueLimits(RateLimit.of("minute", 2, Duration.ofMinutes(1))));
    issue(tokens, acme, "ada", "hall");
    issue(tokens, acme, "bob", "attic");

    assertThatThrownBy(() -> issue(tokens, acme, "eve", "hall"))
        .isInstanceOfSatisfying(
            RateLimitedException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(refused.retryAfter())
                  .isBetween(Duration.ofSeconds(29), Duration.ofSeconds(30));
              HttpAnswer answer = HttpAnswer.of(refused);
              assertThat(answer.status()).isEqualTo(429);
              assertThat(answer.headers()).containsEntry("Retry-After", "30");
            });
    assertThat(events(acme)).as("what is refused leaves no row").hasSize(2);
    assertThat(issue(tokens, globex, "eve", "hall")).isNotEmpty();
    clock.tick(Duration.ofSeconds(30));
    assertThat(issue(tokens, acme, "eve", "hall")).isNotEmpty();
  }

  @Test
  void eachIdentityInEachRoomHasALimitOfItsOwn() {
    LiveKitTokenIssuer tokens =
        tokens(
            TokenPolicy.builder()
                .subjectIssueLimits(RateLimit.of("minute", 1, Duration.ofMinutes(1)).shared()));
    issue(tokens, acme, "ada", "hall");
    issue(tokens, acme, "ada", "attic");
    issue(tokens, acme, "bob", "hall");
    issue(tokens, globex, "ada", "hall");
    assertThatThrownBy(() -> issue(tokens, acme, "ada", "hall"))
        .isInstanceOf(RateLimitedException.class)
        .hasMessage("rate limit reached: tokens of this identity in this room");
  }

  @Test
  void limitsThatAreSharedHoldOverAllNodes() {
    RateLimit limit = RateLimit.of("minute", 3, Duration.ofMinutes(1)).shared();
    LiveKitTokenIssuer one = tokens(TokenPolicy.builder().issueLimits(limit));
    LiveKitTokenIssuer other = tokens(TokenPolicy.builder().issueLimits(limit));
    issue(one, acme, "ada", "hall");
    issue(other, acme, "ada", "hall");
    issue(one, acme, "ada", "hall");
    assertThatThrownBy(() -> issue(other, acme, "ada", "hall"))
        .isInstanceOf(RateLimitedException.class);
  }

  /** Whatever a wish is refused for, it takes nothing of the limits. */
  @Test
  void whatThePolicyRefusesTakesNothing() {
    LiveKitTokenIssuer tokens =
        tokens(
            TokenPolicy.builder()
                .rooms((context, room) -> room.equals("hall"))
                .issueLimits(RateLimit.of("minute", 1, Duration.ofMinutes(1))));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> issue(tokens, acme, "ada", "attic"))
          .isInstanceOf(AccessDeniedException.class);
    }
    assertThat(issue(tokens, acme, "ada", "hall")).isNotEmpty();
  }

  @Test
  void aTokenInPlainFormIsReadAsAnyOther() throws Exception {
    LiveKitTokenIssuer tokens = tokens(TokenPolicy.builder());
    for (TokenRequest<?> request :
        List.<TokenRequest<?>>of(
            ParticipantToken.join("hall", "ada"),
            ParticipantToken.join("hall", "ada").name("Ada").metadata("m").canPublish(false),
            ParticipantToken.join("hällé", "ada \\ \" \n".trim().replace("\n", "")),
            AgentToken.join("hall", "bridge").agentName("x").inference(),
            ApiToken.of("report").grant(VideoPermission.ROOM_LIST))) {
      try (IssuedToken token = tokens.issue(acme, request)) {
        CompactJws jws = CompactJws.parse(token.jwt().string(SecretAccess.get()));
        assertThat(ClaimsReader.read(jws.payload()).verified("x", START))
            .isEqualTo(ClaimsReader.strict(jws.payload()).verified("x", START));
      }
    }
  }

  private String withoutSubject(String jti, String room) {
    long now = clock.instant().getEpochSecond();
    return Tokens.forge(
        Tokens.HEADER,
        """
        {"iss":"APIacme","sub":"","jti":"%s","nbf":%d,"exp":%d,"video":{"room":"%s","roomJoin":true}}"""
            .formatted(jti, now, now + 60, room),
        "acme" + " secret".repeat(8));
  }

  /** LiveKit's server takes the id for an identity that is empty, so a denial of either counts. */
  @Test
  void theIdStandsInForAnEmptyIdentityInDenialsToo() {
    LiveKit livekit = LiveKit.of(vault);
    LiveKitTokenIssuer tokens = livekit.tokens();
    String id = issue(tokens, acme, "bob", "hall");
    String asAda = withoutSubject("ada", "hall");
    String withBobsId = withoutSubject(id, "attic");
    for (String jwt : List.of(asAda, withBobsId)) {
      assertThat(tokens.verify(acme, jwt)).isInstanceOf(TokenVerification.Valid.class);
    }
    livekit.revocations().revoke(acme, "ada", "hall", "left");
    livekit.revocations().revoke(acme, id, "left");
    for (String jwt : List.of(asAda, withBobsId)) {
      assertThat(tokens.verify(acme, jwt))
          .isEqualTo(new TokenVerification.Refused(Set.of(TokenVerification.Reason.REVOKED)));
    }
    assertThat(tokens.verify(acme, withoutSubject("ada", "attic")))
        .as("another room")
        .isInstanceOf(TokenVerification.Valid.class);
  }
}
