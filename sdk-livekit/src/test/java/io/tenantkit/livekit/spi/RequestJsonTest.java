package io.tenantkit.livekit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Requests as Jackson reads them, an independent reader. */
class RequestJsonTest {
  /** All that a text may have in it: controls, quotes, other scripts, four bytes. */
  private static final String ODD = "a\u0000\u001f\"\\/\b\n\u007f\u2028Grüße 漢字 🎥";

  @Test
  void textsAndSecretsArriveAsTheyWere() throws Exception {
    RequestJson json =
        RequestJson.object()
            .text("text", ODD)
            .text("empty", "")
            .text("saidEmpty", Optional.of(""))
            .secret("secret", SecretValue.of(ODD))
            .number("n", -7)
            .number("zero", 0)
            .number("fraction", 2.5)
            .flag("no", false)
            .flag("saidNo", Optional.of(false))
            .time("time", Optional.of(Duration.ofMillis(1_050)))
            .put("object", RequestJson.object())
            .json("raw", "{\"x\":[1]}")
            .list("list", List.of(SecretValue.of("s"), "t", RequestJson.object().number("n", 1)))
            .list("none", List.of())
            .texts("map", Map.of("k\"", "v"));

    JsonNode read = sent(json);

    assertThat(read.get("text").asText()).isEqualTo(ODD);
    assertThat(read.get("secret").asText()).isEqualTo(ODD);
    assertThat(read.get("saidEmpty").asText()).isEmpty();
    assertThat(read.get("n").asInt()).isEqualTo(-7);
    assertThat(read.get("fraction").asDouble()).isEqualTo(2.5);
    assertThat(read.get("saidNo").asBoolean(true)).isFalse();
    assertThat(read.get("time").asText()).isEqualTo("1.050000000s");
    assertThat(read.get("object").isObject()).isTrue();
    assertThat(read.get("raw").get("x").get(0).asInt()).isEqualTo(1);
    assertThat(read.get("list").toString()).isEqualTo("[\"s\",\"t\",{\"n\":1}]");
    assertThat(read.get("map").get("k\"").asText()).isEqualTo("v");
    assertThat(read.has("empty")).isFalse();
    assertThat(read.has("zero")).isFalse();
    assertThat(read.has("no")).isFalse();
    assertThat(read.has("none")).isFalse();
    assertThat(sent(RequestJson.object()).toString()).isEqualTo("{}");
    assertThat(json).hasToString("RequestJson[11 fields]");
  }

  @Test
  void aBodyThatWasClosedIsNotSent() {
    CallBody body = RequestJson.object().secret("s", SecretValue.of("x")).body();
    body.close();
    assertThatThrownBy(() -> send(body)).isInstanceOf(IllegalStateException.class);
    assertThat(body).hasToString("application/json");
  }

  @Test
  void whatIsNoTextIsRefused() {
    RequestJson binary =
        RequestJson.object().secret("s", SecretValue.copyOf(new byte[] {'a', (byte) 0xFF}));
    assertThatThrownBy(binary::body).isInstanceOf(InvalidInputException.class);
    RequestJson large = RequestJson.object().text("t", "x".repeat(SecretValue.MAX_BYTES));
    assertThatThrownBy(large::body).isInstanceOf(InvalidInputException.class);
  }

  private static JsonNode sent(RequestJson json) throws Exception {
    try (CallBody body = json.body()) {
      return new ObjectMapper().readTree(send(body));
    }
  }

  private static byte[] send(CallBody body) throws Exception {
    AtomicReference<byte[]> seen = new AtomicReference<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          seen.set(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    try (Egress egress = Egress.builder().unsafeAllowLoopback().build()) {
      EgressRequest.Builder request =
          EgressRequest.post("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      egress.send(body.in(request).build());
      return seen.get();
    } finally {
      server.stop(0);
    }
  }
}
