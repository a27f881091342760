package io.tenantkit.livekit.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.Revocation;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.webhook.WebhookReceipt.Accepted;
import io.tenantkit.livekit.webhook.WebhookReceipt.Duplicate;
import io.tenantkit.livekit.webhook.WebhookReceipt.Reason;
import io.tenantkit.livekit.webhook.WebhookReceipt.Refused;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Two real servers tell one receiver what happens, under one URL; native clients make it happen.
 * Who sent a request is known to the test by its port alone, and to the receiver by its signature.
 */
class RealWebhooksTest {
  private static final Operator OPERATOR = Operator.trusted("test", "webhooks");
  private static final long DEADLINE_SECONDS = 60;

  /** A request as it came, and what became of it. */
  private record Request(
      byte[] body, String authorization, String contentType, WebhookReceipt receipt) {}

  private record Told(TenantContext context, LiveKitEvent event) {}

  private static final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private static final List<Told> seen = new CopyOnWriteArrayList<>();
  private static final List<Request> requests = new CopyOnWriteArrayList<>();
  private static final ExecutorService threads = Executors.newCachedThreadPool();
  private static HttpServer http;
  private static RealLiveKitServer acmeServer;
  private static RealLiveKitServer globexServer;
  private static Storage storage;
  private static Egress egress;
  private static ControlPlane plane;
  private static LiveKit livekit;
  private static LiveKitWebhooks webhooks;
  private static TenantContext acme;
  private static TenantContext globex;

  @BeforeAll
  static void start() throws IOException {
    storage = Storage.inMemory();
    egress = Egress.builder().unsafeAllowLoopback().build();
    plane = newPlane();
    livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
    webhooks =
        LiveKitWebhooks.builder(livekit)
            .listener((context, event) -> told.add(new Told(context, event)))
            .build();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/livekit", RealWebhooksTest::receive);
    http.start();
    String url = "http://127.0.0.1:" + http.getAddress().getPort() + "/livekit";
    acmeServer = RealLiveKitServer.start(List.of(url));
    globexServer = RealLiveKitServer.start(List.of(url));
    acme = connected("acme", acmeServer);
    globex = connected("globex", globexServer);
  }

  private static ControlPlane newPlane() {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    // What periodic work would do, nobody does here.
    return ControlPlane.builder(storage, keys).manualMaintenance().build();
  }

  /** As a host does it. */
  private static void receive(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LiveKitWebhooks.MAX_BODY_BYTES + 1);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    WebhookReceipt receipt = webhooks.receive(body, authorization);
    requests.add(
        new Request(
            body, authorization, exchange.getRequestHeaders().getFirst("Content-Type"), receipt));
    receipt.answer().headers().forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(receipt.answer().status(), -1);
    exchange.close();
  }

  private static TenantContext connected(String name, RealLiveKitServer server) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue secret = SecretValue.of(server.apiSecret())) {
      livekit.connect(context, LiveKitCredentials.of(server.url(), server.apiKey(), secret));
    }
    return context;
  }

  @AfterAll
  static void stop() {
    for (RealLiveKitServer server : new RealLiveKitServer[] {globexServer, acmeServer}) {
      if (server != null) {
        server.close();
      }
    }
    http.stop(0);
    threads.shutdownNow();
    plane.close();
    storage.close();
    egress.close();
  }

  private static String jwt(TenantContext context, TokenRequest<?> request) {
    try (var token = livekit.tokens().issue(context, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  /** The next event of a tenant that is such, of those that were told already or will be. */
  private static <E extends LiveKitEvent> E next(
      TenantContext tenant, Class<E> type, Predicate<E> such) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(DEADLINE_SECONDS);
    while (true) {
      for (Told each : seen) {
        if (each.context().organization().equals(tenant.organization())
            && type.isInstance(each.event())
            && such.test(type.cast(each.event()))) {
          return type.cast(each.event());
        }
      }
      long left = Duration.between(Instant.now(), end).toMillis();
      Told arrived = told.poll(left, TimeUnit.MILLISECONDS);
      assertThat(arrived).as("%s of %s; seen %s", type, tenant.organization(), seen).isNotNull();
      seen.add(arrived);
    }
  }

  private static <E extends LiveKitEvent.InRoom> E next(
      TenantContext tenant, Class<E> type, String room) throws InterruptedException {
    return next(tenant, type, event -> event.room().name().equals(room));
  }

  @Test
  void eventsOfBothServersComeTypedToTheirTenantsAndMinutesFollow() throws Exception {
    NodeTools node = NodeTools.find();
    Instant begin = Instant.now();
    for (TenantContext tenant : List.of(acme, globex)) {
      RealLiveKitServer server = tenant == acme ? acmeServer : globexServer;
      String room = "desk-of-" + tenant.organization();
      JsonNode published =
          node.run(
              "publish.mjs",
              Map.of(
                  "url", server.url(),
                  "token", jwt(tenant, ParticipantToken.join(room, "ada")),
                  "text", "hello"));
      LiveKitEvent.RoomStarted started = next(tenant, LiveKitEvent.RoomStarted.class, room);
      assertThat(started.room().sid()).startsWith("RM_");
      LiveKitEvent.ParticipantJoined joined =
          next(tenant, LiveKitEvent.ParticipantJoined.class, room);
      assertThat(joined.participant().identity()).isEqualTo("ada");
      assertThat(joined.participant().kind()).isEqualTo(ParticipantKind.STANDARD);
      assertThat(joined.participant().joinedAt())
          .isBetween(begin.minusSeconds(2), Instant.now().plusSeconds(2));
      LiveKitEvent.TrackPublished track = next(tenant, LiveKitEvent.TrackPublished.class, room);
      assertThat(track.track().sid()).isEqualTo(published.path("track").asText());
      assertThat(track.track().source()).isEqualTo("MICROPHONE");
      next(tenant, LiveKitEvent.TrackUnpublished.class, room);
      LiveKitEvent.ParticipantLeft left = next(tenant, LiveKitEvent.ParticipantLeft.class, room);
      assertThat(left.participant().sid()).isEqualTo(joined.participant().sid());
      LiveKitRooms.of(livekit).delete(tenant, room);
      next(tenant, LiveKitEvent.RoomFinished.class, room);
    }

    // An agent's token: its kind comes back, and is counted apart.
    node.run(
        "publish.mjs",
        Map.of(
            "url", acmeServer.url(),
            "token", jwt(acme, AgentToken.join("desk-of-acme", "bridge")),
            "text", "I am an agent"));
    LiveKitEvent.ParticipantLeft gone =
        next(
            acme,
            LiveKitEvent.ParticipantLeft.class,
            event -> event.participant().identity().equals("bridge"));
    assertThat(gone.participant().kind()).isEqualTo(ParticipantKind.AGENT);

    neverTheWrongTenant();
    minutesMatch(acme, ParticipantKind.STANDARD, "ada");
    minutesMatch(acme, ParticipantKind.AGENT, "bridge");
    minutesMatch(globex, ParticipantKind.STANDARD, "ada");
    whatWasSentIsNotTakenAgainOrAltered();
  }

  @Test
  void whileATenantMovesToAnotherServerBothAreHeard() throws Exception {
    NodeTools node = NodeTools.find();
    String url = "http://127.0.0.1:" + http.getAddress().getPort() + "/livekit";
    try (RealLiveKitServer before = RealLiveKitServer.start(List.of(url));
        RealLiveKitServer after = RealLiveKitServer.start(List.of(url))) {
      TenantContext initech = connected("initech", before);
      String room = "desk-of-initech";
      String old = jwt(initech, ParticipantToken.join(room, "old"));
      connect(initech, after, Duration.ofHours(1));
      node.run("publish.mjs", Map.of("url", before.url(), "token", old, "text", "still here"));
      String fresh = jwt(initech, ParticipantToken.join(room, "new"));
      node.run("publish.mjs", Map.of("url", after.url(), "token", fresh, "text", "here now"));
      for (String identity : List.of("old", "new")) {
        next(
            initech,
            LiveKitEvent.ParticipantLeft.class,
            event -> event.participant().identity().equals(identity));
      }
      // Without an overlap the old server is a stranger.
      connect(initech, after, Duration.ZERO);
      node.run("publish.mjs", Map.of("url", before.url(), "token", old, "text", "who hears me"));
      awaitRefused();
    }
  }

  /** No periodic work runs here: but for the event of coming back, they would stay. */
  @Test
  void whoWasRevokedAndComesBackIsPutOutByTheServersWordOfIt() throws Exception {
    NodeTools node = NodeTools.find();
    String url = "http://127.0.0.1:" + http.getAddress().getPort() + "/livekit";
    try (RealLiveKitServer server = RealLiveKitServer.start(List.of(url))) {
      TenantContext hooli = connected("hooli", server);
      String room = "desk-of-hooli";
      String jwt = jwt(hooli, ParticipantToken.join(room, "ada"));
      CompletableFuture<JsonNode> ada = comingBack(node, server, jwt, jwt, jwt);
      CompletableFuture<JsonNode> bob =
          comingBack(node, server, jwt(hooli, ParticipantToken.join(room, "bob")));
      joined(hooli, "ada");
      String bobs = joined(hooli, "bob").participant().sid();

      assertThat(livekit.revocations().revoke(hooli, "ada", room, "left").removal())
          .isEqualTo(Revocation.Removal.REMOVED);

      assertThat(ada.get(DEADLINE_SECONDS, TimeUnit.SECONDS).get("putOut").asInt()).isEqualTo(3);
      LiveKitRooms rooms = LiveKitRooms.of(livekit);
      assertThat(rooms.participant(hooli, room, "bob").sid()).isEqualTo(bobs);
      rooms.remove(hooli, room, "bob");
      assertThat(bob.get(DEADLINE_SECONDS, TimeUnit.SECONDS).get("putOut").asInt()).isOne();
    }
  }

  private static LiveKitEvent.ParticipantJoined joined(TenantContext tenant, String identity)
      throws InterruptedException {
    return next(
        tenant,
        LiveKitEvent.ParticipantJoined.class,
        event -> event.participant().identity().equals(identity));
  }

  private static CompletableFuture<JsonNode> comingBack(
      NodeTools node, RealLiveKitServer server, String... tokens) {
    return CompletableFuture.supplyAsync(
        () -> node.run("comeback.mjs", Map.of("url", server.url(), "tokens", List.of(tokens))),
        threads);
  }

  private static void connect(TenantContext context, RealLiveKitServer server, Duration overlap) {
    try (SecretValue secret = SecretValue.of(server.apiSecret())) {
      livekit.connect(
          context, LiveKitCredentials.of(server.url(), server.apiKey(), secret), overlap);
    }
  }

  private static void awaitRefused() {
    Instant end = Instant.now().plusSeconds(DEADLINE_SECONDS);
    Predicate<Request> refused = each -> each.receipt().equals(new Refused(Reason.UNTRUSTED));
    while (requests.stream().noneMatch(refused)) {
      assertThat(Instant.now()).isBefore(end);
      Thread.onSpinWait();
    }
  }

  /** Those of the two tenants that stay where they are. */
  private static List<Request> ofWhoStays() {
    return requests.stream()
        .filter(each -> each.receipt() instanceof Accepted)
        .filter(
            each ->
                !((Accepted) each.receipt()).organization().equals(OrganizationId.of("initech")))
        .toList();
  }

  private static void neverTheWrongTenant() {
    assertThat(ofWhoStays()).hasSizeGreaterThan(10);
    for (Request request : requests) {
      assertThat(request.contentType()).isEqualTo("application/webhook+json");
    }
    for (Told each : seen) {
      if (each.event() instanceof LiveKitEvent.InRoom inRoom) {
        assertThat(inRoom.room().name()).isEqualTo("desk-of-" + each.context().organization());
      }
    }
  }

  /** From what the server said of joining and leaving. */
  private static void minutesMatch(TenantContext tenant, ParticipantKind kind, String identity)
      throws InterruptedException {
    LiveKitEvent.ParticipantLeft left =
        next(
            tenant,
            LiveKitEvent.ParticipantLeft.class,
            event -> event.participant().identity().equals(identity));
    Duration connected = Duration.between(left.participant().joinedAt(), left.createdAt());
    connected = connected.isNegative() ? Duration.ZERO : connected;
    LocalDate today = LocalDate.ofInstant(left.createdAt(), ZoneOffset.UTC);
    List<ParticipantDay> days =
        ParticipantMinutes.of(livekit).perDay(tenant, today.minusDays(1), today).stream()
            .filter(day -> day.kind() == kind)
            .toList();
    assertThat(days.stream().map(ParticipantDay::connected).reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(connected);
    assertThat(days.stream().mapToLong(ParticipantDay::minutes).sum())
        .isEqualTo(Math.max(1, (connected.toMillis() + 59_999) / 60_000));
    assertThat(days).extracting(ParticipantDay::corrected).containsOnly(0L);
  }

  private static void whatWasSentIsNotTakenAgainOrAltered() {
    try (ControlPlane second = newPlane()) {
      LiveKitWebhooks elsewhere =
          LiveKitWebhooks.of(LiveKit.builder(SecretVault.of(second)).egress(egress).build());
      List<Request> sent = ofWhoStays();
      for (LiveKitWebhooks each : List.of(webhooks, elsewhere)) {
        for (Request request : sent) {
          assertThat(each.receive(request.body(), request.authorization()))
              .isInstanceOf(Duplicate.class);
        }
      }
      seen.addAll(told);
      assertThat(seen).extracting(each -> each.event().id()).doesNotHaveDuplicates();
      byte[] altered = sent.get(0).body().clone();
      altered[altered.length - 2] ^= 1;
      for (Request request : sent.subList(0, 3)) {
        Refused refused = new Refused(Reason.UNTRUSTED);
        assertThat(webhooks.receive(altered, request.authorization())).isEqualTo(refused);
        assertThat(webhooks.receive(request.body(), "Bearer " + request.authorization()))
            .isEqualTo(refused);
      }
    }
  }
}
