package io.tenantkit.vault.masterkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpHandler;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a local server that follows the published API; no server of a vendor runs here. */
class TransitMasterKeysTest {
  private static final byte[] KEY =
      "thirty-two bytes CANARY of a key".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ACME = "acme".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GLOBEX = "globex".getBytes(StandardCharsets.US_ASCII);
  private static final String ID = "transit:transit/tenantkit";

  private final SecureRandom random = new SecureRandom();
  private final TransitServer server = new TransitServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void wrapsAndUnwrapsBoundToItsData() {
    TransitMasterKeys keys = server.open();
    byte[] record = keys.wrap(KEY, ACME, random);
    assertThat(keys.unwrap(record, ACME)).isEqualTo(KEY);
    assertThat(keys.wrap(KEY, ACME, random)).isNotEqualTo(record);
    assertThat(new String(record, StandardCharsets.ISO_8859_1))
        .startsWith("TKKM\u0001\u0019" + ID + "vault:v1:")
        .doesNotContain("CANARY");
    assertThat(keys.currentId()).isEqualTo(ID);
    assertThat(keys.ids()).containsExactly(ID);
    assertThat(keys.location()).isEmpty();
    assertThat(keys).hasToString("MasterKeys[" + ID + ", redacted]");
    assertRejected(() -> keys.unwrap(record, GLOBEX));
    assertRejected(() -> keys.unwrap(record, new byte[0]));
    assertRejected(() -> keys.unwrap(record, new byte[65_537]));
  }

  @Test
  void noAlteredRecordOpens() {
    TransitMasterKeys keys = server.open();
    byte[] record = keys.wrap(KEY, ACME, random);
    for (int i = 0; i < record.length; i++) {
      byte[] altered = record.clone();
      altered[i] ^= 1;
      // Base64 is not read by its last character alone: what decodes the same is the same.
      if (!sameCiphertext(record, altered)) {
        assertRejected(() -> keys.unwrap(altered, ACME));
      }
    }
    for (int length = 0; length < record.length; length++) {
      byte[] cut = Arrays.copyOf(record, length);
      assertRejected(() -> keys.unwrap(cut, ACME));
    }
    byte[] longer = Arrays.copyOf(record, record.length + 5_000);
    assertRejected(() -> keys.unwrap(longer, ACME));
  }

  private static boolean sameCiphertext(byte[] record, byte[] altered) {
    int from = new String(record, StandardCharsets.ISO_8859_1).lastIndexOf(':') + 1;
    try {
      return Arrays.equals(record, 0, from, altered, 0, from)
          && Arrays.equals(
              Base64.getDecoder().decode(Arrays.copyOfRange(record, from, record.length)),
              Base64.getDecoder().decode(Arrays.copyOfRange(altered, from, altered.length)));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The id is bound too: the same server key under another id opens nothing of the first. */
  @Test
  void aRecordIsOfOneId() {
    TransitMasterKeys one = server.builder().id("one").open();
    TransitMasterKeys two = server.builder().id("two").open();
    byte[] record = one.wrap(KEY, ACME, random);
    assertThat(one.knows(record)).isTrue();
    assertThat(two.knows(record)).isFalse();
    assertRejected(() -> two.unwrap(record, ACME));
    byte[] renamed = record.clone();
    System.arraycopy("two".getBytes(StandardCharsets.US_ASCII), 0, renamed, 6, 3);
    assertThat(two.knows(renamed)).isTrue();
    assertRejected(() -> two.unwrap(renamed, ACME));
  }

  @Test
  void localKeysAndTheServersTakeNothingForTheirOwn() {
    TransitMasterKeys there = server.open();
    MasterKeys here = MasterKeys.of(MasterKey.parse("raw:another-key-of-32-characters-abc"));
    byte[] local = here.wrap(KEY, ACME, random);
    byte[] remote = there.wrap(KEY, ACME, random);
    server.forgetCalls();
    assertRejected(() -> there.unwrap(local, ACME));
    assertThat(server.calls()).as("not even sent").isZero();
    assertRejected(() -> here.unwrap(remote, ACME));
    for (MasterKeys both :
        List.of(MasterKeys.combined(there, here), MasterKeys.combined(here, there))) {
      assertThat(both.unwrap(local, ACME)).isEqualTo(KEY);
      assertThat(both.unwrap(remote, ACME)).isEqualTo(KEY);
      assertRejected(() -> both.unwrap(local, GLOBEX));
      assertRejected(() -> both.unwrap(remote, GLOBEX));
    }
    assertThat(there.knows(MasterKeys.combined(there, here).wrap(KEY, ACME, random))).isTrue();
    assertThat(here.knows(MasterKeys.combined(here, there).wrap(KEY, ACME, random))).isTrue();
  }

  @Test
  void rotationOnTheServerKeepsOldRecordsAndTheKeysName() {
    TransitMasterKeys keys = server.open();
    byte[] first = keys.wrap(KEY, ACME, random);
    String check = keys.checkValue(ID);
    server.rotate();
    byte[] second = keys.wrap(KEY, ACME, random);

    assertThat(new String(second, StandardCharsets.ISO_8859_1)).contains("vault:v2:");
    assertThat(keys.unwrap(first, ACME)).isEqualTo(KEY);
    assertThat(keys.unwrap(second, ACME)).isEqualTo(KEY);
    assertThat(keys.ids()).containsExactly(ID);
    assertThat(keys.checkValue(ID)).isNotEqualTo(check).matches("00000002[0-9a-f]{64}");
    assertThat(check).matches("00000001[0-9a-f]{64}");
    assertThat(keys.matches(ID, check)).isTrue();

    server.key().minEncryption = 2;
    assertThat(keys.matches(ID, check)).as("verified, not made again").isTrue();
    server.key().minDecryption = 2;
    assertRejected(() -> keys.unwrap(first, ACME));
    assertThat(keys.unwrap(second, ACME)).isEqualTo(KEY);
    assertThat(keys.matches(ID, check)).as("cannot be told any more").isTrue();
  }

  @Test
  void aKeyMadeAgainUnderTheSameNameIsFoundOut() {
    TransitMasterKeys keys = server.open();
    String first = keys.checkValue(ID);
    assertThat(keys.matches(ID, first)).isTrue();
    assertThat(keys.checkValue(ID)).as("the same each time").isEqualTo(first);
    server.rotate();
    String second = keys.checkValue(ID);
    server.replaceKey();
    assertThat(keys.matches(ID, first)).isFalse();
    assertThat(keys.matches(ID, second)).as("a version it has not").isFalse();
    for (String nonsense : List.of("", "ab", first.substring(1), first.replace('0', 'g'))) {
      assertThat(keys.matches(ID, nonsense)).isFalse();
    }
    assertThatThrownBy(() -> keys.checkValue("other")).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> keys.matches("other", first))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void mountAndNamespaceArePartOfThePlace() {
    server.keys.put("acme/eu/apps/transit/main", new TransitServer.Key());
    TransitMasterKeys keys =
        TransitMasterKeys.builder(
                server.address(), "main", () -> SecretValue.of(TransitServer.TOKEN))
            .namespace("acme/eu")
            .mount("apps/transit")
            .unsafePlainHttp()
            .open();
    assertThat(keys.currentId()).isEqualTo("transit:acme/eu/apps/transit/main");
    assertThat(keys.unwrap(keys.wrap(KEY, ACME, random), ACME)).isEqualTo(KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"aes128-gcm96", "ed25519", "rsa-4096", "hmac", "aes256-gcm96-derived", ""})
  void aKeyThatCannotDoItIsRefusedAtOnce(String type) {
    server.key().type = type.replace("-derived", "");
    server.key().derived = type.endsWith("-derived");
    fails(ErrorCode.MASTER_KEY_INVALID, server::open);
    assertThat(server.calls("encrypt")).isZero();
  }

  /** Or a row moved from one organization to another would open. */
  @Test
  void aServerThatIgnoresAssociatedDataIsRefused() {
    server.ignoresAssociatedData = true;
    assertThat(fails(ErrorCode.MASTER_KEY_INVALID, server::open))
        .hasMessageContaining("ignores associated data");
  }

  @Test
  void aKeyThatIsNotThereIsNotMade() {
    server.keys.clear();
    assertThat(fails(ErrorCode.MASTER_KEY_INVALID, server::open)).hasMessageContaining("404");
    assertThat(server.calls("encrypt")).isZero();
  }

  record Answer(int status, String body, ErrorCode code) {}

  static List<Answer> answers() {
    String words = "{\"errors\":[\"" + TransitServer.TOKEN + " CANARY\"]}";
    return List.of(
        new Answer(301, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(304, "", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(400, words, ErrorCode.MASTER_KEY_INVALID),
        new Answer(401, words, ErrorCode.MASTER_KEY_DENIED),
        new Answer(403, words, ErrorCode.MASTER_KEY_DENIED),
        new Answer(404, words, ErrorCode.MASTER_KEY_INVALID),
        new Answer(405, words, ErrorCode.MASTER_KEY_INVALID),
        new Answer(412, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(413, words, ErrorCode.MASTER_KEY_INVALID),
        new Answer(429, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(500, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(502, "<html>" + TransitServer.TOKEN, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(503, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(204, "", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "<html>CANARY", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, words, ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "[]", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "null", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "{\"data\":null}", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "{\"data\":\"CANARY\"}", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "{\"data\":{}}{}", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(200, "{\"data\":" + "[".repeat(30_000) + "}", ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(
            200,
            "{\"data\":{\"plaintext\":\"QQ==\",\"plaintext\":\"QQ==\"}}",
            ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(
            200,
            "{\"data\":{\"plaintext\":\"CANARY!\",\"ciphertext\":\"CAN\\nARY\",\"hmac\":\"vault:v1:CANARY\",\"valid\":\"CANARY\"}}",
            ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(
            200,
            "{\"data\":{\"plaintext\":7,\"ciphertext\":[],\"hmac\":{},\"valid\":null}}",
            ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(
            200,
            "{\"data\":{\"plaintext\":\"\",\"ciphertext\":\"\",\"hmac\":\"vault:v0:QUJD\"}}",
            ErrorCode.MASTER_KEY_UNAVAILABLE),
        new Answer(
            200,
            "{\"data\":{\"plaintext\":\""
                + "QUJD".repeat(1_000)
                + "\",\"ciphertext\":\""
                + "x".repeat(5_000)
                + "\",\"hmac\":\"vault:v1:QUJD\"}}",
            ErrorCode.MASTER_KEY_UNAVAILABLE));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everyOtherAnswerIsATypedError(Answer answer) {
    TransitMasterKeys keys = server.open();
    byte[] record = keys.wrap(KEY, ACME, random);
    String check = keys.checkValue(ID);
    server.answer(answer.status(), answer.body());

    fails(answer.code(), () -> keys.wrap(KEY, ACME, random));
    fails(answer.code(), () -> keys.checkValue(ID));
    fails(answer.code(), () -> keys.matches(ID, check));
    fails(answer.code(), server::open);
    if (answer.status() == 400) {
      assertRejected(() -> keys.unwrap(record, ACME));
    } else {
      fails(answer.code(), () -> keys.unwrap(record, ACME));
    }

    server.recover();
    assertThat(keys.unwrap(record, ACME)).as("and then it works again").isEqualTo(KEY);
  }

  static Map<String, HttpHandler> brokenHandlers() {
    return Map.of(
        "ten megabytes",
        exchange -> TransitServer.send(exchange, 200, new byte[10_000_000]),
        "no end",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          for (int i = 0; i < 100; i++) {
            out.write(new byte[65_536]);
          }
        },
        "cut short",
        exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write('{');
          exchange.close();
        },
        "hung up",
        exchange -> {
          throw new IOException("as if the server had died");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"ten megabytes", "no end", "cut short", "hung up"})
  void brokenAnswersAreUnavailability(String name) {
    TransitMasterKeys keys = server.open();
    byte[] record = keys.wrap(KEY, ACME, random);
    server.fault.set(brokenHandlers().get(name));
    assertThat(fails(ErrorCode.MASTER_KEY_UNAVAILABLE, () -> keys.unwrap(record, ACME)))
        .hasMessageContaining(
            name.equals("ten megabytes") || name.equals("no end")
                ? "longer than 65536 bytes"
                : "no answer (");
    fails(ErrorCode.MASTER_KEY_UNAVAILABLE, () -> keys.wrap(KEY, ACME, random));
    server.recover();
    assertThat(keys.unwrap(record, ACME)).isEqualTo(KEY);
  }

  @Test
  void aServerThatDoesNotAnswerIsNotWaitedFor() {
    // Enough for what is answered at once, also on a busy machine.
    TransitMasterKeys keys = server.builder().timeout(Duration.ofSeconds(2)).open();
    byte[] record = keys.wrap(KEY, ACME, random);
    CountDownLatch over = new CountDownLatch(1);
    server.fault.set(
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThat(fails(ErrorCode.MASTER_KEY_UNAVAILABLE, () -> keys.unwrap(record, ACME)))
        .hasMessageContaining("in time");
    over.countDown();
    server.recover();
    assertThat(keys.unwrap(record, ACME)).isEqualTo(KEY);
  }

  @Test
  void redirectsAreNotFollowed() {
    try (TransitServer elsewhere = new TransitServer()) {
      TransitMasterKeys keys = server.open();
      for (int status : new int[] {301, 302, 303, 307, 308}) {
        server.fault.set(
            exchange -> {
              exchange
                  .getResponseHeaders()
                  .set("Location", elsewhere.address() + "/v1/transit/encrypt/tenantkit");
              TransitServer.send(exchange, status, new byte[0]);
            });
        fails(ErrorCode.MASTER_KEY_UNAVAILABLE, () -> keys.wrap(KEY, ACME, random));
      }
      server.recover();
      TransitMasterKeys hosts = server.builder().client(new OkHttpClient()).open();
      server.fault.set(
          exchange -> {
            exchange.getResponseHeaders().set("Location", elsewhere.address() + "/v1/transit/x/y");
            TransitServer.send(exchange, 307, new byte[0]);
          });
      fails(ErrorCode.MASTER_KEY_UNAVAILABLE, () -> hosts.wrap(KEY, ACME, random));
      assertThat(elsewhere.calls()).isZero();
    }
  }

  /** Or the token and the keys would go to whatever the JVM's settings name. */
  @Test
  void noProxyIsTakenFromTheSystem() {
    ProxySelector before = ProxySelector.getDefault();
    AtomicInteger asked = new AtomicInteger();
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            asked.incrementAndGet();
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
    try {
      server.open().wrap(KEY, ACME, random);
      assertThat(asked).hasValue(0);
      server.builder().client(new OkHttpClient()).open();
      assertThat(asked.get()).as("the host's own client may").isPositive();
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    fails(
        ErrorCode.MASTER_KEY_UNAVAILABLE,
        () ->
            TransitMasterKeys.builder(
                    "http://127.0.0.1:" + port, "k", () -> SecretValue.of(TransitServer.TOKEN))
                .unsafePlainHttp()
                .open());
    fails(
        ErrorCode.MASTER_KEY_UNAVAILABLE,
        () ->
            TransitMasterKeys.builder(
                    "https" + server.address().substring(4),
                    "k",
                    () -> SecretValue.of(TransitServer.TOKEN))
                .open());
  }

  /** The token is asked for at each call, so that the host renews it without a restart. */
  @Test
  void theTokenMayChange() {
    AtomicReference<String> token = new AtomicReference<>(TransitServer.TOKEN);
    AtomicInteger asked = new AtomicInteger();
    TransitMasterKeys keys =
        TransitMasterKeys.builder(
                server.address(),
                "tenantkit",
                () -> {
                  asked.incrementAndGet();
                  return SecretValue.of(token.get());
                })
            .unsafePlainHttp()
            .open();
    assertThat(asked).hasValue(server.calls());
    byte[] record = keys.wrap(KEY, ACME, random);
    server.token = "hvs.renewed";
    fails(ErrorCode.MASTER_KEY_DENIED, () -> keys.unwrap(record, ACME));
    token.set("hvs.renewed");
    assertThat(keys.unwrap(record, ACME)).isEqualTo(KEY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hvs.CANARY\n",
        "hvs.CANARY\r\nX-Other: 1",
        "hvs.CANARY token",
        "hvs.CANARY\u00e9",
        "hvs.CANARY\u0000",
        "\thvs.CANARY"
      })
  void aTokenThatIsNoHeaderIsRefusedAndNotQuoted(String token) {
    fails(
        ErrorCode.MASTER_KEY_DENIED,
        () ->
            TransitMasterKeys.builder(server.address(), "tenantkit", () -> SecretValue.of(token))
                .unsafePlainHttp()
                .open());
    assertThat(server.calls()).isZero();
  }

  @Test
  void aTokenThatIsClosedBinaryOrTooLongIsRefused() {
    SecretValue closed = SecretValue.of("hvs.CANARY");
    closed.close();
    for (SecretValue token :
        List.of(
            closed,
            SecretValue.copyOf(new byte[] {-1, -2}),
            SecretValue.of("CANARY".repeat(2_000)))) {
      fails(
          ErrorCode.MASTER_KEY_DENIED,
          () ->
              TransitMasterKeys.builder(server.address(), "tenantkit", () -> token)
                  .unsafePlainHttp()
                  .open());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "vault",
        "ftp://vault.example.com",
        "https://CANARY@vault.example.com",
        "https://a:CANARY@vault.example.com",
        "https://vault.example.com/v1",
        "https://vault.example.com/?token=CANARY",
        "https://vault.example.com/#CANARY"
      })
  void anAddressIsAnOriginAndNothingElse(String address) {
    assertThatThrownBy(
            () ->
                TransitMasterKeys.builder(
                    address, "tenantkit", () -> SecretValue.of(TransitServer.TOKEN)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("address: https://host or https://host:port");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a/../b", "..", ".", "a//b", "/a", "a/", "a b", "a%2fb", "\u00e4", "a\n", "a?b"
      })
  void namesStayInTheirPlace(String name) {
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> server.builder().mount(name),
            () -> server.builder().namespace(name),
            () ->
                TransitMasterKeys.builder(
                    server.address(), name, () -> SecretValue.of(TransitServer.TOKEN)))) {
      assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasNoCause();
    }
  }

  @Test
  void whatElseIsOutOfBounds() {
    assertThatThrownBy(() -> server.builder().timeout(Duration.ofMillis(49)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> server.builder().timeout(Duration.ofSeconds(61)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> server.builder().id("a b")).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> server.builder().id("a".repeat(201)))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(
            () ->
                TransitMasterKeys.builder(
                        server.address(), "k", () -> SecretValue.of(TransitServer.TOKEN))
                    .open())
        .as("the clear text over the network is asked for by name")
        .hasMessage("address: https: only");
    TransitMasterKeys keys = server.open();
    assertThatThrownBy(() -> keys.wrap(new byte[0], ACME, random))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> keys.wrap(new byte[1_025], ACME, random))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> keys.wrap(KEY, new byte[65_537], random))
        .isInstanceOf(InvalidInputException.class);
    assertThat(keys.unwrap(keys.wrap(new byte[1_024], new byte[40_000], random), new byte[40_000]))
        .hasSize(1_024);
    assertThat(server.builder()).hasToString("TransitMasterKeys.Builder[redacted]");
  }

  @Test
  void closedKeysRefuseAndTheHostsClientGoesOn() {
    OkHttpClient client = new OkHttpClient();
    TransitMasterKeys closed = server.builder().client(client).open();
    byte[] record = closed.wrap(KEY, ACME, random);
    closed.close();
    closed.close();
    fails(ErrorCode.CLOSED, () -> closed.unwrap(record, ACME));
    fails(ErrorCode.CLOSED, () -> closed.wrap(KEY, ACME, random));
    fails(ErrorCode.CLOSED, () -> closed.checkValue(ID));
    assertThat(server.builder().client(client).open().unwrap(record, ACME)).isEqualTo(KEY);
  }

  private static void assertRejected(ThrowingCallable call) {
    Throwable thrown = fails(ErrorCode.CIPHERTEXT_REJECTED, call);
    assertThat(thrown)
        .hasMessage("the sealed record does not open: damaged, moved, or made with another key");
  }

  /** Also: whatever is thrown, and all beneath it, holds neither token nor key nor answer. */
  private static Throwable fails(ErrorCode code, ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    assertThat(trace.toString())
        .doesNotContain("CANARY", "hvs.", Base64.getEncoder().encodeToString(KEY));
    return thrown;
  }
}
