package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What scopes and policies hold a token to. */
class TokenPolicyTest {
  private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
  private static final ParticipantToken ADA = ParticipantToken.join("standup", "ada");
  private static final AgentToken BRIDGE = AgentToken.join("standup", "bridge");
  private static final RoomAgent AGENT = RoomAgent.named("bridge");

  private final TestPlane plane = new TestPlane(TickingClock.at(START));
  private final TenantContext acme =
      plane.organization(
          "acme", "wss://acme.example", "APIacme", "a secret of 32 characters at least");

  @AfterEach
  void close() {
    plane.close();
  }

  private TokenClaims issue(TokenPolicy policy, TokenRequest<?> request) {
    return issue(TokenPolicies.always(policy), acme, request);
  }

  private TokenClaims issue(
      TokenPolicies policies, TenantContext context, TokenRequest<?> request) {
    LiveKit livekit = LiveKit.builder(plane.vault).tokenPolicies(policies).build();
    try (IssuedToken token = livekit.tokens().issue(context, request)) {
      TenantContext reader = TenantContext.trusted(context.organization(), "test");
      TokenVerification verified = livekit.tokens().verify(reader, TestPlane.text(token));
      TokenClaims claims = ((TokenVerification.Valid) verified).claims();
      assertThat(claims.expiresAt()).isEqualTo(token.expiresAt());
      return claims;
    }
  }

  /** All claims, as JSON: the room's configuration is not among those that are read. */
  private String payload(TokenPolicy policy, TokenRequest<?> request) {
    LiveKit livekit =
        LiveKit.builder(plane.vault).tokenPolicies(TokenPolicies.always(policy)).build();
    try (IssuedToken token = livekit.tokens().issue(acme, request)) {
      String[] parts = TestPlane.text(token).split("\\.", -1);
      return new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    }
  }

  private void refused(Consumer<TokenPolicy.Builder> policy, TokenRequest<?> request, String what) {
    TokenPolicy.Builder builder = TokenPolicy.builder();
    policy.accept(builder);
    int before = plane.audit(acme, "livekit.token.issued").size();

    assertThatThrownBy(() -> issue(builder.build(), request))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("the token policy does not allow this: " + what);
    assertThat(plane.audit(acme, "livekit.token.issued")).as("nothing was issued").hasSize(before);
  }

  static Stream<TokenRequest<?>> powers() {
    return Stream.of(
        ADA.roomAdmin(),
        ADA.hidden(),
        ADA.recorder(),
        ADA.canManageAgentSession(true),
        ADA.kind(ParticipantKind.SIP, "forwarded"),
        ADA.roomConfig(
            RoomConfig.builder().egress(RoomEgress.none().room("recordings/{room_name}")).build()),
        ApiToken.of("backend"),
        ApiToken.of("backend").grant(VideoPermission.ROOM_LIST),
        ApiToken.inRoom("standup", "backend").grant(VideoPermission.ROOM_ADMIN),
        ApiToken.of("backend").grant(ServiceGrant.SIP_CALL));
  }

  @ParameterizedTest
  @MethodSource("powers")
  void powerOverOthersNeedsAScopeOfItsOwn(TokenRequest<?> request) {
    TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:agent"));
    TenantContext admin = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:admin"));
    TokenPolicies standard = TokenPolicies.always(TokenPolicy.standard());

    assertThatThrownBy(() -> issue(standard, person, request))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:admin");
    assertThat(issue(standard, admin, request).identity()).isPresent();
  }

  @Test
  void anAgentsTokenNeedsAScopeOfItsOwn() {
    TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:admin"));
    TenantContext agents = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:agent"));
    TokenPolicies standard = TokenPolicies.always(TokenPolicy.standard());

    assertThatThrownBy(() -> issue(standard, person, BRIDGE))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:agent");
    assertThat(issue(standard, agents, BRIDGE.inference().observability()).grants())
        .containsExactly(ServiceGrant.INFERENCE_PERFORM, ServiceGrant.OBSERVABILITY_WRITE);
    assertThatThrownBy(() -> issue(standard, agents, BRIDGE.hidden()))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:admin");
  }

  @Test
  void aPlainJoinAndAgentsOfARoomNeedNoMore() {
    TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session"));
    TokenPolicies standard = TokenPolicies.always(TokenPolicy.standard());
    ParticipantToken request =
        ADA.canPublish(false)
            .roomPreset("small")
            .roomConfig(RoomConfig.withAgents(RoomAgent.named("bridge")));

    TokenClaims claims = issue(standard, person, request);

    assertThat(claims.roomPreset()).contains("small");
    assertThat(claims.otherClaims()).containsExactly("roomConfig");
  }

  @Test
  void whatGivesPowerIsInTheTrail() {
    issue(TokenPolicy.standard(), ADA.roomAdmin().hidden());

    assertThat(plane.audit(acme, "livekit.token.issued").get(0).details())
        .containsEntry("grants", "roomJoin roomAdmin hidden");
  }

  @Test
  void theTrailHoldsAllGrantsAtOnce() {
    ApiToken all = ApiToken.inRoom("standup", "backend").destinationRoom("other");
    for (VideoPermission permission : VideoPermission.values()) {
      if (permission != VideoPermission.ROOM_JOIN && permission != VideoPermission.AGENT) {
        all = all.grant(permission);
      }
    }

    TokenClaims claims = issue(TokenPolicy.standard(), all.grant(ServiceGrant.values()));

    assertThat(claims.grants()).containsExactly(ServiceGrant.values());
    assertThat(claims.video().destinationRoom()).contains("other");
    assertThat(claims.video().permissions()).hasSize(VideoPermission.values().length - 2);
  }

  @Test
  void timesToLiveHaveADefaultAndACap() {
    TokenPolicy policy =
        TokenPolicy.builder()
            .defaultTtl(Duration.ofMinutes(5))
            .maxTtl(Duration.ofMinutes(30))
            .build();

    assertThat(issue(policy, ADA).expiresAt()).isEqualTo(START.plusSeconds(300));
    assertThat(issue(policy, ADA.ttl(Duration.ofMinutes(30))).expiresAt())
        .isEqualTo(START.plusSeconds(1_800));
    assertThatThrownBy(() -> issue(policy, ADA.ttl(Duration.ofSeconds(1_801))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("ttl: at most PT30M, by the policy");
    TokenPolicy shortOne = TokenPolicy.builder().maxTtl(Duration.ofMinutes(1)).build();
    assertThat(issue(shortOne, ADA).expiresAt())
        .as("the default is within the cap")
        .isEqualTo(START.plusSeconds(60));
  }

  @Test
  void roomsAreHeldToTheirRule() {
    Consumer<TokenPolicy.Builder> own = policy -> policy.rooms(RoomRule.like("{organization}/*"));
    TokenPolicy.Builder builder = TokenPolicy.builder();
    own.accept(builder);

    assertThat(issue(builder.build(), ParticipantToken.join("acme/1", "ada")).video().room())
        .contains("acme/1");
    refused(own, ADA, "room");
    refused(own, BRIDGE, "room");
    refused(
        own,
        ApiToken.inRoom("acme/1", "backend")
            .grant(VideoPermission.ROOM_ADMIN)
            .destinationRoom("globex/1"),
        "room");
  }

  @Test
  void whatThePolicyDoesNotListIsRefusedOrForbidden() {
    List<VideoPermission> listen =
        List.of(VideoPermission.ROOM_JOIN, VideoPermission.CAN_SUBSCRIBE);
    Consumer<TokenPolicy.Builder> listeners = policy -> policy.onlyPermissions(listen);
    TokenPolicy policy = TokenPolicy.builder().onlyPermissions(listen).build();

    VideoGrants video = issue(policy, ADA).video();

    assertThat(video.permissions())
        .containsEntry(VideoPermission.CAN_PUBLISH, false)
        .containsEntry(VideoPermission.CAN_PUBLISH_DATA, false)
        .doesNotContainKey(VideoPermission.CAN_SUBSCRIBE);
    assertThat(video.allows(VideoPermission.CAN_PUBLISH_DATA)).isFalse();
    refused(listeners, ADA.canPublish(true), "canPublish");
    refused(listeners, ADA.canPublishData(true), "canPublishData");
    refused(listeners, ADA.hidden(), "hidden");
    refused(listeners, BRIDGE, "canPublish");
  }

  @Test
  void sourcesAreHeldToThoseOfThePolicy() {
    Consumer<TokenPolicy.Builder> voice =
        policy -> policy.onlySources(Set.of(TrackSource.MICROPHONE));
    TokenPolicy.Builder builder = TokenPolicy.builder();
    voice.accept(builder);
    TokenPolicy policy = builder.build();

    assertThat(issue(policy, ADA).video().canPublishSources())
        .containsExactly(TrackSource.MICROPHONE);
    assertThat(issue(policy, ADA.canPublish(false)).video().canPublishSources()).isEmpty();
    refused(
        voice,
        ADA.canPublishSources(TrackSource.MICROPHONE, TrackSource.CAMERA),
        "canPublishSources");
  }

  @Test
  void attributesOfLiveKitsOwnAreForAgents() {
    refused(policy -> {}, ADA.attribute("lk.agent_name", "bridge"), "attributes");
    refused(
        policy -> policy.reservedAttributes("lk.", "role"),
        ADA.attribute("role", "x"),
        "attributes");
    assertThat(issue(TokenPolicy.standard(), BRIDGE.agentName("bridge")).attributes())
        .containsEntry("lk.agent_name", "bridge");
  }

  @Test
  void whatAClientMayOverwriteIsNotSaidInATokenUnlessThePolicyAllowsIt() {
    ParticipantToken both = ADA.attribute("role", "guest").canUpdateOwnMetadata(true);

    refused(policy -> {}, both, "canUpdateOwnMetadata beside attributes");
    TokenPolicy allowed = TokenPolicy.builder().attributesBesideOwnMetadata(true).build();
    assertThat(issue(allowed, both).attributes()).isEqualTo(Map.of("role", "guest"));
  }

  @Test
  void agentsAreThoseOfThePolicy() {
    Consumer<TokenPolicy.Builder> listed = policy -> policy.agents(Set.of("bridge", "scribe"));
    TokenPolicy policy = TokenPolicy.builder().agents(Set.of("bridge", "scribe")).build();
    RoomConfig known = RoomConfig.withAgents(RoomAgent.named("scribe"), RoomAgent.named("bridge"));
    RoomConfig oneUnknown =
        RoomConfig.withAgents(RoomAgent.named("bridge"), RoomAgent.named("Bridge"));

    assertThat(payload(policy, ADA.roomConfig(known))).contains("scribe");
    assertThat(payload(policy, BRIDGE.agentName("bridge").roomConfig(known))).contains("scribe");
    assertThat(payload(policy, ADA)).doesNotContain("roomConfig");
    refused(listed, ADA.roomConfig(oneUnknown), "agent Bridge");
    refused(listed, BRIDGE.roomConfig(oneUnknown), "agent Bridge");
    refused(listed, BRIDGE.agentName("spy"), "agent spy");
    refused(
        all -> all.agents(Set.of()), ADA.roomConfig(RoomConfig.withAgents(AGENT)), "agent bridge");
    assertThat(payload(TokenPolicy.standard(), ADA.roomConfig(oneUnknown)))
        .as("a host that says nothing")
        .contains("Bridge");
  }

  /** By the name of the builder's method, what a token may not say beside agents. */
  private static Map<String, RoomConfig> beyondAgents() {
    return Map.of(
        "name", RoomConfig.builder().name("hall").build(),
        "emptyTimeout", RoomConfig.builder().emptyTimeout(Duration.ofHours(1)).build(),
        "departureTimeout", RoomConfig.builder().departureTimeout(Duration.ofHours(1)).build(),
        "maxParticipants", RoomConfig.builder().maxParticipants(1).build(),
        "metadata", RoomConfig.builder().metadata("m").build(),
        "tags", RoomConfig.builder().tags(Map.of("a", "b")).build(),
        "egress", RoomConfig.builder().egress(RoomEgress.none()).build(),
        "playoutDelay", RoomConfig.builder().playoutDelay(Duration.ZERO, Duration.ZERO).build(),
        "syncStreams", RoomConfig.builder().syncStreams(true).build());
  }

  @Test
  void roomConfigurationIsHeldToWhatThePolicyAllows() {
    Consumer<TokenPolicy.Builder> agents = policy -> policy.roomConfig(RoomConfigRule.AGENTS);
    Consumer<TokenPolicy.Builder> none = policy -> policy.roomConfig(RoomConfigRule.NONE);
    Set<String> known = new TreeSet<>(Set.of("agents", "build"));
    beyondAgents()
        .forEach(
            (method, config) -> {
              known.add(method);
              String claim = method.equals("playoutDelay") ? "minPlayoutDelay" : method;
              refused(agents, ADA.roomConfig(config), "roomConfig." + claim);
              refused(agents, BRIDGE.roomConfig(config), "roomConfig." + claim);
              refused(none, ADA.roomConfig(config), "roomConfig");
            });
    assertThat(
            Stream.of(RoomConfig.Builder.class.getMethods())
                .filter(method -> method.getDeclaringClass() == RoomConfig.Builder.class)
                .map(Method::getName))
        .as("all that a configuration can say")
        .hasSameElementsAs(known);

    RoomConfig both = RoomConfig.builder().agents(List.of(AGENT)).maxParticipants(2).build();
    refused(agents, ADA.roomConfig(both), "roomConfig.maxParticipants");
    refused(agents, ADA.roomPreset("hall"), "roomPreset");
    refused(none, ADA.roomPreset("hall"), "roomPreset");
    refused(none, ADA.roomConfig(RoomConfig.withAgents(AGENT)), "roomConfig");
    TokenPolicy.Builder policy = TokenPolicy.builder();
    agents.accept(policy);
    assertThat(payload(policy.build(), ADA.roomConfig(RoomConfig.withAgents(AGENT))))
        .contains("bridge");
    none.accept(policy);
    assertThat(payload(policy.build(), ADA)).doesNotContain("roomConfig");
    assertThat(payload(TokenPolicy.standard(), ADA.roomPreset("hall").roomConfig(both)))
        .as("a host that says nothing")
        .contains("hall", "maxParticipants");
  }

  @Test
  void whatLooksLikePersonalDataIsRefusedWhereThePolicySaysSo() {
    Consumer<TokenPolicy.Builder> guarded = policy -> policy.refusesPersonalData(true);
    TokenPolicy policy = TokenPolicy.builder().refusesPersonalData(true).build();
    String address = "ada@example.com";
    String number = "+15105550123";

    refused(
        guarded,
        ParticipantToken.join("standup", address),
        "identity that looks like an e-mail address");
    refused(guarded, AgentToken.join(number, "w1"), "room that looks like a telephone number");
    refused(guarded, ApiToken.of(address), "identity that looks like an e-mail address");
    refused(
        guarded,
        ApiToken.inRoom("standup", "backend").destinationRoom(number),
        "destinationRoom that looks like a telephone number");
    refused(
        guarded, AgentToken.join("sip_" + number, "w1"), "room that looks like a telephone number");

    TokenClaims claims =
        issue(
            policy,
            ParticipantToken.join("standup", "sip_" + number)
                .name("Ada, " + number)
                .metadata(address)
                .attributes(Map.of(address, address)));
    assertThat(claims.name()).as("for those in the room").contains("Ada, " + number);
    assertThat(issue(TokenPolicy.standard(), ParticipantToken.join(number, address)).identity())
        .as("a host that says nothing")
        .contains(address);
  }

  @Test
  void tokensHaveAMostLength() {
    TokenPolicy policy = TokenPolicy.builder().maxTokenLength(8_000).build();

    assertThat(issue(policy, ADA.metadata("m".repeat(4_000))).metadata()).isPresent();
    assertThatThrownBy(() -> issue(policy, ADA.metadata("m".repeat(8_000))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("token: at most 8000 characters");
  }

  @Test
  void policiesGoByPlan() {
    TokenPolicy small = TokenPolicy.builder().maxTtl(Duration.ofMinutes(1)).build();
    TokenPolicies byPlan = TokenPolicies.byPlan(Map.of("free", small), TokenPolicy.standard());
    Duration hour = Duration.ofHours(1);

    assertThatThrownBy(() -> issue(byPlan, acme, ADA.ttl(hour)))
        .isInstanceOf(InvalidInputException.class);
    plane
        .plane
        .organizations()
        .configure(
            TestPlane.OPERATOR,
            acme.organization(),
            OrganizationSettings.defaults().withPlan("pro"));
    assertThat(issue(byPlan, acme, ADA.ttl(hour)).expiresAt()).isEqualTo(START.plus(hour));
  }

  @Test
  void policiesGoByRole() {
    TokenPolicy guests =
        TokenPolicy.builder()
            .maxTtl(Duration.ofMinutes(5))
            .onlyPermissions(List.of(VideoPermission.ROOM_JOIN, VideoPermission.CAN_SUBSCRIBE))
            .build();
    Scope host = Scope.of("seminar:host");
    TokenPolicies byRole =
        (context, organization) -> context.scopes().covers(host) ? TokenPolicy.standard() : guests;
    TenantContext hosts =
        acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:read", "seminar:host"));
    TenantContext guest = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:read"));
    ParticipantToken speaks = ADA.canPublish(true).ttl(Duration.ofHours(1));

    assertThat(issue(byRole, hosts, speaks).video().permissions())
        .containsEntry(VideoPermission.CAN_PUBLISH, true);
    assertThatThrownBy(() -> issue(byRole, guest, speaks.ttl(Duration.ofMinutes(5))))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("the token policy does not allow this: canPublish");
    assertThatThrownBy(() -> issue(byRole, guest, ADA.ttl(Duration.ofHours(1))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("ttl: at most PT5M, by the policy");
    TokenClaims listens = issue(byRole, guest, ADA);
    assertThat(listens.video().allows(VideoPermission.CAN_PUBLISH)).isFalse();
    assertThat(listens.expiresAt()).isEqualTo(START.plusSeconds(300));
  }

  @Test
  void policiesGoByOrganization() {
    TenantContext globex =
        plane.organization(
            "globex", "wss://globex.example", "APIglobex", "another secret of 32 characters");
    Map<OrganizationId, TokenPolicy> own =
        Map.of(
            globex.organization(),
            TokenPolicy.builder()
                .maxTtl(Duration.ofMinutes(1))
                .rooms(RoomRule.like("seminar/*"))
                .build());
    TokenPolicies byOrganization =
        (context, organization) -> own.getOrDefault(organization.id(), TokenPolicy.standard());
    ParticipantToken seminar = ParticipantToken.join("seminar/1", "ada");

    assertThat(issue(byOrganization, acme, ADA.ttl(Duration.ofHours(1))).expiresAt())
        .isEqualTo(START.plus(Duration.ofHours(1)));
    assertThatThrownBy(() -> issue(byOrganization, globex, ADA))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("the token policy does not allow this: room");
    assertThatThrownBy(() -> issue(byOrganization, globex, seminar.ttl(Duration.ofHours(1))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("ttl: at most PT1M, by the policy");
    assertThat(issue(byOrganization, globex, seminar).expiresAt()).isEqualTo(START.plusSeconds(60));
  }

  @Test
  void boundsOfAPolicyAreChecked() {
    TokenPolicy.Builder policy = TokenPolicy.builder();
    assertThatThrownBy(() -> policy.maxTtl(Duration.ofDays(2))).hasMessageStartingWith("maxTtl: ");
    assertThatThrownBy(() -> policy.defaultTtl(Duration.ZERO))
        .hasMessageStartingWith("defaultTtl: ");
    assertThatThrownBy(() -> policy.onlyPermissions(List.of()))
        .hasMessageStartingWith("permissions: ");
    assertThatThrownBy(() -> policy.onlySources(List.of())).hasMessageStartingWith("sources: ");
    assertThatThrownBy(() -> policy.maxTokenLength(255)).hasMessageStartingWith("maxTokenLength: ");
    Set<String> many = new TreeSet<>();
    for (int i = 0; i <= TokenPolicy.MAX_AGENTS; i++) {
      many.add("agent-" + i);
    }
    assertThatThrownBy(() -> policy.agents(many)).hasMessageStartingWith("agents: at most 1000");
    many.remove("agent-0");
    policy.agents(many);
    for (String name : List.of("", "a\nb", "x".repeat(257), "\uD800")) {
      assertThatThrownBy(() -> policy.agents(Set.of(name)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("agents: ");
    }
  }
}
