package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.livekit.server.AgentDispatchServiceClient;
import io.livekit.server.RoomServiceClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import livekit.LivekitAgentDispatch.AgentDispatch;
import livekit.LivekitModels.Room;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import retrofit2.Call;
import retrofit2.Response;

/** What a server's API asks for, and what it answers on the wire. */
abstract class ApiContract {
  private static final String ROOMS = "RoomService";
  private static final String DISPATCHES = "AgentDispatchService";
  private static final String DENIED =
      "401 {\"code\":\"unauthenticated\",\"msg\":\"permissions denied\"}";
  private static final String NO_RESPONSE =
      "503 {\"code\":\"unavailable\",\"msg\":\"twirp error unknown: no response from servers\"}";
  private static final String NO_PARTICIPANT =
      "404 {\"code\":\"not_found\",\"msg\":\"twirp error unknown: participant does not exist\"}";
  private static final String NO_ROOM =
      "404 {\"code\":\"not_found\",\"msg\":\"twirp error unknown: requested room does not exist\"}";
  private static final String MALFORMED =
      "400 {\"code\":\"malformed\",\"msg\":\"the json request could not be decoded\"}";

  private Wire wire;

  abstract ServerUnderTest server();

  private Wire wire() {
    if (wire == null) {
      wire = new Wire(server());
    }
    return wire;
  }

  /** What a method needs. */
  private enum Needs {
    CREATE("\"video\":{\"roomCreate\":true}"),
    LIST("\"video\":{\"roomList\":true}"),
    ADMIN("\"video\":{\"roomAdmin\":true,\"room\":\"none\"}"),
    ADMIN_OF_BOTH("\"video\":{\"roomAdmin\":true,\"room\":\"none\",\"destinationRoom\":\"there\"}"),
    RECORD("\"video\":{\"roomRecord\":true}"),
    INGRESS("\"video\":{\"ingressAdmin\":true}"),
    SIP_ADMIN("\"sip\":{\"admin\":true}"),
    SIP_CALL("\"sip\":{\"call\":true}");

    private final String claims;

    Needs(String claims) {
      this.claims = claims;
    }
  }

  private record Method(String service, String name, Needs needs) {}

  private static List<Method> methods() {
    Map<Needs, Map<String, List<String>>> all = new LinkedHashMap<>();
    all.put(Needs.CREATE, Map.of(ROOMS, List.of("CreateRoom", "DeleteRoom")));
    all.put(Needs.LIST, Map.of(ROOMS, List.of("ListRooms")));
    all.put(
        Needs.ADMIN,
        Map.of(
            ROOMS,
            List.of(
                "ListParticipants",
                "GetParticipant",
                "RemoveParticipant",
                "MutePublishedTrack",
                "UpdateParticipant",
                "UpdateSubscriptions",
                "SendData",
                "UpdateRoomMetadata",
                "PerformRpc"),
            DISPATCHES,
            List.of("CreateDispatch", "DeleteDispatch", "ListDispatch")));
    all.put(Needs.ADMIN_OF_BOTH, Map.of(ROOMS, List.of("ForwardParticipant", "MoveParticipant")));
    all.put(
        Needs.RECORD,
        Map.of(
            "Egress",
            List.of(
                "StartRoomCompositeEgress",
                "StartWebEgress",
                "StartParticipantEgress",
                "StartTrackCompositeEgress",
                "StartTrackEgress",
                "UpdateLayout",
                "UpdateStream",
                "ListEgress",
                "StopEgress")));
    all.put(
        Needs.INGRESS,
        Map.of(
            "Ingress", List.of("CreateIngress", "UpdateIngress", "ListIngress", "DeleteIngress")));
    all.put(
        Needs.SIP_ADMIN,
        Map.of(
            "SIP",
            List.of(
                "ListSIPTrunk",
                "CreateSIPInboundTrunk",
                "CreateSIPOutboundTrunk",
                "GetSIPInboundTrunk",
                "GetSIPOutboundTrunk",
                "ListSIPInboundTrunk",
                "ListSIPOutboundTrunk",
                "DeleteSIPTrunk",
                "CreateSIPDispatchRule",
                "ListSIPDispatchRule",
                "DeleteSIPDispatchRule")));
    all.put(Needs.SIP_CALL, Map.of("SIP", List.of("CreateSIPParticipant")));
    List<Method> methods = new ArrayList<>();
    all.forEach(
        (needs, services) ->
            new TreeMap<>(services)
                .forEach(
                    (service, names) ->
                        names.forEach(name -> methods.add(new Method(service, name, needs)))));
    return methods;
  }

  /** Requests that name a room which is not there. */
  private static final String REQUEST =
      "{\"room\":\"none\",\"identity\":\"ada\",\"destinationIdentity\":\"ada\",\"trackSid\":\"TR_x\","
          + "\"muted\":true,\"destinationRoom\":\"there\",\"dispatchId\":\"AD_x\",\"agentName\":\"x\"}";

  /**
   * The grants that are not enough, by method: none, each other one, and those for another room.
   */
  private static Map<String, Optional<String>> tooLittle(Needs needs) {
    Map<String, Optional<String>> claims = new LinkedHashMap<>();
    claims.put("no token", Optional.empty());
    claims.put("nothing granted", Optional.of(""));
    claims.put("an empty video", Optional.of("\"video\":{}"));
    claims.put(
        "a participant's",
        Optional.of("\"sub\":\"ada\",\"video\":{\"roomJoin\":true,\"room\":\"none\"}"));
    claims.put(
        "an agent's",
        Optional.of(
            "\"sub\":\"ada\",\"kind\":\"agent\",\"video\":{\"roomJoin\":true,\"room\":\"none\",\"agent\":true}"));
    claims.put("hidden recorder", Optional.of("\"video\":{\"recorder\":true,\"hidden\":true}"));
    claims.put(
        "other services",
        Optional.of("\"agent\":{\"admin\":true},\"inference\":{\"perform\":true}"));
    claims.put(
        "all, said no to",
        Optional.of(
            "\"video\":{\"roomCreate\":false,\"roomList\":false,"
                + "\"roomAdmin\":false,\"room\":\"none\",\"roomRecord\":false},\"sip\":{\"admin\":false}"));
    for (Needs other : Needs.values()) {
      boolean covers = other == needs || (needs == Needs.ADMIN && other == Needs.ADMIN_OF_BOTH);
      if (!covers) {
        claims.put(other.name(), Optional.of(other.claims));
      }
    }
    claims.put(
        "another room's",
        Optional.of(
            "\"video\":{\"roomAdmin\":true,\"room\":\"other\",\"destinationRoom\":\"there\"}"));
    claims.put("no room's", Optional.of("\"video\":{\"roomAdmin\":true}"));
    claims.put(
        "a room's in another case",
        Optional.of("\"video\":{\"roomAdmin\":true,\"room\":\"None\"}"));
    claims.put(
        "the destination's alone",
        Optional.of(
            "\"video\":{\"roomAdmin\":true,\"room\":\"there\",\"destinationRoom\":\"none\"}"));
    return claims;
  }

  @TestFactory
  Stream<DynamicTest> noMethodDoesWithoutItsGrant() {
    return methods().stream()
        .flatMap(
            method ->
                tooLittle(method.needs()).entrySet().stream()
                    .map(
                        grant ->
                            DynamicTest.dynamicTest(
                                method.service() + "." + method.name() + " by " + grant.getKey(),
                                () ->
                                    assertThat(answer(method, grant.getValue()))
                                        .isEqualTo(DENIED))));
  }

  private String answer(Method method, Optional<String> claims) {
    return wire()
        .call(
            method.service(),
            method.name(),
            claims.map(each -> wire().token("{" + each + "}")),
            REQUEST);
  }

  /** Some take a real server seconds, so they are asked at the same time. */
  @Test
  void whatIsNotThereIsSaid() {
    Map<String, String> expected = new TreeMap<>();
    expected.put("DeleteRoom", NO_ROOM);
    expected.put("ListParticipants", "200 {\"participants\":[]}");
    expected.put("GetParticipant", NO_PARTICIPANT);
    expected.put("RemoveParticipant", NO_PARTICIPANT);
    expected.put("UpdateParticipant", NO_PARTICIPANT);
    expected.put("UpdateRoomMetadata", NO_ROOM);
    expected.put("ListEgress", notConnected("egress"));
    for (String method : List.of("CreateIngress", "ListIngress")) {
      expected.put(method, notConnected("ingress"));
    }
    for (String method :
        List.of(
            "ListSIPTrunk", "ListSIPInboundTrunk", "ListSIPDispatchRule", "CreateSIPParticipant")) {
      expected.put(method, notConnected("sip"));
    }
    for (String method :
        List.of(
            "MutePublishedTrack",
            "UpdateSubscriptions",
            "SendData",
            "PerformRpc",
            "ForwardParticipant",
            "MoveParticipant",
            "DeleteDispatch",
            "ListDispatch")) {
      expected.put(method, NO_RESPONSE);
    }
    Map<String, String> said = new ConcurrentSkipListMap<>();
    methods().parallelStream()
        .filter(method -> expected.containsKey(method.name()))
        .forEach(
            method -> said.put(method.name(), answer(method, Optional.of(method.needs().claims))));
    assertThat(said).isEqualTo(expected);
  }

  private static String notConnected(String what) {
    return "500 {\"code\":\"internal\",\"msg\":\"twirp error unknown: "
        + what
        + " not connected (redis required)\"}";
  }

  private String dispatch(String json) {
    String admin = wire().token("{\"video\":{\"roomAdmin\":true,\"room\":\"none\"}}");
    return wire().call(DISPATCHES, "CreateDispatch", Optional.of(admin), json);
  }

  @Test
  void whatIsSaidToAgentsIsTexts() {
    for (String wrong : List.of("\"x\"", "[]", "{\"a\":1}", "{\"a\":{}}")) {
      String json = "\"attributes\":" + wrong + "}";
      assertThat(dispatch("{\"room\":\"none\"," + json)).as(wrong).isEqualTo(MALFORMED);
      assertThat(
              rooms(
                  "CreateRoom",
                  "\"roomCreate\":true",
                  "{\"name\":\"x\",\"agents\":[{" + json + "]}"))
          .as(wrong)
          .isEqualTo(MALFORMED);
    }
  }

  private String rooms(String method, String video, String json) {
    return wire()
        .call(ROOMS, method, Optional.of(wire().token("{\"video\":{" + video + "}}")), json);
  }

  @Test
  void limitsAreKeptInTheServersOrder() {
    String create = "\"roomCreate\":true";
    String admin = "\"roomAdmin\":true,\"room\":\"none\",\"destinationRoom\":\"none\"";
    String long256 = "x".repeat(257);
    String metadata = "m".repeat(524_289);
    String invalid = "400 {\"code\":\"invalid_argument\",\"msg\":\"";
    String tooMuch = invalid + "metadata size exceeds limits 524288\"";

    assertThat(rooms("CreateRoom", create, "{\"name\":\"" + long256 + "\"}"))
        .isEqualTo(
            invalid + "twirp error unknown: room name length exceeds limits: max length 256\"}");
    assertThat(rooms("CreateRoom", create, "{\"name\":\"x\",\"metadata\":\"" + metadata + "\"}"))
        .startsWith(tooMuch);
    assertThat(
            rooms(
                "CreateRoom",
                create,
                "{\"name\":\"x\",\"agents\":[{\"agentName\":\"a\",\"metadata\":\""
                    + metadata
                    + "\"}]}"))
        .startsWith(tooMuch);
    String attributes = "\"attributes\":{\"a\":\"" + "v".repeat(65_536) + "\"}";
    assertThat(
            rooms(
                "CreateRoom",
                create,
                "{\"name\":\"x\",\"agents\":[{\"agentName\":\"a\"," + attributes + "}]}"))
        .startsWith(invalid + "attribute size exceeds limits 65536\"");
    assertThat(dispatch("{\"room\":\"none\"," + attributes + "}"))
        .isEqualTo(invalid + "twirp error unknown: attribute size exceeds limits\"}");
    assertThat(rooms("CreateRoom", create, "{\"name\":\"preset\",\"roomPreset\":\"nowhere\"}"))
        .isEqualTo(
            invalid + "twirp error unknown: unknown room configuration in create room request\"}");
    String big = "{\"room\":\"none\",\"identity\":\"a\",\"metadata\":\"" + metadata + "\"}";
    assertThat(rooms("UpdateParticipant", "", big)).as("before the grant").startsWith(tooMuch);
    assertThat(rooms("UpdateRoomMetadata", "", big)).as("before the grant").startsWith(tooMuch);
    assertThat(rooms("CreateRoom", "", "{\"name\":\"" + long256 + "\"}"))
        .as("after the grant")
        .isEqualTo(DENIED);
    assertThat(
            rooms("UpdateParticipant", admin, "{\"room\":\"none\",\"name\":\"" + long256 + "\"}"))
        .startsWith(invalid + "name length exceeds limits 256\"");
    assertThat(
            rooms(
                "UpdateParticipant",
                admin,
                "{\"room\":\"none\",\"attributes\":{\"a\":\"" + "v".repeat(65_536) + "\"}}"))
        .startsWith(invalid + "attribute size exceeds limits 65536\"");
    assertThat(rooms("SendData", admin, "{\"room\":\"none\",\"data\":\"aGk=\",\"nonce\":\"aGkx\"}"))
        .startsWith(invalid + "nonce should be 16-bytes or not present, got: 3 bytes\"");
    assertThat(rooms("PerformRpc", admin, "{\"room\":\"none\"}"))
        .startsWith(invalid + "twirp error unknown: destination identity is required\"");
    for (String method : List.of("ForwardParticipant", "MoveParticipant")) {
      assertThat(
              rooms(
                  method,
                  admin,
                  "{\"room\":\"none\",\"identity\":\"a\",\"destinationRoom\":\"none\"}"))
          .startsWith(invalid + "destination room cannot be the same as source room \"");
    }
  }

  @Test
  void deploymentsAreNamedAsTheServerAllows() {
    String admin = "{\"video\":{\"roomAdmin\":true,\"room\":\"deployed\"}}";
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("a b", "deployment contains whitespace or control byte at position 1");
    expected.put("a_b", "deployment contains reserved character '_'");
    expected.put("x".repeat(65), "deployment exceeds 64 bytes");
    expected.forEach(
        (deployment, why) ->
            assertThat(
                    wire()
                        .call(
                            DISPATCHES,
                            "CreateDispatch",
                            Optional.of(wire().token(admin)),
                            "{\"room\":\"deployed\",\"deployment\":\"" + deployment + "\"}"))
                .isEqualTo(
                    "400 {\"code\":\"invalid_argument\",\"msg\":\"twirp error unknown: "
                        + why
                        + "\"}"));
  }

  @Test
  void whatIsNoRequestIsRefused() {
    String create = "\"roomCreate\":true";
    for (String body :
        List.of(
            "{",
            "[]",
            "",
            "null",
            "5",
            "{\"name\":5}",
            "{\"name\":[]}",
            "{\"syncStreams\":\"true\"}",
            "{\"tags\":{\"a\":1}}",
            "{\"agents\":{}}",
            "{\"agents\":[{\"metadata\":1}]}",
            "{\"emptyTimeout\":-1}")) {
      assertThat(rooms("CreateRoom", create, body)).as(body).isEqualTo(MALFORMED);
    }
    assertThat(rooms("CreateRoom", "", "{")).as("before the grant").isEqualTo(MALFORMED);
    assertThat(rooms("CreateRoom", create, "{\"name\":\"u\"} x")).startsWith("200 ");
    assertThat(rooms("CreateRoom", create, "{\"name\":null,\"maxParticipants\":\"3\"}"))
        .startsWith("200 ");
    assertThat(rooms("CreateRoom", create, "{\"name\":\"u\",\"nobodyKnows\":1}"))
        .startsWith("200 ");
    assertThat(rooms("CreateRoom", create, "{\"name\":\"u\",\"empty_timeout\":7}"))
        .startsWith("200 ");
    Optional<String> token = Optional.of(wire().token("{\"video\":{" + create + "}}"));
    assertThat(wire().call(ROOMS, "CreateRoom", token, "{}", "application/json; charset=utf-8"))
        .startsWith("200 ");
    assertThat(wire().call(ROOMS, "CreateRoom", token, "{}", "text/plain"))
        .startsWith(
            "404 {\"code\":\"bad_route\",\"msg\":\"unexpected Content-Type: \\\"text/plain\\\"\"");
    assertThat(wire().call(ROOMS, "Nothing", token, "{}"))
        .startsWith(
            "404 {\"code\":\"bad_route\",\"msg\":\"no handler for path \\\"/twirp/livekit.RoomService/Nothing\\\"\"");
    assertThat(wire().call("NoService", "CreateRoom", token, "{}"))
        .isEqualTo("404 404 page not found\n");
    assertThat(wire().get("/twirp/livekit.RoomService/CreateRoom", Map.of()))
        .startsWith(
            "404 {\"code\":\"bad_route\",\"msg\":\"unsupported method \\\"GET\\\" (only POST is allowed)\"");
    assertThat(wire().call(ROOMS, "CreateRoom", token, "\u0001\u0002", "application/protobuf"))
        .isEqualTo(
            "400 {\"code\":\"malformed\",\"msg\":\"the protobuf request could not be decoded\"}");
  }

  /** The names and types that a client in any language reads. */
  @Test
  void roomsAndDispatchesAreAnsweredInTheProtocolsOwnNames() throws IOException {
    JsonNode room =
        json(
            rooms(
                "CreateRoom",
                "\"roomCreate\":true",
                "{\"name\":\"named\",\"emptyTimeout\":7,\"departureTimeout\":9,\"maxParticipants\":3,"
                    + "\"metadata\":\"m\",\"agents\":[{\"agentName\":\"x\",\"metadata\":\"am\","
                    + "\"deployment\":\"blue\",\"attributes\":{\"a\":\"1\"}},{\"agent_name\":\"y\"}]}"));
    assertThat(room.get("sid").textValue()).matches("RM_[0-9A-Za-z]{12}");
    assertThat(room.get("empty_timeout").intValue()).isEqualTo(7);
    assertThat(room.get("departure_timeout").intValue()).isEqualTo(9);
    assertThat(room.get("max_participants").intValue()).isEqualTo(3);
    assertThat(room.get("creation_time").isTextual()).isTrue();
    assertThat(room.get("creation_time_ms").textValue())
        .startsWith(room.get("creation_time").textValue());
    assertThat(room.get("metadata").textValue()).isEqualTo("m");
    assertThat(room.get("num_participants").intValue()).isZero();
    assertThat(room.get("active_recording").booleanValue()).isFalse();

    JsonNode dispatches =
        json(wire()
                .call(
                    DISPATCHES,
                    "ListDispatch",
                    Optional.of(
                        wire().token("{\"video\":{\"roomAdmin\":true,\"room\":\"named\"}}")),
                    "{\"room\":\"named\"}"))
            .get("agent_dispatches");
    assertThat(dispatches).hasSize(2);
    boolean isFirst = dispatches.at("/0/agent_name").textValue().equals("x");
    JsonNode dispatch = dispatches.get(isFirst ? 0 : 1);
    JsonNode bare = dispatches.get(isFirst ? 1 : 0);
    assertThat(dispatch.get("id").textValue()).matches("AD_[0-9A-Za-z]{12}");
    assertThat(dispatch.get("agent_name").textValue()).isEqualTo("x");
    assertThat(dispatch.get("room").textValue()).isEqualTo("named");
    assertThat(dispatch.get("metadata").textValue()).isEqualTo("am");
    assertThat(dispatch.get("restart_policy").textValue()).isEqualTo("JRP_ON_FAILURE");
    assertThat(dispatch.at("/state/created_at").textValue()).hasSize(19);
    assertThat(dispatch.at("/state/jobs")).isEmpty();
    assertThat(dispatch.get("deployment").textValue()).isEqualTo("blue");
    assertThat(dispatch.get("attributes")).hasToString("{\"a\":\"1\"}");
    assertThat(bare.get("deployment").textValue()).isEmpty();
    assertThat(bare.get("attributes")).hasToString("{}");
  }

  private static JsonNode json(String answer) throws IOException {
    assertThat(answer).startsWith("200 ");
    return Wire.JSON.readTree(answer.substring(4));
  }

  private static <T> T ok(Call<T> call) throws IOException {
    Response<T> response = call.execute();
    assertThat(response.code()).isEqualTo(200);
    return response.body();
  }

  /** LiveKit's own SDK, as it comes, in the protocol's binary form. */
  @Test
  void theKotlinSdkIsServed() throws IOException {
    String http = "http" + server().url().substring(2);
    RoomServiceClient rooms =
        RoomServiceClient.createClient(http, server().apiKey(), server().apiSecret());
    AgentDispatchServiceClient agents =
        AgentDispatchServiceClient.createClient(http, server().apiKey(), server().apiSecret());

    Room made = ok(rooms.createRoom("sdk", 11));
    AgentDispatch sent = ok(agents.createDispatch("sdk", "bridge", "job 1"));

    assertThat(made.getName()).isEqualTo("sdk");
    assertThat(made.getEmptyTimeout()).isEqualTo(11);
    assertThat(ok(rooms.listRooms(List.of("sdk"))))
        .extracting(Room::getSid)
        .containsExactly(made.getSid());
    assertThat(ok(rooms.listParticipants("sdk"))).isEmpty();
    assertThat(ok(rooms.updateRoomMetadata("sdk", "changed")).getMetadata()).isEqualTo("changed");
    assertThat(sent.getId()).startsWith("AD_");
    assertThat(ok(agents.listDispatch("sdk")))
        .extracting(AgentDispatch::getAgentName)
        .containsExactlyInAnyOrder("", "bridge");
    assertThat(ok(agents.deleteDispatch("sdk", sent.getId())).getMetadata()).isEqualTo("job 1");
    Response<?> missing = rooms.getParticipant("sdk", "nobody").execute();
    assertThat(missing.code()).isEqualTo(404);
    ok(rooms.deleteRoom("sdk"));
    assertThat(ok(rooms.listRooms(List.of("sdk")))).isEmpty();
  }
}
