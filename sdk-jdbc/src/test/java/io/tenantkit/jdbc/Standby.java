package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A hot standby of a running server: a copy of its folder, taken the way that PostgreSQL's manual
 * says, which then follows it by streaming replication.
 */
final class Standby implements AutoCloseable {
  private static final Set<String> NOT_COPIED =
      Set.of("postmaster.pid", "postmaster.opts", "standby.signal");

  private final String primary;
  private final Path folder;
  private final Path programs;
  private final int port;

  private Standby(String primary, Path folder, Path programs, int port) {
    this.primary = primary;
    this.folder = folder;
    this.programs = programs;
    this.port = port;
  }

  /**
   * Copies and starts it.
   *
   * @param primary the URL of a superuser of a server on this machine, which trusts it
   */
  static Standby of(String primary) throws IOException, SQLException {
    // Only for its owner, or the server refuses it.
    Path folder = Files.createTempDirectory("tenantkit-standby");
    try (Connection dba = DriverManager.getConnection(primary);
        Statement statement = dba.createStatement()) {
      Path original = Path.of(text(statement, "SHOW data_directory"));
      boolean old = dba.getMetaData().getDatabaseMajorVersion() < 15;
      statement.execute(
          old
              ? "SELECT pg_start_backup('copy', true, false)"
              : "SELECT pg_backup_start('copy', true)");
      copy(original, folder);
      String label =
          text(
              statement,
              old
                  ? "SELECT labelfile FROM pg_stop_backup(false, false)"
                  : "SELECT labelfile FROM pg_backup_stop(false)");
      Files.writeString(folder.resolve("backup_label"), label);
      Files.createFile(folder.resolve("standby.signal"));
      int port = freePort();
      Files.writeString(
          folder.resolve("postgresql.auto.conf"),
          """
          primary_conninfo = 'host=127.0.0.1 user=postgres port=%s'
          port = %d
          max_connections = %s
          fsync = off
          unix_socket_directories = ''
          """
              .formatted(
                  text(statement, "SHOW port"), port, text(statement, "SHOW max_connections")),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      Standby standby = new Standby(primary, folder, programs(original), port);
      standby.control("start", "-w", "-l", folder.resolve("log").toString());
      assertThat(standby.text("SELECT pg_is_in_recovery()")).isEqualTo("t");
      return standby;
    }
  }

  /** The running server tells where its program is by how it was started. */
  private static Path programs(Path data) throws IOException {
    String started = Files.readString(data.resolve("postmaster.opts"));
    return Path.of(started.substring(0, started.indexOf(' '))).getParent();
  }

  /** What vanishes meanwhile, the log of changes brings back. */
  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
              throws IOException {
            if (!each.equals(from)) {
              Files.createDirectory(to.resolve(from.relativize(each)));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes)
              throws IOException {
            boolean isLog = each.getParent().getFileName().toString().equals("pg_wal");
            if (!isLog && !NOT_COPIED.contains(each.getFileName().toString())) {
              try {
                Files.copy(each, to.resolve(from.relativize(each)));
              } catch (NoSuchFileException e) {
                return FileVisitResult.CONTINUE;
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path each, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void control(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // It refuses to run as root; this is how the embedded server is started as well.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(programs.resolve("pg_ctl").toString(), "-D", folder.toString()));
    command.addAll(List.of(words));
    Path output = Files.createTempFile(folder, "pg_ctl", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    assertThat(process.exitValue())
        .as("%s: %s%s", command, Files.readString(output), log())
        .isZero();
  }

  private String log() throws IOException {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
  }

  int port() {
    return port;
  }

  /** What a superuser reads there. */
  String text(String sql) {
    return text("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres", sql);
  }

  private static String text(String url, String sql) {
    try (Connection dba = DriverManager.getConnection(url);
        Statement statement = dba.createStatement()) {
      return text(statement, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static String text(Statement statement, String sql) throws SQLException {
    try (ResultSet found = statement.executeQuery(sql)) {
      found.next();
      return found.getString(1);
    }
  }

  /** Until all that was committed on the primary is seen here. */
  void follow() {
    String written = text(primary, "SELECT pg_current_wal_flush_lsn()");
    Bounded.await(
        "the standby follows to " + written,
        () ->
            text("SELECT pg_last_wal_replay_lsn() >= CAST('" + written + "' AS pg_lsn)")
                .equals("t"));
  }

  /** From now on it is a primary of its own. */
  void promote() {
    assertThat(text("SELECT pg_promote(true, 60)")).isEqualTo("t");
  }

  void stop() throws IOException {
    control("stop", "-w", "-m", "immediate");
  }

  void start() throws IOException {
    control("start", "-w", "-l", folder.resolve("log").toString());
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(folder.resolve("postmaster.pid"))) {
      stop();
    }
    try (var files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(Standby::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
