package io.tenantkit.livekit.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitRevocations;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.Revocation;
import io.tenantkit.livekit.Revocation.Removal;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Native clients that are put out of rooms of real servers, and come back. The clock of the plane
 * begins at the servers' time and goes on by hand, always within the minute that servers grant.
 */
class RealRevocationTest {
  private static final Operator OPERATOR = Operator.trusted("test", "revocation");
  private static final Duration DEADLINE = Duration.ofSeconds(40);
  private static final Pattern JWT =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  private final TickingClock clock = TickingClock.at(Instant.now());
  private RealLiveKitServer acmeServer;
  private RealLiveKitServer globexServer;
  private Storage storage;
  private Egress egress;
  private ControlPlane plane;
  private LiveKit livekit;
  private LiveKitRooms rooms;
  private TenantContext acme;
  private TenantContext globex;

  @BeforeEach
  void start() {
    acmeServer = RealLiveKitServer.start();
    globexServer = RealLiveKitServer.start();
    storage = Storage.inMemory();
    egress = Egress.builder().unsafeAllowLoopback().build();
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(storage, keys).clock(clock).manualMaintenance().build();
    livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
    rooms = LiveKitRooms.of(livekit);
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
  }

  private TenantContext connected(String name, RealLiveKitServer server) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue secret = SecretValue.of(server.apiSecret())) {
      livekit.connect(context, LiveKitCredentials.of(server.url(), server.apiKey(), secret));
    }
    return context;
  }

  @AfterEach
  void stop() {
    if (plane != null) {
      plane.close();
      storage.close();
      egress.close();
    }
    for (RealLiveKitServer server : new RealLiveKitServer[] {globexServer, acmeServer}) {
      if (server != null) {
        server.close();
      }
    }
  }

  private record Text(String id, String jwt) {}

  private Text token(TenantContext context, String identity) {
    try (IssuedToken token =
        livekit.tokens().issue(context, ParticipantToken.join("hall", identity))) {
      return new Text(token.id(), token.jwt().string(SecretAccess.get()));
    }
  }

  /** The common pool has one thread alone on two cores, and each client takes one. */
  private static void onItsOwn(Runnable work) {
    Thread thread = new Thread(work, "client");
    thread.setDaemon(true);
    thread.start();
  }

  private static CompletableFuture<JsonNode> client(
      NodeTools node, RealLiveKitServer server, String... tokens) {
    return CompletableFuture.supplyAsync(
        () -> node.run("comeback.mjs", Map.of("url", server.url(), "tokens", List.of(tokens))),
        RealRevocationTest::onItsOwn);
  }

  /** What a server or client does is seen a moment later. */
  private static void await(String what, CompletableFuture<?> client, BooleanSupplier seen) {
    Instant end = Instant.now().plus(DEADLINE);
    while (!seen.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      if (client.isCompletedExceptionally()) {
        client.join();
      }
      Thread.onSpinWait();
    }
  }

  /** The session of somebody who is in the hall. */
  private Optional<String> session(TenantContext context, String identity) {
    return session(rooms, context, identity);
  }

  private static Optional<String> session(
      LiveKitRooms rooms, TenantContext context, String identity) {
    return rooms.participants(context, "hall").stream()
        .filter(who -> who.identity().equals(identity))
        .filter(who -> who.state() == Participant.State.ACTIVE)
        .map(Participant::sid)
        .findFirst();
  }

  private String present(TenantContext context, String identity, CompletableFuture<?> client) {
    await(identity + " is there", client, () -> session(context, identity).isPresent());
    return session(context, identity).orElseThrow();
  }

  private void due() {
    clock.tick(LiveKitRevocations.LOOK_EVERY);
    plane.runDue(clock.instant());
  }

  @Test
  void whoIsRevokedIsPutOutAgainAndAgainAndNobodyElseIs() throws Exception {
    NodeTools node = NodeTools.find();
    plane.runDue(clock.instant());
    Text old = token(acme, "ada");
    String refreshed = refreshed(acmeServer, old.jwt());
    assertThat(refreshed).as("signed by the server, with the tenant's key").isNotEqualTo(old.jwt());
    assertThat(livekit.tokens().verify(acme, refreshed))
        .isInstanceOf(TokenVerification.Valid.class);

    CompletableFuture<JsonNode> ada =
        client(node, acmeServer, old.jwt(), old.jwt(), refreshed, old.jwt());
    CompletableFuture<JsonNode> bob = client(node, acmeServer, token(acme, "bob").jwt());
    CompletableFuture<JsonNode> namesake = client(node, globexServer, token(globex, "ada").jwt());
    String first = present(acme, "ada", ada);
    String bobs = present(acme, "bob", bob);
    String namesakes = present(globex, "ada", namesake);

    Revocation revoked = livekit.revocations().revoke(acme, old.id(), "left the company");
    assertThat(revoked.removal()).isEqualTo(Removal.REMOVED);
    assertThatThrownBy(() -> token(acme, "ada")).isInstanceOf(AccessDeniedException.class);
    for (String jwt : List.of(old.jwt(), refreshed)) {
      assertThat(livekit.tokens().verify(acme, jwt))
          .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
    }

    String second = present(acme, "ada", ada);
    assertThat(second).as("the server lets the old token in").isNotEqualTo(first);
    due();
    String third = present(acme, "ada", ada);
    assertThat(third)
        .as("put out by the poll, and back with the server's token")
        .isNotIn(first, second);
    assertThat(livekit.revocations().seen(acme, "ada", "hall")).isEqualTo(Removal.REMOVED);
    assertThat(present(acme, "ada", ada)).isNotIn(first, second, third);
    due();

    assertThat(ada.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).get("putOut").asInt()).isEqualTo(4);
    assertThat(session(acme, "bob")).as("the same session all the time").contains(bobs);
    assertThat(session(globex, "ada")).contains(namesakes);
    assertThat(token(globex, "ada").jwt()).isNotEmpty();

    livekit.revocations().lift(acme, revoked.denial().id());
    CompletableFuture<JsonNode> back = client(node, acmeServer, token(acme, "ada").jwt());
    String pardoned = present(acme, "ada", back);
    due();
    assertThat(session(acme, "ada")).contains(pardoned);
    rooms.remove(acme, "hall", "ada");
    rooms.remove(acme, "hall", "bob");
    rooms.remove(globex, "hall", "ada");
    assertThat(back.join().get("putOut").asInt()).isOne();
    assertThat(bob.join().get("putOut").asInt()).isOne();
    assertThat(namesake.join().get("putOut").asInt()).isOne();
  }

  @Test
  void allWhoCameBeforeArePutOutAndWhoComesAfterStays() throws Exception {
    NodeTools node = NodeTools.find();
    plane.runDue(clock.instant());
    Text old = token(acme, "ada");
    String refreshed = refreshed(acmeServer, old.jwt());
    CompletableFuture<JsonNode> ada = client(node, acmeServer, old.jwt(), old.jwt());
    CompletableFuture<JsonNode> namesake = client(node, globexServer, token(globex, "ada").jwt());
    String namesakes = present(globex, "ada", namesake);
    present(acme, "ada", ada);

    assertThat(livekit.revocations().revokeAll(acme, "keys leaked").removal())
        .isEqualTo(Removal.REMOVED);
    assertThat(livekit.tokens().verify(acme, old.jwt()))
        .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
    assertThat(livekit.tokens().verify(acme, refreshed))
        .isEqualTo(new TokenVerification.Refused(Set.of(Reason.REVOKED)));
    clock.tick(Duration.ofSeconds(1));
    CompletableFuture<JsonNode> bob = client(node, acmeServer, token(acme, "bob").jwt());
    String bobs = present(acme, "bob", bob);
    present(acme, "ada", ada);
    due();

    assertThat(ada.join().get("putOut").asInt()).isEqualTo(2);
    assertThat(session(acme, "bob")).contains(bobs);
    assertThat(session(globex, "ada")).contains(namesakes);
    rooms.remove(acme, "hall", "bob");
    rooms.remove(globex, "hall", "ada");
    bob.join();
    namesake.join();
  }

  @Test
  void whoIsOnTheServerThatATenantLeavesIsPutOutOfItAgainAndAgain() throws Exception {
    NodeTools node = NodeTools.find();
    plane.runDue(clock.instant());
    Text old = token(acme, "ada");
    CompletableFuture<JsonNode> ada = client(node, acmeServer, old.jwt(), old.jwt());
    String first = present(acme, "ada", ada);
    try (RealLiveKitServer next = RealLiveKitServer.start();
        SecretValue secret = SecretValue.of(next.apiSecret())) {
      livekit.connect(
          acme, LiveKitCredentials.of(next.url(), next.apiKey(), secret), Duration.ofHours(1));
      assertThat(session(acme, "ada")).as("on the new server").isEmpty();
      assertThat(livekit.revocations().revoke(acme, "ada", "hall", "left").removal())
          .isEqualTo(Removal.REMOVED);
      LiveKitRooms left = RoomReports.rooms(livekit.calls().replaced(acme).get(0));
      await(
          "the server lets the old token in",
          ada,
          () -> session(left, acme, "ada").filter(now -> !now.equals(first)).isPresent());
      assertThat(livekit.revocations().seen(acme, "ada", "hall")).isEqualTo(Removal.REMOVED);
      assertThat(ada.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).get("putOut").asInt())
          .isEqualTo(2);
    }
  }

  /** The token that the server hands to whoever joins, taken from its first messages. */
  private static String refreshed(RealLiveKitServer server, String jwt) throws Exception {
    CompletableFuture<String> found = new CompletableFuture<>();
    URI join =
        URI.create(
            server.url().replaceFirst("^http", "ws") + "/rtc?protocol=15&access_token=" + jwt);
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                join,
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onBinary(
                      WebSocket from, ByteBuffer data, boolean last) {
                    byte[] bytes = new byte[data.remaining()];
                    data.get(bytes);
                    // A text within a protobuf message.
                    Matcher token = JWT.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
                    if (token.find()) {
                      found.complete(token.group());
                    }
                    from.request(1);
                    return CompletableFuture.completedFuture(null);
                  }
                })
            .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    try {
      return found.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      socket.abort();
    }
  }
}
