package io.tenantkit.livekit.room;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on this machine that answers calls of LiveKit's API as a test tells it. */
public final class ScriptedServer implements AutoCloseable {
  /** An answer. */
  record Answer(int status, String type, byte[] body) {
    Answer(int status, String body) {
      this(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> called = new CopyOnWriteArrayList<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final Map<Integer, Runnable> steps = new ConcurrentHashMap<>();
  private final Map<String, Runnable> methodSteps = new ConcurrentHashMap<>();
  private volatile Answer otherwise = new Answer(200, "{}");

  public ScriptedServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/twirp/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = path.substring(path.lastIndexOf('/') + 1);
    called.add(method);
    tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
    bodies.add(exchange.getRequestBody().readAllBytes());
    paths.add(path);
    steps.getOrDefault(called.size(), () -> {}).run();
    methodSteps.getOrDefault(method, () -> {}).run();
    Answer answer = answers.getOrDefault(method, otherwise);
    byte[] body = answer.body();
    exchange.getResponseHeaders().add("Content-Type", answer.type());
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  public String url() {
    return "ws://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers this method so. */
  public ScriptedServer on(String method, int status, String body) {
    answers.put(method, new Answer(status, body));
    return this;
  }

  /** Answers all methods so, with bytes of this type. */
  public void otherwise(int status, String type, byte[] body) {
    otherwise = new Answer(status, type, body.clone());
  }

  /** What the calls sent, in order. */
  public List<byte[]> bodies() {
    return List.copyOf(bodies);
  }

  /** What the last call sent. */
  public String lastBody() {
    return new String(bodies.get(bodies.size() - 1), StandardCharsets.UTF_8);
  }

  /** The paths that were called, in order. */
  public List<String> paths() {
    return List.copyOf(paths);
  }

  /** The claims of the last call's token. */
  public String lastClaims() {
    return claims(tokens.get(tokens.size() - 1));
  }

  /** Of each call its method, and what its token grants and for how long. */
  public List<Grant> grants() {
    List<Grant> all = new ArrayList<>();
    for (int i = 0; i < called.size(); i++) {
      all.add(Grant.of(called.get(i), claims(tokens.get(i))));
    }
    return all;
  }

  /**
   * What the token of a call grants.
   *
   * @param granted all claims but those that say who, when and until when, as JSON in the claims'
   *     order
   * @param seconds how long it lives
   */
  public record Grant(String method, String granted, long seconds) {
    private static Grant of(String method, String claims) {
      try {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(claims);
        long seconds = json.get("exp").longValue() - json.get("nbf").longValue();
        json.remove(List.of("iss", "sub", "jti", "iat", "nbf", "exp"));
        return new Grant(method, json.toString(), seconds);
      } catch (JsonProcessingException e) {
        throw new AssertionError("no claims", e);
      }
    }
  }

  private static String claims(String token) {
    return new String(
        Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8);
  }

  /** Answers all other methods so. */
  public void otherwise(int status, String body) {
    otherwise = new Answer(status, body);
  }

  /** Does this before it answers the call of this number, from 1. */
  public void onCall(int number, Runnable step) {
    steps.put(number, step);
  }

  /** Does this before it answers each call of this method. */
  public void onCall(String method, Runnable step) {
    methodSteps.put(method, step);
  }

  /** The methods that were called, in order. */
  public List<String> called() {
    return List.copyOf(called);
  }

  /** The headers that the calls were signed with. */
  public List<String> tokens() {
    return List.copyOf(tokens);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
