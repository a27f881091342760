package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PageRequest;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.RoomConfigRule;
import io.tenantkit.livekit.RoomEgress;
import io.tenantkit.livekit.RoomRule;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenQuery;
import io.tenantkit.livekit.TokenRecord;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Sessions as one call: room, agents and token, or nothing of them. */
class LiveKitSessionsTest {
  private static final String SECRET = "a-secret-of-at-least-32-characters";
  private static final ParticipantToken ADA = ParticipantToken.join("desk", "ada");
  private static final RoomAgent BRIDGE = RoomAgent.named("bridge").metadata("ticket 7");

  @Test
  void aSessionIsARoomItsAgentsAndAToken() {
    try (RealLiveKitServer server = RealLiveKitServer.start();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme =
          house.connected("acme", server.url(), server.apiKey(), server.apiSecret());
      LiveKitSessions sessions = LiveKitSessions.of(house.livekit);
      TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session"));
      NewSession wanted =
          NewSession.of(ADA, BRIDGE).config(RoomConfig.builder().metadata("m").build());

      try (StartedSession first = sessions.start(person, wanted);
          StartedSession again = sessions.start(person, wanted)) {
        assertThat(first.room().metadata()).isEqualTo("m");
        assertThat(server.validate(first.token().jwt().string(SecretAccess.get())).status())
            .isEqualTo(200);
        assertThat(first.agents()).hasSize(1);
        assertThat(again.room().sid()).as("safe to repeat").isEqualTo(first.room().sid());
        assertThat(again.agents())
            .extracting(AgentDispatch::id)
            .isEqualTo(first.agents().stream().map(AgentDispatch::id).toList());
        assertThat(AgentDispatches.of(house.livekit).list(acme, "desk"))
            .filteredOn(sent -> sent.agentName().equals("bridge"))
            .singleElement()
            .satisfies(sent -> assertThat(sent.metadata()).isEqualTo("ticket 7"));
      }
    }
  }

  private static ScriptedServer failing() {
    return new ScriptedServer()
        .on("ListRooms", 200, "{\"rooms\":[]}")
        .on("CreateRoom", 200, "{\"sid\":\"RM_1\",\"name\":\"desk\"}")
        .on("ListParticipants", 200, "{\"participants\":[]}")
        .on("CreateDispatch", 500, "{\"code\":\"internal\"}");
  }

  /** The token that was made first is nobody's. */
  private static void assertWiped(TokensSeen tokens) {
    assertThat(tokens.issued())
        .singleElement()
        .satisfies(
            token ->
                assertThatThrownBy(() -> token.jwt().string(SecretAccess.get()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the secret was closed"));
  }

  @Test
  void whatAFailedStepLeavesIsUndone() {
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);

      TokensSeen tokens = new TokensSeen(house.livekit);

      assertThatThrownBy(
              () -> LiveKitSessions.of(tokens.livekit()).start(acme, NewSession.of(ADA, BRIDGE)))
          .isInstanceOf(LiveKitException.class)
          .hasNoSuppressedExceptions();

      assertWiped(tokens);
      assertThat(server.called())
          .endsWith("CreateDispatch", "ListParticipants", "DeleteRoom")
          .contains("CreateRoom");
    }
  }

  /** A denial of the token that nobody got would keep its identity out of the room. */
  @Test
  void whatFailedMayBeTriedAgainAtOnce() {
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      TokensSeen tokens = new TokensSeen(house.livekit);
      LiveKitSessions sessions = LiveKitSessions.of(tokens.livekit());
      NewSession wanted = NewSession.of(ADA, BRIDGE);
      assertThatThrownBy(() -> sessions.start(acme, wanted)).isInstanceOf(LiveKitException.class);

      assertThat(house.livekit.revocations().list(acme, PageRequest.first(10)).items()).isEmpty();
      assertThat(live(house, acme))
          .as("it was signed, and is told until its end")
          .containsExactly(tokens.issued().get(0).id());
      assertThat(house.actions(acme)).containsOnlyOnce("livekit.token.issued");

      server.on("CreateDispatch", 200, "{\"id\":\"AD_1\",\"agent_name\":\"bridge\"}");
      try (StartedSession started = sessions.start(acme, wanted)) {
        String jwt = started.token().jwt().string(SecretAccess.get());
        assertThat(house.livekit.tokens().verify(acme, jwt))
            .isInstanceOf(TokenVerification.Valid.class);
        assertThat(live(house, acme))
            .containsExactly(tokens.issued().get(0).id(), started.token().id());
      }
    }
  }

  private static List<String> live(RoomHouse house, TenantContext context) {
    TokenQuery adas = TokenQuery.all().of("ada").in("desk").live();
    return house.livekit.tokens().issued(context, adas, PageRequest.first(10)).items().stream()
        .map(TokenRecord::id)
        .toList();
  }

  @Test
  void agentsThatWereSentAreTakenBack() {
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      server.on("CreateDispatch", 200, "{\"id\":\"AD_1\",\"agent_name\":\"bridge\"}");
      server.on("DeleteDispatch", 503, "{\"code\":\"unavailable\"}");
      RoomAgent tooMuch = RoomAgent.named("scribe");
      NewSession wanted = NewSession.of(ADA, BRIDGE, tooMuch);
      server.on("ListParticipants", 200, "{\"participants\":[{\"identity\":\"bob\"}]}");
      // The second agent's room is refused, after the first was sent.
      TokensSeen tokens = new TokensSeen(house.livekit);
      LiveKitSessions sessions = LiveKitSessions.of(tokens.livekit());
      server.onCall(5, () -> server.on("CreateDispatch", 429, "{\"code\":\"resource_exhausted\"}"));

      assertThatThrownBy(() -> sessions.start(acme, wanted))
          .isInstanceOf(LiveKitException.class)
          .satisfies(error -> assertThat(error.getSuppressed()).hasSize(1));

      assertThat(server.called()).contains("DeleteDispatch").doesNotContain("DeleteRoom");
      assertWiped(tokens);
    }
  }

  @Test
  void aRoomThatWasThereStays() {
    try (ScriptedServer server =
            failing()
                .on("ListRooms", 200, "{\"rooms\":[{\"sid\":\"RM_0\",\"name\":\"desk\"}]}")
                .on("ListDispatch", 200, "{\"agent_dispatches\":[]}");
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);

      TokensSeen tokens = new TokensSeen(house.livekit);

      assertThatThrownBy(
              () -> LiveKitSessions.of(tokens.livekit()).start(acme, NewSession.of(ADA, BRIDGE)))
          .isInstanceOf(LiveKitException.class);

      assertThat(server.called()).doesNotContain("DeleteRoom");
      assertWiped(tokens);
    }
  }

  private static ScriptedServer with(String... dispatches) {
    return new ScriptedServer()
        .on("ListRooms", 200, "{\"rooms\":[{\"sid\":\"RM_0\",\"name\":\"desk\"}]}")
        .on("CreateRoom", 200, "{\"sid\":\"RM_0\",\"name\":\"desk\"}")
        .on("ListParticipants", 200, "{\"participants\":[{\"identity\":\"bob\"}]}")
        .on("CreateDispatch", 200, dispatch("AD_new", 0))
        .on("ListDispatch", 200, listed(dispatches));
  }

  private static String listed(String... dispatches) {
    return "{\"agent_dispatches\":[" + String.join(",", dispatches) + "]}";
  }

  /** Sent so long ago, with a job in each of these states. */
  private static String dispatch(String id, long seconds, String... states) {
    long nanos = Instant.now().minusSeconds(seconds).getEpochSecond() * 1_000_000_000L;
    String jobs =
        Stream.of(states)
            .map(
                state ->
                    "{\"id\":\"AJ_1\",\"state\":{\"started_at\":\"" + nanos + "\"," + state + "}}")
            .collect(Collectors.joining(","));
    return "{\"id\":\""
        + id
        + "\",\"agent_name\":\"bridge\",\"room\":\"desk\",\"state\":{\"created_at\":\""
        + nanos
        + "\",\"jobs\":["
        + jobs
        + "]}}";
  }

  /** What a session has then of a dispatch that was sent before. */
  private static String agentAfter(String dispatch, List<String> called) {
    try (ScriptedServer server = with(dispatch);
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      server.on("CreateDispatch", 200, dispatch("AD_new", 0));
      try (StartedSession started =
          LiveKitSessions.of(house.livekit).start(acme, NewSession.of(ADA, BRIDGE))) {
        called.addAll(server.called());
        return started.agents().get(0).id();
      }
    }
  }

  @Test
  void anAgentThatDidNotComeIsSentAnew() {
    String running = "\"status\":\"JS_RUNNING\",\"participant_identity\":";
    List<String> called = new ArrayList<>();
    for (String there :
        List.of(
            dispatch("AD_old", 5),
            dispatch("AD_old", 17, running + "\"agent-1\""),
            dispatch("AD_old", 3_600, running + "\"agent-1\"", running + "\"bob\""),
            dispatch("AD_old", 3_600, running + "\"\""),
            dispatch("AD_old", 3_600, "\"status\":\"JS_PENDING\""))) {
      assertThat(agentAfter(there, called)).as(there).isEqualTo("AD_old");
    }
    assertThat(called).doesNotContain("CreateDispatch", "DeleteDispatch");
    for (String gone :
        List.of(
            dispatch("AD_old", 25),
            dispatch("AD_old", 60, running + "\"agent-1\""),
            dispatch("AD_old", 5, "\"status\":\"JS_SUCCESS\""),
            dispatch("AD_old", 5, "\"status\":\"JS_FAILED\",\"participant_identity\":\"bob\""))) {
      called.clear();
      assertThat(agentAfter(gone, called)).as(gone).isEqualTo("AD_new");
      assertThat(called).containsSubsequence("DeleteDispatch", "CreateDispatch", "ListDispatch");
    }
  }

  @Test
  void ofTwoThatWereSentAtTheSameTimeTheFirstStays() {
    try (ScriptedServer server = with();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      LiveKitSessions sessions = LiveKitSessions.of(house.livekit);
      String own = dispatch("AD_new", 0);
      server.onCall(
          "CreateDispatch",
          () -> server.on("ListDispatch", 200, listed(own, dispatch("AD_other", 3))));
      // The other one is faster in taking it away, too.
      server.on("DeleteDispatch", 404, "{\"code\":\"not_found\"}");

      try (StartedSession started = sessions.start(acme, NewSession.of(ADA, BRIDGE))) {
        assertThat(started.agents()).extracting(AgentDispatch::id).containsExactly("AD_other");
      }
      assertThat(server.called()).endsWith("DeleteDispatch");
      assertThat(server.lastBody()).contains("AD_new");
      server.on("ListDispatch", 200, listed());
      server.onCall(
          "CreateDispatch", () -> server.on("ListDispatch", 503, "{\"code\":\"unavailable\"}"));
      assertThatThrownBy(() -> sessions.start(acme, NewSession.of(ADA, BRIDGE)))
          .as("what cannot be seen is undone")
          .isInstanceOf(LiveKitException.class);
      assertThat(server.called()).endsWith("DeleteDispatch");
    }
  }

  @Test
  void whatIsNotAllowedReachesNoServer() {
    TokenPolicy own = TokenPolicy.builder().rooms(RoomRule.like("{actor}/*")).build();
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse(own)) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      LiveKitSessions sessions = LiveKitSessions.of(house.livekit);

      assertThatThrownBy(() -> sessions.start(acme, NewSession.of(ADA, BRIDGE)))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("policy");
      assertThatThrownBy(
              () ->
                  sessions.start(
                      acme.limitedTo(ScopeSet.of("livekit:admin", "livekit:agent")),
                      NewSession.of(ADA, BRIDGE)))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("livekit:create-session");

      TenantContext person = acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:agent"));
      RoomConfig recorded = RoomConfig.builder().egress(RoomEgress.none().room("x.mp4")).build();
      assertThatThrownBy(
              () ->
                  sessions.start(
                      person,
                      NewSession.of(ParticipantToken.join("test/desk", "ada")).config(recorded)))
          .as("recording, by whoever may open sessions")
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("livekit:admin");
      assertThatThrownBy(
              () -> AgentDispatches.of(house.livekit).create(person, "test/desk", recorded, BRIDGE))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("livekit:admin");

      assertThat(server.called()).isEmpty();
    }
  }

  @Test
  void agentsAndTheRoomAreHeldToThePolicyBeforeAnythingIsDone() {
    TokenPolicy listed =
        TokenPolicy.builder().agents(Set.of("bridge")).roomConfig(RoomConfigRule.AGENTS).build();
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse(listed)) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      server.on("CreateDispatch", 200, "{\"id\":\"AD_1\",\"agent_name\":\"bridge\"}");
      TokensSeen tokens = new TokensSeen(house.livekit);
      LiveKitSessions sessions = LiveKitSessions.of(tokens.livekit());

      assertRefused(
          sessions, acme, NewSession.of(ADA, BRIDGE, RoomAgent.named("spy")), "agent spy");
      assertRefused(
          sessions,
          acme,
          NewSession.of(ADA, BRIDGE).config(RoomConfig.builder().metadata("m").build()),
          "roomConfig.metadata");
      assertRefused(
          sessions,
          acme,
          NewSession.of(ADA).config(RoomConfig.builder().name("hall").build()),
          "roomConfig.name");
      assertThat(server.called()).isEmpty();
      assertThat(tokens.issued()).isEmpty();
      assertThat(house.actions(acme)).doesNotContain("livekit.token.issued");

      sessions.start(acme, NewSession.of(ADA, BRIDGE)).close();
      assertThat(server.called()).contains("CreateDispatch");
    }
  }

  @Test
  void aPolicyWithoutRoomConfigurationLeavesTheRoomAlone() {
    TokenPolicy none = TokenPolicy.builder().roomConfig(RoomConfigRule.NONE).build();
    try (ScriptedServer server = failing();
        RoomHouse house = new RoomHouse(none)) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      LiveKitSessions sessions = LiveKitSessions.of(house.livekit);

      assertRefused(sessions, acme, NewSession.of(ADA, BRIDGE), "agents");
      assertRefused(
          sessions,
          acme,
          NewSession.of(ADA).config(RoomConfig.builder().maxParticipants(2).build()),
          "roomConfig.maxParticipants");
      assertThat(server.called()).isEmpty();

      sessions.start(acme, NewSession.of(ADA)).close();
      assertThat(server.called()).contains("CreateRoom").doesNotContain("CreateDispatch");
    }
  }

  private static void assertRefused(
      LiveKitSessions sessions, TenantContext context, NewSession wanted, String what) {
    assertThatThrownBy(() -> sessions.start(context, wanted))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage("the token policy does not allow this: " + what);
  }

  @Test
  void agentsAreNamedOnceAndInOnePlace() {
    assertThatThrownBy(() -> NewSession.of(ADA, BRIDGE, BRIDGE))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("agents: ");
    RoomConfig staffed = RoomConfig.withAgents(BRIDGE);
    assertThatThrownBy(() -> NewSession.of(ADA).config(staffed)).hasMessageStartingWith("config: ");
    assertThat(NewSession.of(ADA).agents()).isEqualTo(List.of());
  }
}
