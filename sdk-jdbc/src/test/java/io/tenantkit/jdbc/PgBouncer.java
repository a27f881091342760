package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** A PgBouncer in transaction mode before one database of the cluster, as Debian packages it. */
final class PgBouncer implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Cluster.Database database;

  private PgBouncer(Process process, int port, Cluster.Database database) {
    this.process = process;
    this.port = port;
    this.database = database;
  }

  /**
   * Starts it.
   *
   * @param serverConnections how many it holds to the database for each role
   */
  static PgBouncer before(Cluster.Database database, int serverConnections) {
    Path program =
        Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> AbsentTool.skipOrFail("apt-get install pgbouncer"));
    for (int attempt = 1; ; attempt++) {
      try {
        return start(program, freePort(), database, serverConnections);
      } catch (IllegalStateException e) {
        // Another process may have taken the port since it was free.
        if (attempt == 3) {
          throw e;
        }
      }
    }
  }

  private static PgBouncer start(
      Path program, int port, Cluster.Database database, int serverConnections) {
    try {
      Path folder = Files.createTempDirectory("tenantkit-pgbouncer");
      boolean root = "root".equals(System.getProperty("user.name"));
      if (root) {
        // It refuses to run as root, and reads its files as whom it becomes.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Path users = folder.resolve("users");
      Files.write(
          users,
          Stream.of(database.roles().application(), database.roles().admin())
              .map(role -> '"' + role.replace("\"", "\"\"") + "\" \"unused\"")
              .toList(),
          StandardCharsets.UTF_8);
      Path settings = folder.resolve("pgbouncer.ini");
      Files.write(
          settings,
          List.of(
              "[databases]",
              database.name() + " = host=127.0.0.1 port=" + Cluster.port(),
              "[pgbouncer]",
              "listen_addr = 127.0.0.1",
              "listen_port = " + port,
              "unix_socket_dir =",
              "auth_type = trust",
              "auth_file = " + users,
              "pool_mode = transaction",
              "default_pool_size = " + serverConnections,
              "ignore_startup_parameters = extra_float_digits",
              root ? "user = nobody" : ""),
          StandardCharsets.UTF_8);
      Process process =
          new ProcessBuilder(program.toString(), settings.toString())
              .redirectErrorStream(true)
              .start();
      return started(new PgBouncer(process, port, database));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PgBouncer started(PgBouncer bouncer) throws IOException {
    BufferedReader log = bouncer.process.inputReader(StandardCharsets.UTF_8);
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      seen.append(line).append('\n');
      if (line.contains("process up")) {
        drain(log);
        return bouncer;
      }
    }
    throw new IllegalStateException(seen.toString());
  }

  /** A process whose output nobody reads stops at some point. */
  private static void drain(BufferedReader log) {
    Thread draining =
        new Thread(
            () -> {
              try {
                log.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                return;
              }
            });
    draining.setDaemon(true);
    draining.start();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As README.md says: no prepared statements that outlive their transaction. */
  HikariDataSource pool(String role, int size) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:" + port + '/' + database.name() + "?prepareThreshold=0");
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(size);
    pool.setConnectionTimeout(20_000);
    return pool;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
