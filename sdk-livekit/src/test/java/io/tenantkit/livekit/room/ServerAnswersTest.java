package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of servers that refuse, fail, talk nonsense or say nothing. */
class ServerAnswersTest {
  private static final String SECRET = "CANARY-secret-of-thirty-two-chars";

  private final RoomHouse house = new RoomHouse();
  private final ScriptedServer server = new ScriptedServer();
  private final LiveKitRooms rooms = LiveKitRooms.of(house.livekit);
  private final TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | {\"code\":\"unauthenticated\",\"msg\":\"CANARY\"}      | REFUSED     | LIVEKIT_REFUSED",
        "403 | {\"code\":\"permission_denied\",\"msg\":\"CANARY\"}    | REFUSED     | LIVEKIT_REFUSED",
        "401 | no json                                                | REFUSED     | LIVEKIT_REFUSED",
        "400 | {\"code\":\"invalid_argument\",\"msg\":\"CANARY\"}     | INVALID     | LIVEKIT_FAILED",
        "409 | {\"code\":\"already_exists\"}                          | CONFLICT    | CONFLICT",
        "429 | {\"code\":\"resource_exhausted\"}                      | EXHAUSTED   | LIVEKIT_FAILED",
        "429 | <html>slow down</html>                                 | EXHAUSTED   | LIVEKIT_FAILED",
        "501 | {\"code\":\"unimplemented\"}                           | UNSUPPORTED | LIVEKIT_FAILED",
        "404 | {\"code\":\"bad_route\"}                               | UNSUPPORTED | LIVEKIT_FAILED",
        "503 | {\"code\":\"unavailable\"}                             | UNAVAILABLE | EGRESS_FAILED",
        "502 | <html>bad gateway</html>                               | UNAVAILABLE | EGRESS_FAILED",
        "500 | {\"code\":\"internal\",\"msg\":\"CANARY\"}             | FAILED      | LIVEKIT_FAILED",
        "404 | <html>not found</html>                                 | NO_LIVEKIT  | LIVEKIT_FAILED",
        "200 | garbage                                                | NO_LIVEKIT  | LIVEKIT_FAILED",
        "200 | []                                                     | NO_LIVEKIT  | LIVEKIT_FAILED",
        "302 | {}                                                     | NO_LIVEKIT  | LIVEKIT_FAILED"
      })
  void eachIsTold(int status, String body, ServerFailure failure, ErrorCode code) {
    server.otherwise(status, body);

    assertThatThrownBy(() -> rooms.list(acme))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> {
              assertThat(error.failure()).isEqualTo(failure);
              assertThat(error.code()).isEqualTo(code);
            })
        .hasMessageNotContaining("CANARY")
        .hasNoCause();
  }

  @Test
  void deepAnswersAreNoLiveKitsAndLongOnesAreTooLong() {
    server.otherwise(200, "{\"rooms\":" + "[".repeat(5_000));
    assertThatThrownBy(() -> rooms.list(acme))
        .isInstanceOfSatisfying(
            LiveKitException.class,
            error -> assertThat(error.failure()).isEqualTo(ServerFailure.NO_LIVEKIT));
    server.otherwise(200, "{\"x\":\"" + "x".repeat(2 << 20) + "\"}");
    assertThatThrownBy(() -> rooms.list(acme))
        .isInstanceOfSatisfying(
            EgressException.class,
            error -> assertThat(error.failure()).isEqualTo(EgressFailure.TOO_LARGE));
  }

  @Test
  void whoIsPutOutMayHaveTheirTokensTakenBackWhereTheServerCan() {
    rooms.remove(acme, "hall", "ada", Instant.ofEpochMilli(1_795_000_000_999L));
    assertThat(server.lastBody())
        .isEqualTo("{\"room\":\"hall\",\"identity\":\"ada\",\"revokeTokenTs\":1795000000}");
    rooms.remove(acme, "hall", "ada");
    assertThat(server.lastBody()).isEqualTo("{\"room\":\"hall\",\"identity\":\"ada\"}");
    for (Instant bad : List.of(Instant.EPOCH, Instant.MIN, Instant.MAX)) {
      assertThatThrownBy(() -> rooms.remove(acme, "hall", "ada", bad))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("tokensBefore: ");
    }
    assertThat(server.called()).hasSize(2);
  }

  @Test
  void numbersAndTextsOfAnyKindAreReadWithoutFailing() {
    server.otherwise(
        200,
        "{\"rooms\":[{\"name\":7,\"creation_time\":\"99999999999999999999\","
            + "\"num_participants\":-3,\"maxParticipants\":\"12\",\"later\":{\"x\":[1]}}]}");

    assertThat(rooms.list(acme))
        .singleElement()
        .satisfies(
            room -> {
              assertThat(room.name()).isEmpty();
              assertThat(room.participants()).isZero();
              assertThat(room.maxParticipants()).isEqualTo(12);
            });
  }

  @Test
  void aServerThatSaysNothingCostsItsTimeOnly() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      TenantContext quiet =
          house.connected("quiet", "ws://127.0.0.1:" + silent.getLocalPort(), "APIq", SECRET);
      assertThatThrownBy(() -> rooms.list(quiet))
          .isInstanceOfSatisfying(
              EgressException.class,
              error -> assertThat(error.failure()).isEqualTo(EgressFailure.TIMEOUT));
    }
    TenantContext gone = house.connected("gone", "ws://127.0.0.1:1", "APIg", SECRET);
    assertThatThrownBy(() -> rooms.list(gone))
        .isInstanceOfSatisfying(
            EgressException.class,
            error -> assertThat(error.failure()).isEqualTo(EgressFailure.UNREACHABLE));
  }

  @Test
  void aCallIsSignedForItselfAlone() {
    server.on("CreateRoom", 200, "{\"sid\":\"RM_1\",\"name\":\"hall\"}");
    rooms.create(acme, "hall", RoomConfig.builder().build());
    rooms.participants(acme, "hall");

    assertThat(server.tokens()).hasSize(2).allMatch(token -> token.startsWith("Bearer "));
    assertThat(claims(server.tokens().get(0)))
        .contains("\"video\":{\"roomCreate\":true}}")
        .doesNotContain("CANARY");
    String second = claims(server.tokens().get(1));
    assertThat(second).contains("\"video\":{\"room\":\"hall\",\"roomAdmin\":true}}");
    long nbf = number(second, "nbf");
    assertThat(number(second, "exp") - nbf).as("seconds to live").isLessThanOrEqualTo(60);
  }

  private static String claims(String header) {
    return new String(
        Base64.getUrlDecoder().decode(header.split("\\.", -1)[1]), StandardCharsets.UTF_8);
  }

  private static long number(String claims, String name) {
    return Long.parseLong(claims.replaceAll(".*\"" + name + "\":([0-9]+).*", "$1"));
  }

  @Test
  void withoutCredentialsOrWhenSuspendedNothingIsSent() {
    house.plane.organizations().create(RoomHouse.OPERATOR, OrganizationId.of("bare"), "bare");
    TenantContext bare = TenantContext.trusted(OrganizationId.of("bare"), "test");
    assertThatThrownBy(() -> rooms.list(bare))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("livekit credentials not found");
    assertThatThrownBy(() -> rooms.list(acme.joining(action -> {})))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            error -> assertThat(error.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
    house.plane.organizations().suspend(RoomHouse.OPERATOR, acme.organization());
    assertThatThrownBy(() -> rooms.list(acme)).isInstanceOf(AccessDeniedException.class);

    assertThat(server.called()).isEmpty();
  }
}
