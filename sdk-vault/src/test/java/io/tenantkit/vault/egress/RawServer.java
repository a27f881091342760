package io.tenantkit.vault.egress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server on loopback that answers with any bytes whatever and keeps what it was sent, for
 * tests of the guarded client and of what is built on it.
 */
public final class RawServer implements AutoCloseable {
  /** Answers one request; what it writes goes to the client as it is. */
  @FunctionalInterface
  public interface Answer {
    /** Writes the answer. */
    void write(Request request, OutputStream out) throws Exception;
  }

  /** What came: the first line, headers by name in lower case, and the body. */
  public record Request(String line, Map<String, String> headers, byte[] body) {
    /** The body as UTF-8. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** A header that must be there. */
    public String header(String name) {
      return Optional.ofNullable(headers.get(name)).orElseThrow();
    }
  }

  private final ServerSocket socket;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Answer answer;

  private RawServer(ServerSocket socket, Answer answer) {
    this.socket = socket;
    this.answer = answer;
    start("server", this::accept);
  }

  /** On a free port. */
  public static RawServer answering(Answer answer) {
    try {
      return new RawServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On this socket, for example one that speaks TLS. */
  static RawServer on(ServerSocket socket, Answer answer) {
    return new RawServer(socket, answer);
  }

  /** An answer with this status, these header lines and this body. */
  public static Answer status(int status, String body, String... headerLines) {
    return (request, out) -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
      for (String line : headerLines) {
        head.append(line).append("\r\n");
      }
      head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
      out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(bytes);
    };
  }

  /** Answers so from now on. */
  public void answer(Answer next) {
    answer = next;
  }

  /** The port. */
  public int port() {
    return socket.getLocalPort();
  }

  /** A URL on this server by plain HTTP. */
  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** All requests so far, in the order in which they came. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How often somebody connected. */
  public int connections() {
    return connections.get();
  }

  /** Waits up to this long, and says whether the server is being closed. */
  public boolean pause(long millis) throws InterruptedException {
    return closing.await(millis, TimeUnit.MILLISECONDS);
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        connections.incrementAndGet();
        open.add(client);
        start("connection", () -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      Request request = read(client.getInputStream());
      if (request != null) {
        requests.add(request);
        answer.write(request, client.getOutputStream());
        client.getOutputStream().flush();
      }
    } catch (Exception e) {
      // The client hung up, which many tests want it to do.
      open.remove(client);
    }
  }

  private static Request read(InputStream in) throws IOException {
    String line = line(in);
    if (line.isEmpty()) {
      return null;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String each = line(in); !each.isEmpty(); each = line(in)) {
      int colon = each.indexOf(':');
      headers.merge(
          each.substring(0, colon).toLowerCase(Locale.ROOT),
          each.substring(colon + 1).strip(),
          (one, two) -> one + ", " + two);
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(line, headers, in.readNBytes(length));
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, "raw-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      socket.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
