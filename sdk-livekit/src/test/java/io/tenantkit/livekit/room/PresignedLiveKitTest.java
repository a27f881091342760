package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.ApiToken;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitException;
import io.tenantkit.livekit.PresignedLiveKit;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.RoomConfig;
import io.tenantkit.livekit.ServerFailure;
import io.tenantkit.livekit.ServerUrl;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.VideoPermission;
import io.tenantkit.livekit.egress.EgressFilter;
import io.tenantkit.livekit.egress.LiveKitEgress;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.ingress.IngressFilter;
import io.tenantkit.livekit.ingress.LiveKitIngress;
import io.tenantkit.livekit.sdk.LiveKitSdkCalls;
import io.tenantkit.livekit.sip.LiveKitSip;
import io.tenantkit.livekit.sip.TrunkFilter;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process without the secret, with a token that one with it has signed. */
final class PresignedLiveKitTest {
  private static final String SECRET = "a-secret-of-at-least-32-characters";

  /** All that an agent's process has: whose agent it is, a way out, and what it was handed. */
  private final TenantContext agent = TenantContext.trusted(OrganizationId.of("acme"), "bridge");

  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();

  @AfterEach
  void close() {
    egress.close();
  }

  /** What the process that has the secret hands over. */
  private static IssuedToken issued(RoomHouse house, TenantContext acme, ApiToken wanted) {
    return house.livekit.tokens().issue(acme, wanted);
  }

  private PresignedLiveKit presigned(IssuedToken token, Clock clock) {
    return PresignedLiveKit.builder(agent, token.serverUrl(), token.jwt())
        .egress(egress)
        .clock(clock)
        .build();
  }

  private static void fails(ServerFailure failure, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LiveKitException.class, error -> assertThat(error.failure()).isEqualTo(failure));
  }

  @Test
  void onARealServerItMayWhatItsTokenGrantsAndNoMore() {
    ApiToken moderator =
        ApiToken.inRoom("desk", "bridge")
            .grant(
                VideoPermission.ROOM_CREATE, VideoPermission.ROOM_LIST, VideoPermission.ROOM_ADMIN)
            .ttl(Duration.ofMinutes(5));
    try (RealLiveKitServer server = RealLiveKitServer.start();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme =
          house.connected("acme", server.url(), server.apiKey(), server.apiSecret());
      LiveKitRooms.of(house.livekit).create(acme, "other", RoomConfig.builder().build());
      try (IssuedToken token = issued(house, acme, moderator);
          PresignedLiveKit presigned = presigned(token, Clock.systemUTC())) {
        assertThat(presigned.expiresAt()).isEqualTo(token.expiresAt());
        assertThat(presigned.serverUrl()).isEqualTo(token.serverUrl());
        LiveKitRooms rooms = LiveKitRooms.of(presigned);
        AgentDispatches agents = AgentDispatches.of(presigned);

        Room made = rooms.create(agent, "desk", RoomConfig.builder().maxParticipants(3).build());
        AgentDispatch sent = agents.create(agent, "desk", RoomAgent.named("scribe"));

        assertThat(rooms.get(agent, "desk").sid()).isEqualTo(made.sid());
        assertThat(rooms.updateMetadata(agent, "desk", "changed").metadata()).isEqualTo("changed");
        assertThat(rooms.participants(agent, "desk")).isEmpty();
        rooms.send(agent, "desk", DataMessage.of("hello"));
        assertThatThrownBy(() -> rooms.remove(agent, "desk", "nobody"))
            .isInstanceOf(NotFoundException.class);
        assertThat(agents.list(agent, "desk")).extracting(AgentDispatch::id).contains(sent.id());
        agents.delete(agent, "desk", sent.id());
        // What the token does not grant.
        fails(ServerFailure.REFUSED, () -> rooms.updateMetadata(agent, "other", "x"));
        fails(ServerFailure.REFUSED, () -> agents.create(agent, "other", RoomAgent.named("x")));
        fails(
            ServerFailure.REFUSED,
            () -> LiveKitEgress.of(presigned).list(agent, EgressFilter.all()));
        fails(
            ServerFailure.REFUSED,
            () -> LiveKitIngress.of(presigned).list(agent, IngressFilter.all()));
        fails(
            ServerFailure.REFUSED,
            () -> LiveKitSip.of(presigned).inboundTrunks(agent, TrunkFilter.all()));
      }
      ApiToken media =
          ApiToken.of("bridge")
              .grant(VideoPermission.ROOM_RECORD, VideoPermission.INGRESS_ADMIN)
              .grant(ServiceGrant.SIP_ADMIN);
      try (IssuedToken token = issued(house, acme, media);
          PresignedLiveKit presigned = presigned(token, Clock.systemUTC())) {
        // It may; this server has none of these services beside it.
        for (ThrowingCallable call :
            List.<ThrowingCallable>of(
                () -> LiveKitEgress.of(presigned).list(agent, EgressFilter.all()),
                () -> LiveKitIngress.of(presigned).list(agent, IngressFilter.all()),
                () -> LiveKitSip.of(presigned).inboundTrunks(agent, TrunkFilter.all()))) {
          fails(ServerFailure.FAILED, call);
        }
        fails(ServerFailure.REFUSED, () -> LiveKitRooms.of(presigned).list(agent));
      }
    }
  }

  @Test
  void theTokenIsSentAsItIsUntilItExpires() {
    TickingClock clock = TickingClock.at(Instant.now());
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      try (IssuedToken token =
              issued(house, acme, ApiToken.of("bridge").ttl(Duration.ofMinutes(5)));
          PresignedLiveKit presigned = presigned(token, clock)) {
        LiveKitRooms rooms = LiveKitRooms.of(presigned);
        clock.tick(Duration.between(clock.instant(), token.expiresAt()).minusMillis(1));
        rooms.list(agent);
        server.otherwise(200, "application/protobuf", new byte[0]);
        LiveKitSdkCalls.of(presigned)
            .call(
                agent,
                "Connector",
                "Dial",
                ApiToken.of("x"),
                Empty.getDefaultInstance(),
                Empty.parser(),
                "call");
        assertThat(server.tokens())
            .hasSize(2)
            .containsOnly("Bearer " + token.jwt().string(SecretAccess.get()));

        clock.tick(Duration.ofMillis(1));
        fails(ServerFailure.EXPIRED, () -> rooms.list(agent));
        fails(
            ServerFailure.EXPIRED,
            () -> AgentDispatches.of(presigned).create(agent, "desk", RoomAgent.named("x")));
        assertThatThrownBy(() -> rooms.list(agent))
            .isInstanceOfSatisfying(
                TenantkitException.class,
                error -> assertThat(error.code()).isEqualTo(ErrorCode.LIVEKIT_REFUSED));
        assertThat(server.called()).as("nobody is asked").hasSize(2);
      }
    }
  }

  @Test
  void itIsOneTenantsAloneAndAsksForScopes() {
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      try (IssuedToken token = issued(house, acme, ApiToken.of("bridge"));
          PresignedLiveKit presigned = presigned(token, Clock.systemUTC())) {
        LiveKitRooms rooms = LiveKitRooms.of(presigned);
        TenantContext globex = TenantContext.trusted(OrganizationId.of("globex"), "bridge");
        for (TenantContext other : List.of(globex, agent.within(Set.of(Environment.STAGING)))) {
          assertThatThrownBy(() -> rooms.list(other))
              .isInstanceOf(NotFoundException.class)
              .hasMessage("livekit credentials not found");
        }
        assertThatThrownBy(() -> rooms.list(agent.limitedTo(ScopeSet.of("livekit:admin"))))
            .isInstanceOf(AccessDeniedException.class)
            .hasMessageContaining("livekit:read");
        assertThatThrownBy(() -> rooms.list(agent.joining(action -> {})))
            .isInstanceOfSatisfying(
                TenantkitException.class,
                error -> assertThat(error.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
        assertThat(server.called()).isEmpty();
      }
    }
  }

  @Test
  void itsTokenIsItsOwnCopyAndIsWiped() {
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      IssuedToken token = issued(house, acme, ApiToken.of("bridge"));
      String jwt = token.jwt().string(SecretAccess.get());
      PresignedLiveKit.Builder builder =
          PresignedLiveKit.builder(agent, token.serverUrl(), token.jwt()).egress(egress);
      PresignedLiveKit presigned = builder.build();
      assertThat(builder).asString().startsWith("PresignedLiveKit.Builder[ws").doesNotContain(jwt);
      token.close();

      LiveKitRooms rooms = LiveKitRooms.of(presigned);
      assertThat(rooms.list(agent)).isEmpty();
      assertThat(presigned).asString().startsWith("PresignedLiveKit[ws").doesNotContain(jwt);
      presigned.close();
      presigned.close();
      assertThatThrownBy(() -> rooms.list(agent))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              error -> assertThat(error.code()).isEqualTo(ErrorCode.CLOSED));
      assertThat(server.called()).hasSize(1);
      assertThat(
              egress
                  .send(EgressRequest.get("http" + server.url().substring(2) + "/twirp/x").build())
                  .isSuccess())
          .as("what was given is not closed")
          .isTrue();
    }
  }

  @Test
  void theWayOutIsGuarded() {
    try (ScriptedServer server = new ScriptedServer();
        RoomHouse house = new RoomHouse()) {
      TenantContext acme = house.connected("acme", server.url(), "APIacme", SECRET);
      try (IssuedToken token = issued(house, acme, ApiToken.of("bridge"));
          PresignedLiveKit presigned =
              PresignedLiveKit.builder(agent, token.serverUrl(), token.jwt()).build()) {
        assertThatThrownBy(() -> LiveKitRooms.of(presigned).list(agent))
            .isInstanceOfSatisfying(
                EgressException.class, error -> assertThat(error.failure().isRefusal()).isTrue());
        assertThat(server.called()).isEmpty();
      }
    }
  }

  @Test
  void whatIsNoSignedTokenWithAnEndIsRefused() {
    ServerUrl url = ServerUrl.of("wss://livekit.example.com");
    String header = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    for (String wrong :
        List.of(
            "CANARY",
            "CANARY.CANARY.CANARY",
            header + "." + base64("{\"sub\":\"CANARY\"}") + "." + base64("signature"),
            header + "." + base64("{\"exp\":\"CANARY\"}") + "." + base64("signature"),
            header + "." + base64("{\"exp\":4000000000}") + "." + base64("sig") + "\r\nX: CANARY",
            base64("{\"alg\":\"none\"}") + "." + base64("{\"exp\":4000000000}") + ".")) {
      try (SecretValue jwt = SecretValue.of(wrong)) {
        assertThatThrownBy(() -> PresignedLiveKit.builder(agent, url, jwt))
            .as(wrong)
            .isInstanceOfSatisfying(
                InvalidInputException.class, error -> assertThat(error.property()).isEqualTo("jwt"))
            .hasMessageNotContaining("CANARY")
            .hasNoCause();
      }
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
