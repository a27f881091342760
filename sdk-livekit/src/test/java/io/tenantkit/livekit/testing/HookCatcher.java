package io.tenantkit.livekit.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tenantkit.livekit.testing.ServerUnderTest.Hook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server that keeps the webhooks it is sent. */
final class HookCatcher implements AutoCloseable {
  private final HttpServer server;
  private final List<Hook> caught = new CopyOnWriteArrayList<>();
  private final Deque<Integer> statuses = new ConcurrentLinkedDeque<>();

  HookCatcher() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      caught.add(
          new Hook(
              body,
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Content-Type")));
      Integer status = statuses.pollFirst();
      exchange.sendResponseHeaders(status == null ? 200 : status, -1);
    }
  }

  /** The next are answered so. */
  void answer(Integer... next) {
    statuses.addAll(List.of(next));
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hooks");
  }

  List<Hook> caught() {
    return List.copyOf(caught);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
