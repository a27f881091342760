package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The service on a free port of loopback, and a client for it. */
final class RunningService implements AutoCloseable {
  static final String API_KEY = "APIproject";
  static final String API_SECRET = "canary-secret-of-at-least-32-characters";
  static final JsonMapper JSON = new JsonMapper();

  /**
   * How long a body may take where no test waits for the bound itself: longer than any pause of a
   * busy machine.
   */
  private static final long PATIENT_MILLIS = 60_000;

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final TokenService service;

  private RunningService(TokenService service) {
    this.service = service;
  }

  /** An answer. */
  record Answer(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    JsonNode json() {
      try {
        return JSON.readTree(response.body());
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + response.body(), e);
      }
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }
  }

  /** The variables of single-tenant mode, and these. */
  static Map<String, String> environment(String... more) {
    Map<String, String> all = new HashMap<>();
    all.put("LIVEKIT_API_KEY", API_KEY);
    all.put("LIVEKIT_API_SECRET", API_SECRET);
    all.put("LIVEKIT_WS_URL", "wss://livekit.example.com");
    all.putAll(only(more));
    return all;
  }

  /** Nothing but these variables, names and values in turn, on a free port. */
  static Map<String, String> only(String... variables) {
    Map<String, String> all = new HashMap<>();
    all.put("PORT", "0");
    for (int i = 0; i < variables.length; i += 2) {
      all.put(variables[i], variables[i + 1]);
    }
    return all;
  }

  static RunningService start(Map<String, String> environment) {
    return start(environment, Clock.systemUTC());
  }

  static RunningService start(Map<String, String> environment, Clock clock) {
    return start(environment, clock, PATIENT_MILLIS);
  }

  static RunningService start(Map<String, String> environment, Clock clock, long bodyMillis) {
    return new RunningService(TokenService.start(Settings.read(environment), clock, bodyMillis));
  }

  static RunningService single(String... more) {
    return start(environment(more));
  }

  int port() {
    return service.port();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** POST of JSON, with these further headers, names and values in turn. */
  Answer post(String path, String body, String... headers) {
    return send(
        "POST",
        path,
        HttpRequest.BodyPublishers.ofString(body),
        withJson(headers).toArray(String[]::new));
  }

  private static List<String> withJson(String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    if (!all.contains("Content-Type")) {
      all.addAll(List.of("Content-Type", "application/json"));
    }
    return all;
  }

  Answer get(String path, String... headers) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody(), headers);
  }

  Answer send(String method, String path, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url(path)))
            .method(method, body)
            .timeout(Duration.ofMinutes(3));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return new Answer(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** All that is answered to these bytes until the service closes the connection. */
  String raw(byte[] bytes) throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      return readAll(socket);
    }
  }

  String raw(String text) throws IOException {
    return raw(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  static String readAll(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    service.close();
  }
}
