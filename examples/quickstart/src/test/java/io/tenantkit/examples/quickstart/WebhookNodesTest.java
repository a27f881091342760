package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tenantkit.ControlPlane;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.harness.NodeTools;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.livekit.webhook.LiveKitEvent;
import io.tenantkit.livekit.webhook.LiveKitWebhooks;
import io.tenantkit.livekit.webhook.ParticipantDay;
import io.tenantkit.livekit.webhook.ParticipantMinutes;
import io.tenantkit.livekit.webhook.WebhookReceipt;
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
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.egress.Egress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Two control planes over one PostgreSQL share what a real LiveKit server tells: each event is handled by one of them, whichever it
 * comes to and however often.
 */
final class WebhookNodesTest {
  private static final Operator OPERATOR = Operator.trusted("test", "webhooks on two nodes");
  private static final int TIMES = 16;

  /** A request as it came, and what became of it. */
  private record Request(byte[] body, String authorization, WebhookReceipt receipt) {}

  @Test
  void twoNodesHandleEachEventOnce() throws Exception {
    NodeTools tools = NodeTools.find();
    try (EmbeddedPostgres database = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start()) {
      DatabaseRoles roles = DatabaseRoles.defaults();
      try (Connection dba = database.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(roles.script());
      }
      SchemaMigrator.postgresql(database.getDatabase(roles.owner(), "postgres")).migrate();
      BlockingQueue<LiveKitEvent> told = new LinkedBlockingQueue<>();
      try (Egress egress = Egress.builder().unsafeAllowLoopback().build();
          Node one = new Node(database, roles, egress, told::add);
          Node two = new Node(database, roles, egress, told::add)) {
        handled(tools, one, two, told);
      }
    }
  }

  private static void handled(NodeTools tools, Node one, Node two, BlockingQueue<LiveKitEvent> told) throws Exception {
    List<Request> requests = new CopyOnWriteArrayList<>();
    AtomicInteger number = new AtomicInteger();
    HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    http.setExecutor(threads);
    // As behind a load balancer: one to this node, the next to the other.
    http.createContext(
        "/livekit",
        exchange -> {
          Node node = number.getAndIncrement() % 2 == 0 ? one : two;
          answer(exchange, node, requests);
        });
    http.start();
    String url = "http://127.0.0.1:" + http.getAddress().getPort() + "/livekit";
    TenantContext acme = one.tenant("acme");
    TenantContext globex = one.tenant("globex");
    try {
      happens(tools, url, one, acme, globex, told);
      assertThat(number).hasValueGreaterThan(3);
      assertThat(told).isEmpty();
      // The last is told of before it is answered.
      long answered = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (requests.size() < number.get() && System.nanoTime() < answered) {
        Thread.onSpinWait();
      }
      assertThat(requests).extracting(Request::receipt).hasSize(number.get()).hasOnlyElementsOfType(Accepted.class);

      // What came once is no news on either node, however often and at once it comes.
      for (Request request : List.copyOf(requests)) {
        List<Callable<WebhookReceipt>> again = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
          Node node = i % 2 == 0 ? one : two;
          again.add(() -> node.webhooks.receive(request.body(), request.authorization()));
        }
        for (Future<WebhookReceipt> each : threads.invokeAll(again)) {
          assertThat(each.get()).isInstanceOf(Duplicate.class);
        }
      }
      assertThat(told).isEmpty();

      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      List<ParticipantDay> days = one.minutes.perDay(acme, today.minusDays(1), today);
      assertThat(days.stream().mapToLong(ParticipantDay::minutes).sum()).isPositive();
      assertThat(two.minutes.perDay(acme, today.minusDays(1), today)).isEqualTo(days);
      assertThat(two.minutes.perDay(globex, today.minusDays(1), today)).isEmpty();

      // Who is erased was nowhere, and its server is a stranger's.
      VaultKeys.of(one.vault).eraseOrganization(OPERATOR, acme.organization());
      assertThat(one.plane.runtime().coreStores().presences().unsettled(acme, false, null, 10)).isEmpty();
      // Within the revocation bound: each node knows keys for that long without asking.
      for (Node node : List.of(one, two)) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!(node.webhooks.receive(requests.get(0).body(), requests.get(0).authorization()) instanceof Refused)) {
          assertThat(System.nanoTime()).isLessThan(end);
          Thread.onSpinWait();
        }
      }
      for (Request request : List.copyOf(requests)) {
        for (Node node : List.of(one, two)) {
          assertThat(node.webhooks.receive(request.body(), request.authorization()))
              .isEqualTo(new Refused(Reason.UNTRUSTED));
        }
      }
    } finally {
      http.stop(0);
      threads.shutdownNow();
    }
  }

  /** Until the server has told that the client left, and is gone. */
  private static void happens(
      NodeTools tools, String url, Node one, TenantContext acme, TenantContext globex, BlockingQueue<LiveKitEvent> told)
      throws InterruptedException {
    try (RealLiveKitServer server = RealLiveKitServer.start(List.of(url))) {
      one.connect(acme, server.url(), server.apiKey(), server.apiSecret());
      one.connect(globex, "wss://globex.example", "APIglobex", "x".repeat(40));
      tools.run(
          "publish.mjs",
          Map.of("url", server.url(), "token", one.jwt(acme, "desk", "ada"), "text", "hello"));
      List<LiveKitEvent> events = new ArrayList<>();
      while (events.stream().noneMatch(LiveKitEvent.ParticipantLeft.class::isInstance)) {
        LiveKitEvent event = told.poll(60, TimeUnit.SECONDS);
        assertThat(event).as("after %s", events).isNotNull();
        events.add(event);
      }
    }
  }

  private static void answer(HttpExchange exchange, Node node, List<Request> requests) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LiveKitWebhooks.MAX_BODY_BYTES + 1);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    WebhookReceipt receipt = node.webhooks.receive(body, authorization);
    // First, since the server may be gone before its answer.
    requests.add(new Request(body, authorization, receipt));
    exchange.sendResponseHeaders(receipt.answer().status(), -1);
    exchange.close();
  }

  /** A process of a host, as far as a test can have two. */
  private static final class Node implements AutoCloseable {
    private final JdbcStorage storage;
    private final ControlPlane plane;
    private final SecretVault vault;
    private final LiveKit livekit;
    private final LiveKitWebhooks webhooks;
    private final ParticipantMinutes minutes;

    Node(EmbeddedPostgres database, DatabaseRoles roles, Egress egress, Consumer<LiveKitEvent> listener) {
      storage =
          JdbcStorage.postgresql(database.getDatabase(roles.application(), "postgres"))
              .admin(database.getDatabase(roles.admin(), "postgres"))
              .open();
      MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
      plane = ControlPlane.builder(storage, keys).build();
      vault = SecretVault.of(plane);
      livekit = LiveKit.builder(vault).egress(egress).build();
      webhooks =
          LiveKitWebhooks.builder(livekit).listener((context, event) -> listener.accept(event)).build();
      minutes = ParticipantMinutes.of(livekit);
    }

    TenantContext tenant(String name) {
      plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
      return TenantContext.trusted(OrganizationId.of(name), "test");
    }

    void connect(TenantContext context, String url, String apiKey, String apiSecret) {
      try (SecretValue secret = SecretValue.of(apiSecret)) {
        livekit.connect(context, LiveKitCredentials.of(url, apiKey, secret));
      }
    }

    String jwt(TenantContext context, String room, String identity) {
      try (var token = livekit.tokens().issue(context, ParticipantToken.join(room, identity))) {
        return token.jwt().string(SecretAccess.get());
      }
    }

    @Override
    public void close() {
      plane.close();
      storage.close();
    }
  }
}
