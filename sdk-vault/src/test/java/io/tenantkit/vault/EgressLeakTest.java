package io.tenantkit.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.RawServer;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.Test;

/** A canary in every part of a request comes out in no error and no log of the guarded client. */
class EgressLeakTest {
  private static final String VALUE = "sk-CANARY-55aa-egress-7788";
  private static final byte[] VALUE_BYTES = VALUE.getBytes(UTF_8);

  @Test
  void aHeaderThatCannotBeSentIsNamedAndNotQuoted() {
    List<Throwable> thrown = new ArrayList<>();
    for (String bad :
        new String[] {
          VALUE + "\n",
          VALUE + "\r\nX-Other: 1",
          VALUE + "\u00e9",
          VALUE + "\0",
          VALUE + "\t",
          VALUE + " ",
          " " + VALUE,
          VALUE + "\u007f",
          VALUE.repeat(700)
        }) {
      EgressRequest.Builder request = EgressRequest.get("https://example.com/");
      for (String name : new String[] {"x-api-key", "api-key", "Authorization", "Cookie"}) {
        thrown.add(catchThrowable(() -> request.secretHeader(name, SecretValue.of(bad))));
        thrown.add(catchThrowable(() -> request.header(name, bad)));
      }
      thrown.add(
          catchThrowable(
              () -> request.secretHeader("authorization", "Bearer ", SecretValue.of(bad + "\n"))));
      thrown.add(
          catchThrowable(() -> EgressRequest.post("https://a.example").body(VALUE_BYTES, bad)));
    }
    assertThat(thrown).allSatisfy(e -> assertThat(e).isInstanceOf(InvalidInputException.class));
    assertThat(thrown.get(0)).hasMessageContaining("x-api-key");
    for (String name : new String[] {VALUE + ":", VALUE + "\n", VALUE + " ", ""}) {
      thrown.add(catchThrowable(() -> EgressRequest.get("https://a.example").header(name, "x")));
    }
    for (String name :
        new String[] {
          "Host",
          "Content-Length",
          "Transfer-Encoding",
          "Connection",
          "Proxy-Authorization",
          "Forwarded",
          "X-Forwarded-For",
          "TE",
          "Upgrade",
          "Expect",
          "Accept-Encoding"
        }) {
      thrown.add(catchThrowable(() -> EgressRequest.get("https://a.example").header(name, VALUE)));
    }
    assertThat(thrown).allSatisfy(e -> assertThat(e).isInstanceOf(InvalidInputException.class));
    assertClean(thrown);
  }

  @Test
  void noFailureAndNoLogHoldsWhatWasSent() {
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    Handler handler = new StreamHandler(console, new SimpleFormatter());
    handler.setLevel(Level.ALL);
    Logger root = Logger.getLogger("");
    Logger okhttp = Logger.getLogger("okhttp3");
    Level level = root.getLevel();
    root.addHandler(handler);
    root.setLevel(Level.ALL);
    okhttp.setLevel(Level.ALL);
    List<Throwable> thrown = new ArrayList<>();
    try (RawServer server = RawServer.answering(RawServer.status(200, VALUE, "X-Echo: " + VALUE));
        Egress egress = Egress.builder().unsafeAllowLoopback().build()) {
      Logger.getLogger("test").info("the capture works");
      String good = server.url("/" + VALUE + "?key=" + VALUE);
      assertThat(egress.send(request(good)).text()).isEqualTo(VALUE);
      assertThat(egress.send(request(good)).toString()).doesNotContain("CANARY");
      assertThat(request(good).toString()).doesNotContain("CANARY");
      assertThat(server.requests().get(0).header("x-api-key")).isEqualTo(VALUE);
      server.answer(RawServer.status(302, VALUE, "Location: https://" + VALUE + ".example/"));
      egress.send(request(good));
      for (String url :
          new String[] {
            "https://127.0.0.1:" + server.port() + "/" + VALUE,
            "https://10.0.0.1/" + VALUE,
            "https://a.invalid/" + VALUE,
            "http://example.com/" + VALUE,
            "http://127.0.0.1:1/" + VALUE,
          }) {
        thrown.add(catchThrowable(() -> egress.send(request(url))));
      }
      server.answer((request, out) -> out.close());
      thrown.add(catchThrowable(() -> egress.send(request(good))));
      server.answer((request, out) -> server.pause(10_000));
      EgressRequest brief = sensitive(good).timeout(Duration.ofMillis(200)).build();
      thrown.add(catchThrowable(() -> egress.send(brief)));
      server.answer((request, out) -> out.write((VALUE + "\r\n\r\n").getBytes(UTF_8)));
      thrown.add(catchThrowable(() -> egress.send(request(good))));
      server.answer(RawServer.status(200, "", VALUE + "-no-colon"));
      egress.send(request(good));
      server.answer(RawServer.status(200, VALUE.repeat(10)));
      thrown.add(
          catchThrowable(
              () -> egress.send(EgressRequest.get(good).maxAnswerBytes(3).wholeAnswer().build())));
      thrown.add(
          catchThrowable(
              () ->
                  egress.send(EgressRequest.get(good).allowedHosts(Set.of("b.example")).build())));
      for (String bad :
          new String[] {
            "https://" + VALUE + "@a.example", "ftp://" + VALUE, "https://a.example/\n" + VALUE
          }) {
        thrown.add(catchThrowable(() -> EgressRequest.get(bad)));
      }
      handler.flush();
    } finally {
      root.removeHandler(handler);
      root.setLevel(level);
      okhttp.setLevel(null);
    }
    assertThat(thrown)
        .allSatisfy(e -> assertThat(e).isInstanceOf(EgressException.class).hasNoCause());
    assertClean(thrown);
    assertThat(console.toString(UTF_8)).contains("the capture works");
    assertThat(Sightings.in(console.toByteArray(), VALUE_BYTES)).isEmpty();
    assertThat(Sightings.in(String.join("\n", CapturedLogs.lines()), VALUE_BYTES)).isEmpty();
  }

  private static EgressRequest request(String url) {
    return sensitive(url).build();
  }

  private static EgressRequest.Builder sensitive(String url) {
    return EgressRequest.post(url)
        .secretHeader("x-api-key", SecretValue.of(VALUE))
        .secretHeader("Authorization", "Bearer ", SecretValue.of(VALUE))
        .secretBody(SecretValue.of(VALUE), "text/plain");
  }

  private static void assertClean(List<Throwable> thrown) {
    for (Throwable each : thrown) {
      assertThat(Sightings.in(VaultLeakTest.stackTrace(each), VALUE_BYTES)).isEmpty();
    }
  }
}
