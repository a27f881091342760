package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A network between a pool and the database that can be made to fail. */
final class FaultRelay implements AutoCloseable {
  /** What goes wrong. */
  enum Fault {
    /** Nothing. */
    NONE,
    /** No connection is accepted, and the open ones are closed. */
    DOWN,
    /** Requests are swallowed. */
    BLACK_HOLE,
    /** The client's next such request is answered with a reset, and never reaches the database. */
    RESET,
    /** The next such request reaches the database, and its answer is lost with the connection. */
    CUT_ANSWER
  }

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong answerBytes = new AtomicLong(Long.MAX_VALUE);
  private volatile int database;
  private volatile Fault fault = Fault.NONE;
  private volatile String request = "";

  FaultRelay(int database) throws IOException {
    this.database = database;
    start(this::accept);
  }

  /** One connection of the application's role, through here. */
  HikariDataSource pool(Cluster.Database target, Duration connectionTimeout) {
    return pool(target.name(), target.roles().application(), connectionTimeout);
  }

  /** One connection of this role, through here. */
  HikariDataSource pool(String name, String role, Duration connectionTimeout) {
    HikariDataSource pool = new HikariDataSource();
    // Statements travel as text, so that the relay knows a commit when it sees one.
    pool.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:"
            + server.getLocalPort()
            + '/'
            + name
            + "?sslmode=disable&gssEncMode=disable&prepareThreshold=0");
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(1);
    pool.setConnectionTimeout(connectionTimeout.toMillis());
    pool.setValidationTimeout(500);
    return pool;
  }

  /** Leads to another server from now on; what is open to the former is closed. */
  void lead(int other) {
    database = other;
    sockets.forEach(FaultRelay::closeQuietly);
  }

  /** From now on; a reset and a cut happen once. */
  void fail(Fault wanted, String wantedRequest) {
    request = wantedRequest;
    fault = wanted;
    if (wanted == Fault.DOWN) {
      sockets.forEach(FaultRelay::closeQuietly);
    }
  }

  /** Every connection is cut once this many bytes of answers have come. */
  void cutAfter(long bytes) {
    answerBytes.set(bytes);
  }

  /** Works again; what was swallowed stays so, so connections that wait for it are closed. */
  void heal() {
    if (fault == Fault.BLACK_HOLE) {
      sockets.forEach(FaultRelay::closeQuietly);
    }
    fault = Fault.NONE;
    answerBytes.set(Long.MAX_VALUE);
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = server.accept();
      sockets.add(client);
      if (fault == Fault.DOWN) {
        sockets.remove(client);
        closeQuietly(client);
        continue;
      }
      try {
        Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), database));
        sockets.add(link.server);
        start(link::requests);
        start(link::answers);
      } catch (IOException e) {
        // This connection fails, and the next one is another attempt.
        sockets.remove(client);
        closeQuietly(client);
      }
    }
  }

  /** One connection. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean dropAnswer;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void requests() throws IOException {
      byte[] buffer = new byte[65_536];
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          Fault now = fault;
          boolean meant = new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(request);
          if (meant && now == Fault.BLACK_HOLE) {
            continue;
          }
          if (meant && (now == Fault.RESET || now == Fault.CUT_ANSWER)) {
            fault = Fault.NONE;
            dropAnswer = now == Fault.CUT_ANSWER;
          }
          if (meant && now == Fault.RESET) {
            client.setSoLinger(true, 0);
            return;
          }
          out.write(buffer, 0, n);
          out.flush();
        }
      } finally {
        close();
      }
    }

    void answers() throws IOException {
      byte[] buffer = new byte[65_536];
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int n = in.read(buffer); n >= 0 && !dropAnswer; n = in.read(buffer)) {
          long left = answerBytes.getAndAdd(-n);
          out.write(buffer, 0, (int) Math.max(0, Math.min(n, left)));
          out.flush();
          if (left <= n) {
            return;
          }
        }
      } finally {
        close();
      }
    }

    private void close() {
      closeQuietly(client);
      closeQuietly(server);
      sockets.remove(client);
      sockets.remove(server);
    }
  }

  /** Moves bytes until a socket closes. */
  private interface Pump {
    void run() throws IOException;
  }

  private static void start(Pump pump) {
    Thread thread =
        new Thread(
            () -> {
              try {
                pump.run();
              } catch (IOException e) {
                return;
              }
            },
            "fault-relay");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    sockets.forEach(FaultRelay::closeQuietly);
  }
}
