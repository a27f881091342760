package io.tenantkit.livekit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.room.Participant;
import io.tenantkit.livekit.room.RoomHouse;
import io.tenantkit.livekit.room.RoomReports;
import io.tenantkit.livekit.room.ScriptedServer;
import io.tenantkit.livekit.room.Track;
import io.tenantkit.livekit.webhook.Forge;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a room of one's own may be built on, used as the rooms here use it. */
class UpperRoomTest {
  private static final String SECRET = "a-secret-of-at-least-32-characters";
  private static final OrganizationId ACME = OrganizationId.of("acme");

  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  private static ServerCall call() {
    return new ServerCall(
        "RoomService",
        "ListRooms",
        ApiToken.of("own-room").grant(VideoPermission.ROOM_LIST),
        "{}",
        new Purpose("own.rooms_counted", "count rooms", Map.of()));
  }

  @Test
  void aReaderOfOnesOwnSeesTheBytesAndKeepsNone() {
    server.on("ListRooms", 200, "{\"rooms\":[]}");
    ServerCalls calls = house.livekit.calls();
    List<byte[]> seen = new ArrayList<>();
    AnswerReader<Integer> length =
        body -> {
          seen.add(body);
          return body.length;
        };

    assertThat(calls.call(acme, call(), length)).isEqualTo(12);
    assertThat(seen.get(0)).as("wiped").containsOnly(0);
    assertThat(calls.call(acme, call()).path("rooms").isArray()).isTrue();
    assertThat(house.actions(acme)).contains("own.rooms_counted");

    AnswerReader<String> hopeless =
        body -> {
          throw new IOException(new String(body, StandardCharsets.UTF_8) + "CANARY");
        };
    assertThatThrownBy(() -> calls.call(acme, call(), hopeless))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> assertThat(error.failure()).isEqualTo(ServerFailure.NO_LIVEKIT))
        .hasNoCause()
        .hasMessageNotContaining("CANARY");
  }

  @Test
  void credentialsAreLentAndWiped() {
    LentCredentials credentials = house.livekit.credentials();
    List<LiveKitCredentials> kept = new ArrayList<>();

    String key =
        credentials.use(
            acme,
            new Purpose("own.started", "start something", Map.of()),
            lent -> {
              kept.add(lent);
              assertThat(lent.apiSecret().string(SecretAccess.get())).isEqualTo(SECRET);
              return lent.apiKey();
            });

    assertThat(key).isEqualTo("APIacme");
    assertThat(house.actions(acme)).contains("own.started");
    assertThatThrownBy(() -> kept.get(0).apiSecret().string(SecretAccess.get()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aKeysOwnerIsWhoSignsWithIt() {
    TenantContext globex = house.connected("globex", "wss://b.example", "APIacme", SECRET + "2");
    ServerKeys keys = house.livekit.serverKeys();
    assertThat(keys.owners("APIacme", null, 10))
        .extracting(Owner::organization)
        .containsExactly(ACME, OrganizationId.of("globex"));
    assertThat(keys.owners("APInobody", null, 10)).isEmpty();

    String[] parts;
    try (IssuedToken token = house.livekit.tokens().issue(acme, ParticipantToken.join("r", "i"))) {
      parts = token.jwt().string(SecretAccess.get()).split("[.]", -1);
    }
    byte[] input = Forge.utf8(parts[0] + "." + parts[1]);
    byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
    assertThat(keys.isSigned(acme, "APIacme", input, signature)).isTrue();
    assertThat(keys.isSigned(globex, "APIacme", input, signature)).isFalse();
    assertThat(keys.isSigned(acme, "APIother", input, signature)).isFalse();
  }

  @Test
  void aMessageIsItsSignersOrNobodys() {
    SignedMessages messages = house.livekit.signedMessages();
    byte[] body = Forge.utf8("{\"event\":\"own\"}");
    Instant now = Instant.now();

    assertThat(messages.judge(body, Forge.token("APIacme", SECRET, body, now)))
        .isEqualTo(new SignedMessages.Genuine(ACME, Environment.PRODUCTION));
    assertThat(messages.judge(body, Forge.token("APIacme", SECRET + "x", body, now)))
        .isEqualTo(SignedMessages.Refused.UNTRUSTED);
    assertThat(messages.judge(Forge.utf8("{}"), Forge.token("APIacme", SECRET, body, now)))
        .isEqualTo(SignedMessages.Refused.UNTRUSTED);
  }

  @Test
  void textsAreCountedInBytesAndWellFormed() {
    assertThat(RequestTexts.name("n", "é".repeat(4), 8)).hasSize(4);
    refused(() -> RequestTexts.name("n", "é".repeat(4), 7));
    refused(() -> RequestTexts.name("n", "", 8));
    refused(() -> RequestTexts.name("n", "a\nb", 8));
    refused(() -> RequestTexts.data("n", "\ud83d", 8));
    assertThat(RequestTexts.data("n", "a\nb", 3)).isEqualTo("a\nb");
    assertThat(RequestTexts.name("n", Optional.empty(), 8)).isEmpty();
    refused(() -> RequestTexts.name("n", Optional.of(""), 8));
    refused(() -> RequestTexts.names("n", List.of("a", "b"), 1, 8));
    assertThat(RequestTexts.texts("n", Map.of("b", "", "a", "x"), 2, 8).toString())
        .isEqualTo("{a=x, b=}");
    refused(() -> RequestTexts.texts("n", Map.of("a", "123456789"), 2, 8));
    assertThat(RequestTexts.number("n", 8, 1, 8)).isEqualTo(8);
    refused(() -> RequestTexts.number("n", 9, 1, 8));
  }

  private static void refused(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            InvalidInputException.class, error -> assertThat(error.property()).isEqualTo("n"));
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  /** ProtoJSON, and what never was one. */
  @Test
  void answersAreReadInAllFormsAndNothingElse() throws Exception {
    for (String form : new String[] {"{'a_text':'t','big':'9'}", "{'aText':'t','big':9}"}) {
      assertThat(AnswerJson.text(json(form), "a_text")).isEqualTo("t");
      assertThat(AnswerJson.number(json(form), "big")).isEqualTo(9);
    }
    JsonNode odd =
        json(
            "{'t':7,'n':-1,'many':99999999999,'time':'soon','wait':'1h','l':'x','m':[1],'e':'X_NO'}");
    assertThat(AnswerJson.text(odd, "t")).isEmpty();
    assertThat(AnswerJson.present(odd, "none")).isEmpty();
    assertThat(AnswerJson.number(odd, "n")).isZero();
    assertThat(AnswerJson.count(odd, "many")).isEqualTo(Integer.MAX_VALUE);
    assertThat(AnswerJson.timestamp(odd, "time")).isEmpty();
    assertThat(AnswerJson.duration(odd, "wait")).isEmpty();
    assertThat(AnswerJson.texts(odd, "l")).isEmpty();
    assertThat(AnswerJson.map(odd, "m")).isEmpty();
    assertThat(AnswerJson.nanos(odd, "none")).isEmpty();
    assertThat(AnswerJson.millis(Long.MAX_VALUE)).isBefore(Instant.parse("+10000-01-01T00:00:00Z"));
    List<Track.Type> types = List.of(Track.Type.values());
    assertThat(AnswerJson.oneOf(odd, "e", "X_", types, Track.Type.DATA)).isEqualTo(Track.Type.DATA);
    assertThat(AnswerJson.oneOf(odd, "none", "X_", types, Track.Type.DATA))
        .isEqualTo(Track.Type.AUDIO);
    assertThat(AnswerJson.duration(json("{'wait':'1.5s'}"), "wait"))
        .contains(Duration.ofMillis(1_500));
  }

  /** As an event has them that some later server tells. */
  @Test
  void roomsPeopleAndTracksAreReadOutsideOfAnswersToo() throws Exception {
    JsonNode event =
        json(
            "{'room':{'sid':'RM_1','name':'desk','later':{}},"
                + "'participant':{'sid':'PA_1','identity':'ada'},'track':{'sid':'TR_1','type':'VIDEO'}}");
    assertThat(RoomReports.room(event.get("room")).name()).isEqualTo("desk");
    Participant ada = RoomReports.participant(event.get("participant"));
    assertThat(ada.identity()).isEqualTo("ada");
    assertThat(RoomReports.track(event.get("track")).type()).isEqualTo(Track.Type.VIDEO);
    assertThat(RoomReports.room(event.path("none")).name()).isEmpty();
  }
}
