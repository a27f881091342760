package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens and requests made by hand, right or wrong. */
final class Wire {
  static final JsonMapper JSON = new JsonMapper();
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final ServerUnderTest server;
  private final HttpClient http = HttpClient.newHttpClient();

  Wire(ServerUnderTest server) {
    this.server = server;
  }

  long now() {
    return server.clock().instant().getEpochSecond();
  }

  /** Claims for a minute, with these beside. */
  ObjectNode claims(String more) {
    try {
      ObjectNode claims = JSON.createObjectNode();
      claims.put("iss", server.apiKey()).put("nbf", now()).put("exp", now() + 60);
      claims.setAll((ObjectNode) JSON.readTree(more));
      return claims;
    } catch (IOException e) {
      throw new AssertionError(more, e);
    }
  }

  /** A token with these claims beside its issuer and its minute. */
  String token(String more) {
    return sign("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims(more).toString(), server.apiSecret());
  }

  static String sign(String header, String payload, String secret) {
    String input = base64url(header) + "." + base64url(payload);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] signature = mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String base64url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** An answer as short as it is compared: {@code 401 text}. */
  String get(String path, Map<String, String> headers) {
    HttpRequest.Builder request = request(path);
    headers.forEach(request::setHeader);
    return send(request.GET());
  }

  /** A call of the API. */
  String call(String service, String method, Optional<String> token, String json) {
    return call(service, method, token, json, "application/json");
  }

  String call(
      String service, String method, Optional<String> token, String body, String contentType) {
    HttpRequest.Builder request =
        request("/twirp/livekit." + service + "/" + method).setHeader("Content-Type", contentType);
    token.ifPresent(jwt -> request.setHeader("Authorization", "Bearer " + jwt));
    return send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http" + server.url().substring(2) + path))
        .timeout(DEADLINE);
  }

  private String send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
