package io.tenantkit.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a driver and PostgreSQL. When armed, it lets the next COMMIT through to the server
 * and cuts the driver off before the answer comes back, or cuts off with the COMMIT unsent.
 */
final class CutOffRelay implements AutoCloseable {
  /** What becomes of the next COMMIT. */
  enum Cut {
    NONE,
    BEFORE_COMMIT,
    AFTER_COMMIT
  }

  private static final byte[] COMMIT = "COMMIT".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listening;
  private final int target;
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile Cut next = Cut.NONE;

  CutOffRelay(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** How many connections were cut. */
  int cuts() {
    return cuts.get();
  }

  /** The next COMMIT fares like this, and only that one. */
  void arm(Cut cut) {
    next = cut;
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (!listening.isClosed()) {
        Socket driver = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        daemon(() -> forward(driver, server));
        daemon(() -> back(server, driver));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void forward(Socket driver, Socket server) {
    byte[] buffer = new byte[65_536];
    try (driver;
        server) {
      InputStream in = driver.getInputStream();
      OutputStream out = server.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        Cut cut = holdsCommit(buffer, read) ? taken() : Cut.NONE;
        if (cut == Cut.BEFORE_COMMIT) {
          return;
        }
        if (cut == Cut.AFTER_COMMIT) {
          // The driver hears nothing any more, while the server is given all of it.
          driver.close();
          out.write(buffer, 0, read);
          out.flush();
          // Waits for the server's answer, so that it is not disturbed by an early end.
          if (server.getInputStream().read() < 0) {
            return;
          }
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException ended) {
      return;
    }
  }

  private synchronized Cut taken() {
    Cut cut = next;
    next = Cut.NONE;
    if (cut != Cut.NONE) {
      cuts.incrementAndGet();
    }
    return cut;
  }

  private static void back(Socket server, Socket driver) {
    byte[] buffer = new byte[65_536];
    try (driver;
        server) {
      InputStream in = server.getInputStream();
      OutputStream out = driver.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException ended) {
      return;
    }
  }

  private static boolean holdsCommit(byte[] bytes, int length) {
    for (int i = 0; i + COMMIT.length <= length; i++) {
      int at = 0;
      while (at < COMMIT.length && bytes[i + at] == COMMIT[at]) {
        at++;
      }
      if (at == COMMIT.length) {
        return true;
      }
    }
    return false;
  }
}
