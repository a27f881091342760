package io.tenantkit.livekit.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import livekit.LivekitModels;
import livekit.LivekitRoom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not typed, by the messages of LiveKit's SDK. */
class LiveKitSdkCallsTest {
  private static final String SECRET = "a-secret-of-at-least-32-characters";
  private static final ApiToken LISTER = ApiToken.of("backend").grant(VideoPermission.ROOM_LIST);
  private static final LivekitRoom.ListRoomsRequest ALL =
      LivekitRoom.ListRoomsRequest.getDefaultInstance();

  @Test
  void aRealServerAnswersWithMessages() {
    try (RealLiveKitServer server = RealLiveKitServer.start();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme =
          house.connected("acme", server.url(), server.apiKey(), server.apiSecret());
      LiveKitSdkCalls sdk = LiveKitSdkCalls.of(house.livekit);
      LivekitModels.Room room =
          sdk.call(
              acme,
              "RoomService",
              "CreateRoom",
              ApiToken.of("backend").grant(VideoPermission.ROOM_CREATE),
              LivekitRoom.CreateRoomRequest.newBuilder()
                  .setName("hall")
                  .setMaxParticipants(3)
                  .build(),
              LivekitModels.Room.parser(),
              "make a room");
      assertThat(room.getMaxParticipants()).isEqualTo(3);
      assertThat(
              sdk.call(
                      acme,
                      "RoomService",
                      "ListRooms",
                      LISTER,
                      ALL,
                      LivekitRoom.ListRoomsResponse.parser(),
                      "list",
                      Duration.ofSeconds(30))
                  .getRoomsList())
          .extracting(LivekitModels.Room::getSid)
          .containsExactly(room.getSid());
      assertThatThrownBy(
              () ->
                  sdk.call(
                      acme,
                      "RoomService",
                      "DeleteRoom",
                      LISTER,
                      LivekitRoom.DeleteRoomRequest.newBuilder().setRoom("hall").build(),
                      LivekitRoom.DeleteRoomResponse.parser(),
                      "with a token that does not grant it"))
          .isInstanceOfSatisfying(
              LiveKitException.class,
              error -> assertThat(error.failure()).isEqualTo(ServerFailure.REFUSED));
      assertThatThrownBy(
              () ->
                  sdk.call(
                      acme,
                      "NoSuchService",
                      "Call",
                      LISTER,
                      ALL,
                      LivekitRoom.ListRoomsResponse.parser(),
                      "nothing"))
          .isInstanceOf(LiveKitException.class);
      assertThat(house.actions(acme)).contains("livekit.api.called");
      assertThat(house.trail(acme)).contains("CreateRoom", "make a room");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | text/html            | <html>                             | NO_LIVEKIT",
        "200 | application/json     | {}                                 | NO_LIVEKIT",
        "200 | application/protobuf | <html>                             | NO_LIVEKIT",
        "404 | application/json     | {\"code\":\"not_found\"}           | NOT_FOUND",
        "401 | application/json     | {\"code\":\"unauthenticated\"}     | REFUSED",
        "500 | application/json     | {\"code\":\"internal\"}            | FAILED",
        "503 | text/plain           | CANARY                             | UNAVAILABLE",
      })
  void otherAnswersAreTyped(int status, String type, String body, ServerFailure failure) {
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      server.otherwise(status, type, body.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(
              () ->
                  LiveKitSdkCalls.of(house.livekit)
                      .call(
                          acme,
                          "RoomService",
                          "ListRooms",
                          LISTER,
                          ALL,
                          LivekitRoom.ListRoomsResponse.parser(),
                          "list"))
          .isInstanceOfSatisfying(
              LiveKitException.class, error -> assertThat(error.failure()).isEqualTo(failure))
          .hasMessageNotContaining("CANARY")
          .hasNoCause();
    }
  }

  @Test
  void aCallIsSignedForAMinuteAndGrantsWhatIsNamed() {
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      server.otherwise(200, "application/protobuf", new byte[0]);
      LiveKitSdkCalls.of(house.livekit)
          .call(
              acme,
              "RoomService",
              "ListRooms",
              LISTER.ttl(Duration.ofHours(6)),
              LivekitRoom.ListRoomsRequest.newBuilder().addNames("hall").build(),
              LivekitRoom.ListRoomsResponse.parser(),
              "list");

      String claims = server.lastClaims();
      assertThat(claims).contains("\"video\":{\"roomList\":true}");
      assertThat(number(claims, "exp") - number(claims, "nbf")).isLessThanOrEqualTo(60);
      assertThat(server.bodies().get(0)).contains("hall".getBytes(StandardCharsets.UTF_8));
      TenantContext reader = acme.limitedTo(ScopeSet.of("livekit:read"));
      assertThatThrownBy(
              () ->
                  LiveKitSdkCalls.of(house.livekit)
                      .call(
                          reader,
                          "RoomService",
                          "ListRooms",
                          LISTER,
                          ALL,
                          LivekitRoom.ListRoomsResponse.parser(),
                          "list"))
          .isInstanceOf(AccessDeniedException.class);
      assertThat(server.called()).hasSize(1);
    }
  }

  private static long number(String claims, String name) {
    return Long.parseLong(claims.replaceAll(".*\"" + name + "\":([0-9]+).*", "$1"));
  }

  /** They become a path, and behind a proxy other paths are other services. */
  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "..", "Room.Service", "x?y", "Röom", "1x"})
  void namesAreNames(String name) {
    try (RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", "ws://127.0.0.1:1", "APIacme", SECRET);
      LiveKitSdkCalls sdk = LiveKitSdkCalls.of(house.livekit);
      assertThatThrownBy(
              () ->
                  sdk.call(
                      acme, name, "X", LISTER, ALL, LivekitRoom.ListRoomsResponse.parser(), "r"))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              error -> assertThat(error.property()).isEqualTo("service"));
      assertThatThrownBy(
              () ->
                  sdk.call(
                      acme, "X", name, LISTER, ALL, LivekitRoom.ListRoomsResponse.parser(), "r"))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              error -> assertThat(error.property()).isEqualTo("method"));
    }
  }

  @Test
  void aRequestIsBounded() {
    try (RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", "ws://127.0.0.1:1", "APIacme", SECRET);
      LivekitRoom.SendDataRequest large =
          LivekitRoom.SendDataRequest.newBuilder()
              .setData(ByteString.copyFrom(new byte[LiveKitSdkCalls.MAX_REQUEST_BYTES]))
              .build();
      assertThatThrownBy(
              () ->
                  LiveKitSdkCalls.of(house.livekit)
                      .call(
                          acme,
                          "RoomService",
                          "SendData",
                          LISTER,
                          large,
                          LivekitRoom.SendDataResponse.parser(),
                          "send"))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              error -> assertThat(error.property()).isEqualTo("request"));
    }
  }
}
