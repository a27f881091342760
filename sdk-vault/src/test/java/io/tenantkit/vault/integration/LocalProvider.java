package io.tenantkit.vault.integration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A server on this machine that answers as a provider would, and keeps what it was asked. */
final class LocalProvider implements AutoCloseable {

  /** What came: the names of headers in lower case. */
  record Asked(String line, Map<String, String> headers, String body) {}

  /** What goes back. */
  record Answer(int status, Map<String, String> headers, byte[] body) {
    static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    Answer with(Map<String, String> more) {
      Map<String, String> all = new TreeMap<>(headers);
      all.putAll(more);
      return new Answer(status, all, body);
    }
  }

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Function<Asked, Answer> answers;

  LocalProvider(Function<Asked, Answer> answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static LocalProvider answering(Answer answer) {
    return new LocalProvider(asked -> answer);
  }

  /** Takes the call and says nothing until it is closed. */
  static LocalProvider silent() {
    CountDownLatch[] latch = new CountDownLatch[1];
    LocalProvider provider =
        new LocalProvider(
            asked -> {
              try {
                latch[0].await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return Answer.of(200, "{}");
            });
    latch[0] = provider.closing;
    return provider;
  }

  void answer(Function<Asked, Answer> next) {
    answers = next;
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
      Asked call =
          new Asked(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              headers,
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      asked.add(call);
      Answer answer = answers.apply(call);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(answer.body());
      } catch (IOException e) {
        // The other side had enough, as it does of a body that is too long.
        return;
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
