package io.tenantkit.examples.tokenservice;

import io.tenantkit.http.HttpAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Jetty as this service runs it: HTTP/1.1, bounded in connections, for each client too, in headers
 * and the time they take, and in idle time, with virtual threads where they do not hold on to
 * others (JDK 24 and later).
 */
public final class HttpFront implements AutoCloseable {
  private static final int THREADS = 64;
  private static final int CONNECTIONS = 2_000;
  private static final int HEADER_BYTES = 8_192;
  private static final long IDLE_MILLIS = 20_000;
  private static final long STOP_MILLIS = 5_000;

  private final Server server;
  private final GuardedConnector connector;

  private HttpFront(Server server, GuardedConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  /**
   * Starts to listen.
   *
   * @param port 0 for any that is free
   * @throws IllegalStateException when it cannot, for one because the port is taken
   */
  public static HttpFront start(String host, int port, Handler handler) {
    return start(host, port, handler, ConnectionLimits.standard(address -> false));
  }

  /** The same, with what one client may hold. */
  static HttpFront start(String host, int port, Handler handler, ConnectionLimits limits) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 8);
    threads.setName("token-service");
    if (Runtime.version().feature() >= 24 && VirtualThreads.areSupported()) {
      Executor virtual = VirtualThreads.getNamedVirtualThreadsExecutor("token-service-virtual-");
      threads.setVirtualThreadsExecutor(virtual);
    }
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    GuardedConnector connector =
        new GuardedConnector(server, limits, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(CONNECTIONS, server));
    server.setErrorHandler(new Problems());
    server.setHandler(connector.watching(new GracefulHandler(handler)));
    server.setStopTimeout(STOP_MILLIS);
    HttpFront front = new HttpFront(server, connector);
    try {
      server.start();
      return front;
    } catch (Exception e) {
      front.close();
      throw new IllegalStateException(
          "cannot listen on " + host + ", port " + port + ": is it taken?", e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Lets requests end that are at it, for five seconds, and stops. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("Jetty does not stop", e);
    }
  }

  /**
   * What Jetty itself refuses, in the form of all other problems, without a word of the request.
   */
  private static final class Problems extends ErrorHandler {
    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int code,
        String message,
        @Nullable Throwable cause,
        Callback callback) {
      HttpAnswer answer = problem(code);
      answer.headers().forEach(response.getHeaders()::put);
      response.write(
          true, ByteBuffer.wrap(answer.body().getBytes(StandardCharsets.US_ASCII)), callback);
    }

    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    private static HttpAnswer problem(int status) {
      return Answers.problem(
          status,
          status >= 500
              ? "The service cannot answer."
              : "This is not an HTTP request as it must be.");
    }
  }
}
