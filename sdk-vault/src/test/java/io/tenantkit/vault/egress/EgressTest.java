package io.tenantkit.vault.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretValue;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client against servers that are as bad as servers can be. */
class EgressTest {
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T open(T each) {
    opened.add(each);
    return each;
  }

  private RawServer server(RawServer.Answer answer) {
    return open(RawServer.answering(answer));
  }

  private Egress local() {
    return open(quick().build());
  }

  private static Egress.Builder quick() {
    return Egress.builder().unsafeAllowLoopback().callTimeout(Duration.ofSeconds(10));
  }

  private static EgressFailure failure(Egress egress, EgressRequest.Builder request) {
    return catchThrowableOfType(EgressException.class, () -> egress.send(request.build()))
        .failure();
  }

  @Test
  void sendsWhatItIsToldAndNothingElse() {
    RawServer server = server(RawServer.status(201, "made", "X-Id: 7", "X-Id: 8"));
    EgressResponse answer;
    try (SecretValue token = SecretValue.of("sk-1");
        SecretValue form = SecretValue.of("client_secret=s")) {
      answer =
          local()
              .send(
                  EgressRequest.post(server.url("/v1/things?a=b"))
                      .header("X-One", "1")
                      .header("x-one", "2")
                      .secretHeader("Authorization", "Bearer ", token)
                      .secretBody(form, "application/x-www-form-urlencoded")
                      .build());
    }
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.isSuccess()).isTrue();
    assertThat(answer.text()).isEqualTo("made");
    assertThat(answer.header("X-ID")).contains("7, 8");
    assertThat(answer).hasToString("HTTP 201, 4 bytes");
    RawServer.Request sent = server.requests().get(0);
    assertThat(sent.line()).isEqualTo("POST /v1/things?a=b HTTP/1.1");
    assertThat(sent.text()).isEqualTo("client_secret=s");
    assertThat(sent.headers())
        .containsOnly(
            Map.entry("host", "127.0.0.1:" + server.port()),
            Map.entry("user-agent", "Tenantkit"),
            Map.entry("accept-encoding", "identity"),
            Map.entry("connection", "close"),
            Map.entry("content-type", "application/x-www-form-urlencoded"),
            Map.entry("content-length", "15"),
            Map.entry("x-one", "2"),
            Map.entry("authorization", "Bearer sk-1"));
  }

  @Test
  void everyMethodHasTheBodyItMayHave() {
    RawServer server = server(RawServer.status(204, ""));
    Egress egress = local();
    for (String method : new String[] {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
      assertThat(egress.send(EgressRequest.builder(method, server.url("/")).build()).status())
          .isEqualTo(204);
    }
    assertThat(server.requests())
        .extracting(RawServer.Request::line)
        .containsExactly(
            "GET / HTTP/1.1",
            "HEAD / HTTP/1.1",
            "POST / HTTP/1.1",
            "PUT / HTTP/1.1",
            "PATCH / HTTP/1.1",
            "DELETE / HTTP/1.1");
    assertThatThrownBy(() -> EgressRequest.get(server.url("/")).body(new byte[1], "text/plain"))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> EgressRequest.builder("TRACE", server.url("/")))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> EgressRequest.builder("CONNECT", server.url("/")))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void aRedirectIsAnAnswer() {
    RawServer other = server(RawServer.status(200, "stolen"));
    RawServer server = server(RawServer.status(302, "", "Location: " + other.url("/")));
    for (int status : new int[] {300, 301, 302, 303, 307, 308}) {
      server.answer(RawServer.status(status, "", "Location: " + other.url("/")));
      EgressResponse answer = local().send(EgressRequest.get(server.url("/")).build());
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.isRedirect()).isTrue();
    }
    assertThat(other.connections()).isZero();
  }

  /** OkHttp by itself sends again on 408, and on 503 with "Retry-After: 0". */
  @Test
  void nothingIsSentTwice() {
    RawServer server = server(RawServer.status(503, "", "Retry-After: 0"));
    Egress egress = local();
    EgressResponse answer = egress.send(EgressRequest.get(server.url("/")).build());
    assertThat(answer.header("retry-after")).contains("0");
    assertThat(server.requests()).hasSize(1);
    egress.send(
        EgressRequest.post(server.url("/")).body("x".getBytes(UTF_8), "text/plain").build());
    assertThat(server.requests()).hasSize(2);
    server.answer(RawServer.status(408, "", "Retry-After: 0"));
    egress.send(EgressRequest.get(server.url("/")).build());
    server.answer(RawServer.status(401, "", "WWW-Authenticate: Basic realm=x"));
    egress.send(EgressRequest.get(server.url("/")).build());
    server.answer(RawServer.status(421, ""));
    egress.send(EgressRequest.get(server.url("/")).build());
    assertThat(server.requests()).hasSize(5);
    server.answer((request, out) -> out.close());
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.UNREACHABLE);
    assertThat(server.requests()).hasSize(6);
  }

  @Test
  void cookiesAreNeitherKeptNorShownAndConnectionsNotShared() {
    RawServer server =
        server(RawServer.status(200, "", "Set-Cookie: a=b", "Keep-Alive: timeout=9"));
    Egress egress = local();
    EgressResponse answer = egress.send(EgressRequest.get(server.url("/")).build());
    egress.send(EgressRequest.get(server.url("/")).build());
    assertThat(answer.headers()).doesNotContainKeys("set-cookie", "keep-alive");
    assertThat(server.requests().get(1).headers()).doesNotContainKey("cookie");
    assertThat(server.connections()).isEqualTo(2);
  }

  /** A second answer on one connection would be the next caller's. */
  @Test
  void anAnswerTooManyIsNobodys() {
    RawServer server =
        server(
            (request, out) -> {
              RawServer.status(200, "first").write(request, out);
              RawServer.status(200, "smuggled").write(request, out);
            });
    Egress egress = local();
    for (int i = 0; i < 3; i++) {
      assertThat(egress.send(EgressRequest.get(server.url("/")).build()).text()).isEqualTo("first");
    }
  }

  @Test
  void aLongBodyIsCutOrRefused() {
    RawServer server = server(RawServer.status(200, "x".repeat(10 << 20)));
    Egress egress = local();
    EgressResponse answer = egress.send(EgressRequest.get(server.url("/")).build());
    assertThat(answer.body()).hasSize(1 << 20);
    assertThat(answer.isTruncated()).isTrue();
    assertThat(failure(egress, EgressRequest.get(server.url("/")).wholeAnswer()))
        .isEqualTo(EgressFailure.TOO_LARGE);
    EgressResponse ten = egress.send(EgressRequest.get(server.url("/")).maxAnswerBytes(10).build());
    assertThat(ten.text()).isEqualTo("xxxxxxxxxx");
    server.answer(RawServer.status(200, "0123456789"));
    EgressResponse exact =
        egress.send(EgressRequest.get(server.url("/")).maxAnswerBytes(10).wholeAnswer().build());
    assertThat(exact.isTruncated()).isFalse();
  }

  @Test
  void anEndlessBodyAndEndlessHeadersAreCut() {
    byte[] line = "X-Filler: ffffffffffffffffffffffffffffff\r\n".getBytes(UTF_8);
    RawServer server =
        server(
            (request, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
              while (true) {
                out.write(line);
              }
            });
    Egress egress = local();
    assertThat(egress.send(EgressRequest.get(server.url("/")).build()).isTruncated()).isTrue();
    server.answer(
        (request, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
          while (true) {
            out.write(line);
          }
        });
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.UNREACHABLE);
  }

  @Test
  void aBombIsNotInflated() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      gzip.write(new byte[32 << 20]);
    }
    RawServer server =
        server(
            (request, out) -> {
              out.write(
                  ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                          + bomb.size()
                          + "\r\n\r\n")
                      .getBytes(UTF_8));
              out.write(bomb.toByteArray());
            });
    EgressResponse answer = local().send(EgressRequest.get(server.url("/")).build());
    assertThat(server.requests().get(0).header("accept-encoding")).isEqualTo("identity");
    assertThat(answer.isCompressed()).isTrue();
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void aServerThatDripsIsCutByTheTimeOfTheWholeCall() {
    RawServer server =
        server(
            (request, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
              for (RawServer self = (RawServer) opened.get(0); !self.pause(20); ) {
                out.write('x');
                out.flush();
              }
            });
    Egress egress = local();
    assertThat(failure(egress, EgressRequest.get(server.url("/")).timeout(Duration.ofMillis(400))))
        .isEqualTo(EgressFailure.TIMEOUT);
  }

  @Test
  void aServerThatIsSilentIsLeft() {
    CountDownLatch never = new CountDownLatch(1);
    RawServer server = server((request, out) -> never.await());
    Egress egress = open(quick().readTimeout(Duration.ofMillis(200)).build());
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.TIMEOUT);
    never.countDown();
  }

  @Test
  void whatBreaksIsUnreachable() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0)) {
      port = gone.getLocalPort();
    }
    Egress egress = local();
    assertThat(failure(egress, EgressRequest.get("http://127.0.0.1:" + port)))
        .isEqualTo(EgressFailure.UNREACHABLE);
    RawServer server = server((request, out) -> out.write("SSH-2.0 hello\r\n".getBytes(UTF_8)));
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.UNREACHABLE);
    server.answer(
        (request, out) ->
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut".getBytes(UTF_8)));
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.UNREACHABLE);
    server.answer(RawServer.status(407, "", "Proxy-Authenticate: Basic realm=x"));
    assertThat(failure(egress, EgressRequest.get(server.url("/"))))
        .isEqualTo(EgressFailure.UNREACHABLE);
    // https to what speaks http
    assertThat(failure(egress, EgressRequest.get("https://127.0.0.1:" + server.port())))
        .isEqualTo(EgressFailure.TLS);
  }

  @Test
  void withoutTheSwitchNothingOfThisMachineIsCalled() {
    RawServer server = server(RawServer.status(200, ""));
    int port = server.port();
    Egress egress = open(Egress.builder().ports(port, 443).build());
    for (String url :
        new String[] {
          "https://127.0.0.1:" + port,
          "https://localhost:" + port,
          "https://[::1]:" + port,
          "https://[::ffff:127.0.0.1]:" + port,
          "https://[::127.0.0.1]:" + port,
          "https://[64:ff9b::7f00:1]",
          "https://[fd00:ec2::254]",
          "https://0.0.0.0:" + port,
          "https://169.254.169.254",
          "https://10.0.0.1",
          "https://100.64.0.1",
        }) {
      assertThat(failure(egress, EgressRequest.get(url)))
          .as(url)
          .isEqualTo(EgressFailure.BLOCKED_ADDRESS);
    }
    assertThat(failure(egress, EgressRequest.get("http://127.0.0.1:" + port)))
        .isEqualTo(EgressFailure.BLOCKED_URL);
    assertThat(failure(egress, EgressRequest.get("http://example.com")))
        .isEqualTo(EgressFailure.BLOCKED_URL);
    assertThat(failure(egress, EgressRequest.get("https://example.com:22")))
        .isEqualTo(EgressFailure.BLOCKED_URL);
    assertThat(server.connections()).isZero();
  }

  @Test
  void theSwitchOpensPlainHttpToThisMachineOnly() {
    Egress egress = open(quick().lookup(name -> addresses("127.0.0.1")).build());
    assertThat(failure(egress, EgressRequest.get("http://example.com")))
        .isEqualTo(EgressFailure.BLOCKED_URL);
    assertThat(failure(egress, EgressRequest.get("http://10.0.0.1")))
        .isEqualTo(EgressFailure.BLOCKED_URL);
    assertThat(failure(egress, EgressRequest.get("https://10.0.0.1")))
        .isEqualTo(EgressFailure.BLOCKED_ADDRESS);
    Egress lying = open(quick().lookup(name -> addresses("10.0.0.1")).build());
    assertThat(failure(lying, EgressRequest.get("http://localhost")))
        .isEqualTo(EgressFailure.BLOCKED_ADDRESS);
  }

  @Test
  void oneBadAddressOfSeveralRefusesTheName() {
    Egress egress = open(quick().lookup(name -> addresses("127.0.0.1", "10.0.0.1")).build());
    assertThat(failure(egress, EgressRequest.get("https://example.com")))
        .isEqualTo(EgressFailure.BLOCKED_ADDRESS);
  }

  /** A name that answers harmlessly first: it is asked once, and what it said is what is called. */
  @Test
  void aNameIsAskedOncePerCall() {
    RawServer server = server(RawServer.status(200, ""));
    AtomicInteger asked = new AtomicInteger();
    Egress egress =
        open(
            quick()
                .lookup(
                    name ->
                        addresses(asked.incrementAndGet() == 1 ? "127.0.0.1" : "169.254.169.254"))
                .build());
    String url = "http://localhost:" + server.port();
    assertThat(egress.send(EgressRequest.get(url).build()).status()).isEqualTo(200);
    assertThat(asked).hasValue(1);
    assertThat(failure(egress, EgressRequest.get(url))).isEqualTo(EgressFailure.BLOCKED_ADDRESS);
    assertThat(server.connections()).isEqualTo(1);
  }

  /** Whatever came to the client by whatever way, the socket asks at the moment of connecting. */
  @Test
  void theSocketAsksAgain() throws Exception {
    RawServer server = server(RawServer.status(200, ""));
    try (HttpExchange exchange =
        new HttpExchange(
            new AddressGuard(List.of(), false),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            null,
            null)) {
      for (boolean https : new boolean[] {true, false}) {
        EgressRequest request =
            EgressRequest.get((https ? "https" : "http") + "://example.com:" + server.port())
                .build();
        HttpExchange.Way way =
            new HttpExchange.Way(addresses("127.0.0.1"), null, https, Duration.ofSeconds(5));
        assertThatThrownBy(() -> exchange.call(request, way, 1))
            .isInstanceOfSatisfying(
                EgressException.class,
                e -> assertThat(e.failure()).isEqualTo(EgressFailure.BLOCKED_ADDRESS));
      }
    }
    assertThat(server.connections()).isZero();
  }

  /** Plain HTTP never leaves this machine, not even to what the host allows. */
  @Test
  void plainHttpIsHeldToLoopbackAtTheSocket() throws Exception {
    try (HttpExchange exchange =
        new HttpExchange(
            new AddressGuard(List.of(io.tenantkit.address.AddressRange.parse("10.0.0.0/8")), true),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            null,
            null)) {
      HttpExchange.Way way =
          new HttpExchange.Way(addresses("10.0.0.1"), null, false, Duration.ofSeconds(5));
      assertThatThrownBy(() -> exchange.call(EgressRequest.get("http://localhost").build(), way, 1))
          .isInstanceOfSatisfying(
              EgressException.class,
              e -> assertThat(e.failure()).isEqualTo(EgressFailure.BLOCKED_ADDRESS));
    }
  }

  @Test
  void namesThatAreNotAnsweredAreTold() {
    CountDownLatch never = new CountDownLatch(1);
    Egress unknown =
        open(
            quick()
                .lookup(
                    name -> {
                      throw new UnknownHostException(name);
                    })
                .build());
    assertThat(failure(unknown, EgressRequest.get("https://nowhere.example")))
        .isEqualTo(EgressFailure.UNREACHABLE);
    Egress hanging =
        open(
            quick()
                .lookup(
                    name -> {
                      try {
                        never.await();
                      } catch (InterruptedException e) {
                        throw new UnknownHostException(name);
                      }
                      return addresses("127.0.0.1");
                    })
                .callTimeout(Duration.ofMillis(200))
                .build());
    assertThat(failure(hanging, EgressRequest.get("https://slow.example")))
        .isEqualTo(EgressFailure.TIMEOUT);
  }

  /** A look-up that hangs outlives its call: nobody's may use up all there are. */
  @Test
  void whoseNamesHangLeavesLookUpsToOthers() {
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Egress egress =
        open(
            quick()
                .lookup(
                    name -> {
                      asked.incrementAndGet();
                      boolean waiting = name.startsWith("slow");
                      while (waiting) {
                        try {
                          released.await();
                          waiting = false;
                        } catch (InterruptedException e) {
                          waiting = true;
                        }
                      }
                      return addresses("10.0.0.1");
                    })
                .maxConcurrent(16)
                .build());
    // For those alone whose time is to be over.
    Duration brief = Duration.ofMillis(200);
    for (int i = 0; i < 2; i++) {
      assertThat(failure(egress, on("https://slow" + i + ".evil.example", "evil").timeout(brief)))
          .isEqualTo(EgressFailure.TIMEOUT);
    }
    assertThat(failure(egress, on("https://slow9.evil.example", "evil").timeout(brief)))
        .isEqualTo(EgressFailure.BUSY);
    assertThat(asked).as("an eighth of sixteen").hasValue(2);
    assertThat(failure(egress, on("https://good.example", "good")))
        .isEqualTo(EgressFailure.BLOCKED_ADDRESS);
    for (int i = 0; i < 2; i++) {
      assertThat(failure(egress, EgressRequest.get("https://slow.example").timeout(brief)))
          .isEqualTo(EgressFailure.TIMEOUT);
    }
    assertThat(failure(egress, EgressRequest.get("https://slow.example").timeout(brief)))
        .as("without a party, each host by itself")
        .isEqualTo(EgressFailure.BUSY);
    assertThat(failure(egress, EgressRequest.get("https://other.example")))
        .isEqualTo(EgressFailure.BLOCKED_ADDRESS);

    released.countDown();
    EgressFailure after = EgressFailure.BUSY;
    while (after == EgressFailure.BUSY) {
      after = failure(egress, on("https://good.evil.example", "evil"));
    }
    assertThat(after).as("what has ended is had again").isEqualTo(EgressFailure.BLOCKED_ADDRESS);
  }

  private static EgressRequest.Builder on(String url, String whom) {
    return EgressRequest.get(url).onBehalfOf(whom);
  }

  @Test
  void noProxyOfTheJvmIsUsed() {
    RawServer server = server(RawServer.status(200, "direct"));
    RawServer trap = server(RawServer.status(200, "trapped"));
    Set<String> kinds = Set.of("http.proxy", "https.proxy", "socksProxy");
    for (String kind : kinds) {
      System.setProperty(kind + "Host", "127.0.0.1");
      System.setProperty(kind + "Port", Integer.toString(trap.port()));
    }
    System.setProperty("http.nonProxyHosts", "");
    System.setProperty("socksNonProxyHosts", "");
    try {
      assertThat(local().send(EgressRequest.get(server.url("/")).build()).text())
          .isEqualTo("direct");
    } finally {
      for (String kind : kinds) {
        System.clearProperty(kind + "Host");
        System.clearProperty(kind + "Port");
      }
      System.clearProperty("http.nonProxyHosts");
      System.clearProperty("socksNonProxyHosts");
    }
    assertThat(trap.connections()).isZero();
  }

  @Test
  void aRequestGoesToItsHostsOnly() {
    RawServer server = server(RawServer.status(200, ""));
    AtomicInteger asked = new AtomicInteger();
    Egress egress =
        open(
            quick()
                .lookup(
                    name -> {
                      asked.incrementAndGet();
                      return addresses("127.0.0.1");
                    })
                .build());
    Set<String> allowed = Set.of("api.example.com", "*.example.org");
    for (String url :
        new String[] {
          "https://evil.example",
          "https://api.example.com.evil.example",
          "https://evil-api.example.com",
          "https://a.b.example.org",
          server.url("/")
        }) {
      assertThat(failure(egress, EgressRequest.get(url).allowedHosts(allowed)))
          .isEqualTo(EgressFailure.BLOCKED_URL);
      assertThat(failure(egress, EgressRequest.get(url).allowedHosts(Set.of())))
          .isEqualTo(EgressFailure.BLOCKED_URL);
    }
    assertThat(asked).hasValue(0);
    assertThat(server.connections()).isZero();
    EgressRequest good =
        EgressRequest.get(server.url("/")).allowedHosts(Set.of("127.0.0.1")).build();
    assertThat(egress.send(good).status()).isEqualTo(200);
  }

  @Test
  void aHostCanBeReplacedInTests() {
    RawServer server = server(RawServer.status(200, "fake"));
    Egress egress = open(Egress.builder().unsafeRoute("api.example.com", server.port()).build());
    EgressRequest request =
        EgressRequest.get("https://api.example.com/v1/models?x=y")
            .allowedHosts(Set.of("api.example.com"))
            .build();
    assertThat(egress.send(request).text()).isEqualTo("fake");
    assertThat(server.requests().get(0).line()).isEqualTo("GET /v1/models?x=y HTTP/1.1");
    assertThat(server.requests().get(0).header("host")).isEqualTo("api.example.com");
  }

  @Test
  void onlySoManyCallsAreUnderWay() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    RawServer server =
        server(
            (request, out) -> {
              arrived.countDown();
              go.await();
              RawServer.status(200, "").write(request, out);
            });
    Egress egress = open(quick().maxConcurrent(1).build());
    CompletableFuture<EgressResponse> first =
        CompletableFuture.supplyAsync(
            () -> egress.send(EgressRequest.get(server.url("/")).build()));
    assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(failure(egress, EgressRequest.get(server.url("/")).timeout(Duration.ofMillis(100))))
        .isEqualTo(EgressFailure.BUSY);
    go.countDown();
    assertThat(first.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
    assertThat(egress.send(EgressRequest.get(server.url("/")).build()).status()).isEqualTo(200);
  }

  @Test
  void closingEndsTheCallsUnderWay() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    RawServer server =
        server(
            (request, out) -> {
              arrived.countDown();
              never.await();
            });
    Egress egress = local();
    CompletableFuture<EgressFailure> call =
        CompletableFuture.supplyAsync(() -> failure(egress, EgressRequest.get(server.url("/"))));
    assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
    egress.close();
    assertThat(call.get(60, TimeUnit.SECONDS)).isEqualTo(EgressFailure.UNREACHABLE);
    never.countDown();
    assertThatThrownBy(() -> egress.send(EgressRequest.get(server.url("/")).build()))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    egress.close();
  }

  @Test
  void setUpIsToldATypingErrorAtOnce() {
    Egress egress = open(Egress.create());
    egress.check("https://hooks.example.com/a");
    for (String bad :
        new String[] {"http://hooks.example.com", "https://10.0.0.1", "https://a.example:22"}) {
      assertThatThrownBy(() -> egress.check(bad)).isInstanceOf(EgressException.class);
    }
  }

  @Test
  void settingsHaveBounds() {
    Egress.Builder builder = Egress.builder();
    assertThatThrownBy(() -> builder.ports()).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.ports(0)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.callTimeout(Duration.ZERO))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.callTimeout(Duration.ofDays(1)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.maxConcurrent(0)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.maxAnswerBytes(-1)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> builder.allowPrivate("10.0.0.1/8"))
        .isInstanceOf(InvalidInputException.class);
  }

  private static List<InetAddress> addresses(String... texts) {
    List<InetAddress> addresses = new ArrayList<>();
    for (String text : texts) {
      try {
        addresses.add(InetAddress.getByName(text));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(e);
      }
    }
    return addresses;
  }
}
