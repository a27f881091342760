package io.tenantkit.oidc;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An HTTP server on loopback that behaves as badly as a test wants. */
final class TestServer implements Closeable {
  /** What is written after a request was read. */
  interface Behaviour {
    void answer(String path, OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour = status("404 Not Found");

  TestServer() {
    try {
      socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  /** What was asked for, in order. */
  List<String> paths() {
    return paths;
  }

  void behave(Behaviour wanted) {
    behaviour = wanted;
  }

  void serve(String body) {
    behave((path, out) -> write(out, "200 OK", "", body));
  }

  static Behaviour status(String status) {
    return (path, out) -> write(out, status, "", "{\"keys\":[]}");
  }

  static Behaviour redirect(String target) {
    return (path, out) -> write(out, "302 Found", "Location: " + target + "\r\n", "");
  }

  /** The head, and then a byte now and then for as long as the test runs. */
  Behaviour drip() {
    return (path, out) -> {
      out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"));
      while (!closed.await(10, TimeUnit.MILLISECONDS)) {
        out.write(' ');
        out.flush();
      }
    };
  }

  /** Nothing at all for as long as the test runs. */
  Behaviour silence() {
    return (path, out) -> closed.await();
  }

  /** Blanks without end and without a length. */
  static Behaviour flood() {
    return (path, out) -> {
      out.write(ascii("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
      byte[] blanks = " ".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 160; i++) {
        out.write(blanks);
      }
    };
  }

  private static void write(OutputStream out, String status, String headers, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    out.write(
        ascii(
            "HTTP/1.1 "
                + status
                + "\r\nConnection: close\r\n"
                + headers
                + "Content-Length: "
                + bytes.length
                + "\r\n\r\n"));
    out.write(bytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        threads.execute(() -> answer(connection));
      }
    } catch (IOException e) {
      // Closed.
      return;
    }
  }

  private void answer(Socket connection) {
    try (connection) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
      String request = in.readLine();
      for (String line = request; line != null && !line.isEmpty(); line = in.readLine()) {
        // The headers do not matter.
      }
      if (request != null) {
        String path = request.split(" ", -1)[1];
        paths.add(path);
        OutputStream out = connection.getOutputStream();
        behaviour.answer(path, out);
        out.flush();
      }
    } catch (IOException e) {
      // The client hung up, as some tests want.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    socket.close();
    threads.shutdownNow();
  }
}
