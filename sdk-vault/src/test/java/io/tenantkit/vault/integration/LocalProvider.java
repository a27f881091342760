package io.tenantkit.vault.integration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A server on this machine that answers as a provider would, and keeps what it was asked. */
final class LocalProvider implements AutoCloseable {

  /** What came: the names of headers in lower case. */
  record Asked(String line, Map<String, String> headers, String body) {}

  /**
   * What goes back.
   *
   * @param spaces how many come before the body
   */
  record Answer(int status, Map<String, String> headers, int spaces, byte[] body) {
    Answer(int status, Map<String, String> headers, byte[] body) {
      this(status, headers, 0, body);
    }

    Answer after(int moreSpaces) {
      return new Answer(status, headers, moreSpaces, body);
    }

    static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    Answer with(Map<String, String> more) {
      Map<String, String> all = new TreeMap<>(headers);
      all.putAll(more);
      return new Answer(status, all, spaces, body);
    }
  }

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CompletableFuture<Boolean> brokenOff = new CompletableFuture<>();
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

  /**
   * Takes the call and says nothing until it is closed; whoever waits for half a minute is answered
   * all the same.
   */
  static LocalProvider silentAtFirst(Answer answer) {
    CountDownLatch[] latch = new CountDownLatch[1];
    LocalProvider provider =
        new LocalProvider(
            asked -> {
              try {
                latch[0].await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return answer;
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

  /** Whether the other side took no more of the first answer than a part. */
  boolean isBrokenOff() {
    return brokenOff.join();
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
      int length = answer.spaces() + answer.body().length;
      exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length);
      try (OutputStream out = exchange.getResponseBody()) {
        byte[] spaces = new byte[1 << 16];
        Arrays.fill(spaces, (byte) ' ');
        for (int left = answer.spaces(); left > 0; left -= spaces.length) {
          out.write(spaces, 0, Math.min(left, spaces.length));
        }
        out.write(answer.body());
        out.flush();
        brokenOff.complete(false);
      } catch (IOException e) {
        // The other side had enough, as it does of a body that is too long.
        brokenOff.complete(true);
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
