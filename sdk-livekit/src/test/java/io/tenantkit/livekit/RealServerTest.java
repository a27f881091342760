package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.harness.NodeSession;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two tenants, each with a livekit-server of its own: what our tokens do there. */
final class RealServerTest {
  private static RealLiveKitServer acmeServer;
  private static RealLiveKitServer globexServer;
  private static TestPlane plane;
  private static TenantContext acme;
  private static TenantContext globex;

  @BeforeAll
  static void start() {
    acmeServer = RealLiveKitServer.start();
    globexServer = RealLiveKitServer.start();
    plane = new TestPlane(Clock.systemUTC());
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
  }

  private static TenantContext connected(String name, RealLiveKitServer server) {
    return plane.organization(name, server.url(), server.apiKey(), server.apiSecret());
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part : new AutoCloseable[] {plane, globexServer, acmeServer}) {
      if (part != null) {
        closeQuietly(part);
      }
    }
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_token_is_good_on_its_own_server_and_on_no_other() {
    String ofAcme = plane.jwt(acme, ParticipantToken.join("standup", "ada"));
    String ofGlobex = plane.jwt(globex, ParticipantToken.join("standup", "ada"));

    assertThat(acmeServer.validate(ofAcme).status()).as(acmeServer::log).isEqualTo(200);
    assertThat(globexServer.validate(ofGlobex).status()).as(globexServer::log).isEqualTo(200);
    assertThat(globexServer.validate(ofAcme).status()).isEqualTo(401);
    assertThat(acmeServer.validate(ofGlobex).status()).isEqualTo(401);
  }

  @Test
  void an_agents_token_is_good_on_its_own_server_and_on_no_other() {
    String agent = plane.jwt(acme, AgentToken.join("standup", "bridge-001").agentName("bridge"));

    assertThat(acmeServer.validate(agent).status()).as(acmeServer::log).isEqualTo(200);
    assertThat(globexServer.validate(agent).status()).isEqualTo(401);
  }

  @Test
  void a_token_with_all_that_may_be_said_is_good() {
    ParticipantToken full =
        ParticipantToken.join("standup", "grüße-👋")
            .name("Ada \"Lovelace\" 🎩")
            .metadata("{\"a\":\"\\\\ \n\u0001\"}")
            .attributes(Map.of("rôle", "über", "z", ""))
            .ttl(Duration.ofMinutes(5))
            .canPublish(true)
            .canSubscribe(true)
            .canPublishData(true)
            .canUpdateOwnMetadata(false)
            .canSubscribeMetrics(true)
            .canPublishSources(TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE);

    assertThat(acmeServer.validate(plane.jwt(acme, full)).status())
        .as(acmeServer::log)
        .isEqualTo(200);
  }

  @Test
  void the_longest_texts_that_we_allow_are_allowed_by_the_server() {
    ParticipantToken longest =
        ParticipantToken.join("r".repeat(256), "i".repeat(256))
            .name("n".repeat(256))
            .metadata("m".repeat(TokenRequest.MAX_METADATA_BYTES))
            .attribute("k".repeat(256), "v".repeat(TokenRequest.MAX_ATTRIBUTES_BYTES - 256));
    String jwt = plane.jwt(acme, longest);

    assertThat(jwt.length()).isBetween(700_000, LiveKitTokenIssuer.MAX_TOKEN_LENGTH);
    assertThat(acmeServer.validate(jwt).status()).as(acmeServer::log).isEqualTo(200);
  }

  @Test
  void the_token_decides_the_room_whatever_the_client_asks_for() {
    acmeServer.join(plane.jwt(acme, ParticipantToken.join("huddle", "ada")), "boardroom");

    assertThat(rooms(acmeServer)).contains("\"huddle\"").doesNotContain("boardroom");
    // What we never sign. Servers before this one would have let the client choose.
    assertThat(acmeServer.validate(withoutRoom(acmeServer)).status()).isEqualTo(400);
  }

  private static String withoutRoom(RealLiveKitServer server) {
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"eve\",\"exp\":%d,\"video\":{\"roomJoin\":true}}"
            .formatted(server.apiKey(), Instant.now().plusSeconds(60).getEpochSecond());
    return Tokens.forge(Tokens.HEADER, claims, server.apiSecret());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CreateRoom", "ListRooms", "DeleteRoom", "ListParticipants"})
  void peoples_and_agents_tokens_open_nothing_of_the_servers_api(String method) {
    String body =
        switch (method) {
          case "CreateRoom" -> "{\"name\":\"standup\"}";
          case "ListRooms" -> "{}";
          default -> "{\"room\":\"standup\"}";
        };
    for (TokenRequest<?> request :
        List.of(ParticipantToken.join("standup", "ada"), AgentToken.join("standup", "bridge"))) {
      assertThat(acmeServer.call("RoomService", method, plane.jwt(acme, request), body).status())
          .isEqualTo(401);
    }
  }

  @Test
  void tokens_for_the_api_open_what_they_grant_and_no_more() {
    String lists = plane.jwt(acme, ApiToken.of("report").grant(VideoPermission.ROOM_LIST));
    String admits =
        plane.jwt(acme, ApiToken.inRoom("hall", "report").grant(VideoPermission.ROOM_ADMIN));

    assertThat(acmeServer.call("RoomService", "ListRooms", lists, "{}").status()).isEqualTo(200);
    assertThat(acmeServer.call("RoomService", "CreateRoom", lists, "{\"name\":\"x\"}").status())
        .isEqualTo(401);
    assertThat(
            acmeServer
                .call("RoomService", "ListParticipants", admits, "{\"room\":\"other\"}")
                .status())
        .isEqualTo(401);
    assertThat(globexServer.call("RoomService", "ListRooms", lists, "{}").status())
        .as("of the other tenant")
        .isEqualTo(401);
  }

  /** The server reads every part of it strictly, and refuses the whole token otherwise. */
  @Test
  void the_join_makes_the_room_as_its_token_says() {
    ParticipantToken first =
        ParticipantToken.join("furnished", "ada")
            .kind(ParticipantKind.CONNECTOR, "connector_twilio")
            .roomConfig(
                RoomConfig.builder()
                    .emptyTimeout(Duration.ofSeconds(77))
                    .departureTimeout(Duration.ofSeconds(33))
                    .maxParticipants(3)
                    .metadata("as told")
                    .tags(Map.of("tier", "gold"))
                    .agents(
                        List.of(
                            RoomAgent.named("bridge")
                                .metadata("m")
                                .restart(RoomAgent.Restart.ON_FAILURE)
                                .deployment("blue")))
                    .playoutDelay(Duration.ZERO, Duration.ofMillis(500))
                    .syncStreams(true)
                    .build());
    String jwt = plane.jwt(acme, first);
    assertThat(acmeServer.validate(jwt).status()).as(acmeServer::log).isEqualTo(200);
    acmeServer.join(jwt, "furnished");

    assertThat(rooms(acmeServer))
        .contains("\"furnished\"", "\"as told\"")
        .containsPattern("\"empty_?[tT]imeout\": ?77")
        .containsPattern("\"departure_?[tT]imeout\": ?33")
        .containsPattern("\"max_?[pP]articipants\": ?3");
  }

  @Test
  void an_altered_token_is_refused() {
    String jwt = plane.jwt(acme, ParticipantToken.join("standup", "ada"));
    char last = jwt.charAt(jwt.length() - 2);
    String altered =
        jwt.substring(0, jwt.length() - 2)
            + (last == 'A' ? 'B' : 'A')
            + jwt.charAt(jwt.length() - 1);

    assertThat(acmeServer.validate(jwt).status()).isEqualTo(200);
    assertThat(acmeServer.validate(altered).status()).isEqualTo(401);
  }

  @Test
  void expired_and_premature_tokens_are_refused_beyond_the_leeway() {
    assertThat(statusOfTokenMadeAt(Duration.ZERO)).isEqualTo(200);
    assertThat(statusOfTokenMadeAt(Duration.ofMinutes(-10))).isEqualTo(401);
    assertThat(statusOfTokenMadeAt(Duration.ofMinutes(10))).isEqualTo(401);
  }

  /** A token with five minutes to live, by a control plane whose clock is off by this much. */
  private static int statusOfTokenMadeAt(Duration offset) {
    try (TestPlane other = new TestPlane(TickingClock.at(Instant.now().plus(offset)))) {
      TenantContext tenant =
          other.organization("acme", acmeServer.url(), acmeServer.apiKey(), acmeServer.apiSecret());
      ParticipantToken request = ParticipantToken.join("standup", "ada").ttl(Duration.ofMinutes(5));
      return acmeServer.validate(other.jwt(tenant, request)).status();
    }
  }

  @Test
  void two_native_clients_join_and_exchange_data() {
    NodeTools node = NodeTools.find();
    String ada = plane.jwt(acme, ParticipantToken.join("exchange", "ada"));
    String grace = plane.jwt(acme, ParticipantToken.join("exchange", "grace"));

    JsonNode seen = join(node, acmeServer, List.of(ada, grace), List.of("hello, Grace 👋"));

    assertThat(seen.toString())
        .isEqualTo(
            "{\"identities\":[\"ada\",\"grace\"],"
                + "\"received\":[{\"from\":\"ada\",\"text\":\"hello, Grace 👋\"}]}");
  }

  @Test
  void an_agent_joins_natively_and_its_data_arrives() {
    NodeTools node = NodeTools.find();
    String agent = plane.jwt(acme, AgentToken.join("desk", "bridge-001").agentName("bridge"));
    String ada = plane.jwt(acme, ParticipantToken.join("desk", "ada"));

    JsonNode seen = join(node, acmeServer, List.of(agent, ada), List.of("at your service"));

    assertThat(seen.at("/received/0/from").asText()).isEqualTo("bridge-001");
    assertThat(seen.at("/received/0/text").asText()).isEqualTo("at your service");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void who_may_not_publish_data_is_not_heard(boolean allowed) {
    NodeTools node = NodeTools.find();
    String room = "muted-" + allowed;
    List<String> tokens =
        List.of(
            plane.jwt(acme, ParticipantToken.join(room, "muted").canPublishData(allowed)),
            plane.jwt(acme, ParticipantToken.join(room, "speaker")),
            plane.jwt(acme, ParticipantToken.join(room, "listener")));

    JsonNode seen = join(node, acmeServer, tokens, List.of("let me in", "welcome"));

    List<String> senders = seen.get("received").findValuesAsText("from");
    assertThat(senders).contains("speaker");
    assertThat(senders.contains("muted")).isEqualTo(allowed);
  }

  /** All four are there at once, each where its own token says. */
  @Test
  void clients_of_two_tenants_in_rooms_of_one_name_do_not_meet() {
    NodeTools node = NodeTools.find();
    try (NodeSession ada = guest(node, acme, "ada");
        NodeSession grace = guest(node, acme, "grace");
        NodeSession alan = guest(node, globex, "alan");
        NodeSession edsger = guest(node, globex, "edsger")) {
      Map<NodeSession, NodeSession> pairs =
          Map.of(ada, grace, grace, ada, alan, edsger, edsger, alan);
      Map<NodeSession, String> names =
          Map.of(ada, "ada", grace, "grace", alan, "alan", edsger, "edsger");
      pairs.forEach((one, other) -> one.await("others", all -> sees(all, names.get(other))));
      pairs.forEach((one, other) -> one.until("probe", any -> true, () -> probe(other)));
      pairs.keySet().forEach(one -> say(one, "hello from " + names.get(one)));
      pairs.keySet().forEach(one -> one.await("data"));
      pairs.keySet().forEach(one -> say(one, "goodbye from " + names.get(one)));
      pairs.keySet().forEach(one -> one.await("data", 2, any -> true));

      pairs.forEach(
          (one, other) -> {
            String name = names.get(other);
            assertThat(one.said("joined")).hasSize(1);
            assertThat(one.said("others"))
                .flatExtracting(RealServerTest::identities)
                .containsOnly(name);
            assertThat(one.said("data"))
                .extracting(data -> data.get("from").asText() + ": " + data.get("text").asText())
                .containsExactly(name + ": hello from " + name, name + ": goodbye from " + name);
          });
    }
  }

  /** A client that goes where its token says, and stays. */
  private static NodeSession guest(NodeTools node, TenantContext tenant, String identity) {
    try (IssuedToken token =
        plane.livekit.tokens().issue(tenant, ParticipantToken.join("shared", identity))) {
      return node.open(
          "guest.mjs", Map.of("url", token.serverUrl().value(), "token", TestPlane.text(token)));
    }
  }

  /** What is sent in the moment in which somebody comes may pass them by. */
  private static void probe(NodeSession guest) {
    guest.tell(Map.of("do", "send", "text", "do you hear me", "topic", "probe"));
  }

  private static void say(NodeSession guest, String text) {
    guest.tell(Map.of("do", "send", "text", text));
  }

  private static boolean sees(JsonNode others, String name) {
    return identities(others).contains(name);
  }

  private static List<String> identities(JsonNode others) {
    List<String> all = new ArrayList<>();
    others.get("identities").forEach(each -> all.add(each.asText()));
    return all;
  }

  /** The senders come first and speak in turn, the receiver is last; the last text ends it. */
  private static JsonNode join(
      NodeTools node, RealLiveKitServer server, List<String> tokens, List<String> texts) {
    return node.run(
        "join.mjs",
        Map.of(
            "url",
            server.url(),
            "tokens",
            tokens,
            "texts",
            texts,
            "last",
            texts.get(texts.size() - 1),
            // More than one speaks where the silence of one is looked for.
            "sendersLeave",
            texts.size() > 1));
  }

  private static String rooms(RealLiveKitServer server) {
    ApiToken lists = ApiToken.of("test").grant(VideoPermission.ROOM_LIST);
    String jwt = Tokens.sign(lists.spec, server.apiKey(), server.apiSecret(), Instant.now());
    return server.call("RoomService", "ListRooms", jwt, "{}").body();
  }
}
