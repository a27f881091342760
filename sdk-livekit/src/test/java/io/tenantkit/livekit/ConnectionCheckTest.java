package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.LiveKitCheck.Status;
import io.tenantkit.livekit.harness.RealLiveKitServer;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a check tells of a server: a real one, one that is none, and nobody. */
final class ConnectionCheckTest {
  private static final Operator OPERATOR = Operator.trusted("test", "checks");
  private static final String SECRET = "0123456789abcdef0123456789CANARY";

  private final Storage storage = Storage.inMemory();
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();
  private final ControlPlane plane = plane(Clock.systemUTC());
  private final SecretVault vault = SecretVault.of(plane);
  private final LiveKit livekit = LiveKit.builder(vault).egress(egress).build();
  private final TenantContext acme = TenantContext.trusted(OrganizationId.of("acme"), "test");

  private ControlPlane plane(Clock clock) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    return ControlPlane.builder(storage, keys).clock(clock).build();
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
    egress.close();
  }

  private LiveKitCheck check(String url, String key, String secret) {
    if (plane.organizations().list(OPERATOR, PageRequest.first(1)).items().isEmpty()) {
      plane.organizations().create(OPERATOR, acme.organization(), "acme");
    }
    connect(url, key, secret);
    LiveKitCheck check = livekit.check(acme);
    assertThat(livekit.connection(acme).orElseThrow().lastCheck()).contains(check);
    assertThat(check.toString()).doesNotContain("CANARY");
    return check;
  }

  private void connect(String url, String key, String secret) {
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(acme, LiveKitCredentials.of(url, key, value));
    }
  }

  @Test
  void a_real_server_takes_its_key_and_no_other() {
    try (RealLiveKitServer server = RealLiveKitServer.start()) {
      LiveKitCheck good = check(server.url(), server.apiKey(), server.apiSecret());

      assertThat(good.status()).isEqualTo(Status.CONNECTED);
      assertThat(good.usable()).isTrue();
      assertThat(good.took()).isBetween(Duration.ZERO, ConnectionChecker.DEADLINE);
      List<AuditEvent> events =
          plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items();
      assertThat(events).extracting(AuditEvent::action).contains("livekit.connection.checked");

      for (String[] wrong :
          new String[][] {
            {server.apiKey(), SECRET}, {"APInobody", server.apiSecret()}, {"APInobody", "x"}
          }) {
        LiveKitCheck refused = check(server.url(), wrong[0], wrong[1]);
        assertThat(refused.status()).isEqualTo(Status.WRONG_KEY);
        assertThat(refused.usable()).isFalse();
      }
      connect(server.url(), server.apiKey(), server.apiSecret());
      assertThat(livekit.connection(acme).orElseThrow().lastCheck())
          .as("of what is stored now")
          .isEmpty();
    }
  }

  @Test
  void the_hosts_account_is_checked_apart() {
    try (RealLiveKitServer server = RealLiveKitServer.start();
        SecretValue secret = SecretValue.of(server.apiSecret())) {
      HostAccount host =
          LiveKit.builder(vault)
              .egress(egress)
              .hostAccount(LiveKitCredentials.of(server.url(), server.apiKey(), secret))
              .build()
              .accounts()
              .host()
              .orElseThrow();
      assertThat(host.check(OPERATOR).status()).isEqualTo(Status.CONNECTED);
      try (IssuedToken token =
          host.issue(OPERATOR, ApiToken.of("ops").grant(VideoPermission.ROOM_LIST))) {
        assertThat(server.call("RoomService", "ListRooms", TestPlane.text(token), "{}").status())
            .isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200|{\"rooms\":[]}|CONNECTED",
        "200|<html>Welcome CANARY</html>|NO_LIVEKIT",
        "200|{}|NO_LIVEKIT",
        "404|not found|NO_LIVEKIT",
        "302|moved|NO_LIVEKIT",
        "401|invalid API key: APIacme CANARY|WRONG_KEY",
        "401|{\"code\":\"unauthenticated\",\"msg\":\"permissions denied\"}|RESTRICTED",
        "403|{\"code\":\"permission_denied\",\"msg\":\"permissions denied\"}|RESTRICTED",
        "401|validation failed, token is expired (exp)|CLOCKS_DIFFER",
        "401|validation failed, token not valid yet (nbf)|CLOCKS_DIFFER",
        "429|slow down|FAILING",
        "500|oops|FAILING",
        "503|later|FAILING"
      })
  void an_answer_is_read_by_what_it_says(int status, String body, Status expected)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> asked = new CopyOnWriteArrayList<>();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      LiveKitCheck check =
          check("http://127.0.0.1:" + server.getAddress().getPort() + "/sub/", "APIacme", SECRET);
      assertThat(check.status()).isEqualTo(expected);
      assertThat(asked).containsExactly("POST /sub/twirp/livekit.RoomService/ListRooms");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void a_check_is_of_ones_own_server_and_kept_with_ones_own_credentials() throws IOException {
    check("wss://10.0.0.1", "APIacme", SECRET);
    TenantContext globex = TenantContext.trusted(OrganizationId.of("globex"), "test");
    plane.organizations().create(OPERATOR, globex.organization(), "globex");
    assertThatThrownBy(() -> livekit.check(globex)).isInstanceOf(NotFoundException.class);
    try (RealLiveKitServer server = RealLiveKitServer.start();
        SecretValue secret = SecretValue.of(server.apiSecret())) {
      livekit.connect(globex, LiveKitCredentials.of(server.url(), server.apiKey(), secret));
      assertThat(livekit.check(globex).status()).isEqualTo(Status.CONNECTED);
    }
    assertThat(livekit.connection(acme).orElseThrow().lastCheck().orElseThrow().status())
        .isEqualTo(Status.NOT_ALLOWED);
    assertThat(
            plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
                .filter(event -> event.action().equals("livekit.connection.checked")))
        .hasSize(1);
  }

  @Test
  void nobody_who_listens_or_answers_is_unreachable() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    assertThat(check("ws://127.0.0.1:" + port, "APIacme", SECRET).status())
        .isEqualTo(Status.UNREACHABLE);
    // Takes the connection into its queue and never says a word.
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(check("ws://127.0.0.1:" + silent.getLocalPort(), "APIacme", SECRET).status())
          .isEqualTo(Status.UNREACHABLE);
    }
  }

  @Test
  void an_address_that_may_not_be_called_is_not() {
    for (String url : List.of("wss://10.0.0.1", "wss://169.254.169.254", "ws://93.184.215.14")) {
      assertThat(check(url, "APIacme", SECRET).status()).as(url).isEqualTo(Status.NOT_ALLOWED);
    }
  }

  @Test
  void without_credentials_or_suspended_nobody_is_asked() {
    plane.organizations().create(OPERATOR, acme.organization(), "acme");
    assertThatThrownBy(() -> livekit.check(acme)).isInstanceOf(NotFoundException.class);
    connect("wss://127.0.0.1", "APIacme", SECRET);
    plane.organizations().suspend(OPERATOR, acme.organization());
    assertThatThrownBy(() -> livekit.check(acme)).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> livekit.check(acme.joining(action -> {})))
        .isInstanceOf(TenantkitException.class);
  }
}
