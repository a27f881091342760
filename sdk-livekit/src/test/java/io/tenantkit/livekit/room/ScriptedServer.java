package io.tenantkit.livekit.room;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on this machine that answers calls of LiveKit's API as a test tells it. */
final class ScriptedServer implements AutoCloseable {
  /** An answer. */
  record Answer(int status, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> called = new CopyOnWriteArrayList<>();
  private final List<String> tokens = new CopyOnWriteArrayList<>();
  private final Map<Integer, Runnable> steps = new ConcurrentHashMap<>();
  private volatile Answer otherwise = new Answer(200, "{}");

  ScriptedServer() {
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
    exchange.getRequestBody().readAllBytes();
    steps.getOrDefault(called.size(), () -> {}).run();
    Answer answer = answers.getOrDefault(method, otherwise);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  String url() {
    return "ws://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers this method so. */
  ScriptedServer on(String method, int status, String body) {
    answers.put(method, new Answer(status, body));
    return this;
  }

  /** Answers all other methods so. */
  void otherwise(int status, String body) {
    otherwise = new Answer(status, body);
  }

  /** Does this before it answers the call of this number, from 1. */
  void onCall(int number, Runnable step) {
    steps.put(number, step);
  }

  /** The methods that were called, in order. */
  List<String> called() {
    return List.copyOf(called);
  }

  /** The headers that the calls were signed with. */
  List<String> tokens() {
    return List.copyOf(tokens);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
