package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.StorageException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sightings;
import io.tenantkit.vault.egress.RawServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No value of a secret is in what a database leaves behind, whatever was done with it: files with
 * their write-ahead logs, a script of all rows, the server's log with every statement, parameter
 * and error; nor in what the process logs, reports, exports and backs up.
 */
final class SecretDumpTest {
  private static final int WEBHOOK_PREFIX = "whsec_".length();

  /** What all values have in common, so that one search finds any of them. */
  private static final String CANARY = "Zq8CANARYvault7Lw2";

  private static final String END_OF_LOG = "all that is to be looked through is above";

  private final List<byte[]> searched = new ArrayList<>();
  private final ByteArrayOutputStream logs = new ByteArrayOutputStream();
  private int made;

  @TempDir private Path folder;

  private SecretValue canary() {
    return SecretValue.of("sk-proj-" + CANARY + "xNumber" + made++);
  }

  /** A webhook's secret: as text, and the bytes that the text stands for. */
  private void issued(SecretValue secret) {
    String text = secret.string(SecretAccess.get()).substring(WEBHOOK_PREFIX);
    searched.add(text.getBytes(StandardCharsets.US_ASCII));
    searched.add(Base64.getDecoder().decode(text));
  }

  /** The day, with all that the process logs meanwhile. */
  private List<byte[]> live(JdbcStorage storage, SqlBeside beside) throws Exception {
    searched.add(CANARY.getBytes(StandardCharsets.US_ASCII));
    PrintStream out = System.out;
    PrintStream err = System.err;
    PrintStream captured = new PrintStream(logs, true, StandardCharsets.UTF_8);
    Logger root = Logger.getLogger("");
    Level level = root.getLevel();
    Handler handler = new StreamHandler(logs, new SimpleFormatter());
    handler.setLevel(Level.ALL);
    DayOfSecrets day = new DayOfSecrets(this::canary, this::issued);
    try (RawServer server = RawServer.answering(DayOfSecrets.server())) {
      System.setOut(captured);
      System.setErr(captured);
      root.addHandler(handler);
      // The driver's too, which tells every message that it sends.
      root.setLevel(Level.ALL);
      day.live(storage, server.port());
      refused(day, storage, beside);
      handler.flush();
      assertThat(server.requests().toString()).as("it was there").contains(CANARY);
      assertThat(server.requests()).anyMatch(each -> each.line().startsWith("POST /hook"));
    } finally {
      System.setOut(out);
      System.setErr(err);
      root.removeHandler(handler);
      root.setLevel(level);
    }
    return day.outputs();
  }

  /** What the host or its administrator runs beside the library. */
  private interface SqlBeside {
    void run(String sql) throws SQLException;
  }

  /** A put that the database refuses in the middle, with all of its parameters. */
  private void refused(DayOfSecrets day, JdbcStorage storage, SqlBeside beside)
      throws SQLException {
    beside.run(
        "ALTER TABLE tenantkit.secret_fields ADD CONSTRAINT refused CHECK (field_name <> 'value')"
            + (storage.location().isPresent() ? " NOCHECK" : " NOT VALID"));
    try (ControlPlane plane = day.plane(storage);
        SecretValue value = canary()) {
      Throwable thrown =
          catchThrowable(
              () -> SecretVault.of(plane).put(DayOfSecrets.ACMES, DayOfSecrets.ONE, value));
      assertThat(thrown).isInstanceOf(StorageException.class);
      assertThat(Sightings.in(thrown + " " + thrown.getCause(), bytes())).isEmpty();
    }
    beside.run("ALTER TABLE tenantkit.secret_fields DROP CONSTRAINT refused");
  }

  private static byte[] bytes() {
    return CANARY.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void anH2FileItsScriptAndWhatTheProcessSaysHoldNone() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path script = folder.resolve("script.sql");
    OwnedDatabase database = OwnedDatabase.h2(data.resolve("control"));
    List<byte[]> outputs;
    try (JdbcStorage storage = database.open()) {
      outputs =
          live(
              storage,
              sql -> {
                try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                  statement.execute(sql);
                }
              });
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SCRIPT TO '" + script + "'");
      }
      assertNone("the open file", data);
    }

    assertNone("the closed file", data);
    assertThat(holds(data, "secret.revealed")).as("the search finds what is there").isTrue();
    assertThat(Files.readString(script)).contains("secret.revealed", "INSERT INTO");
    assertNone("the script", script);
    assertNone("rows", String.join("\n", database.dump()).getBytes(StandardCharsets.UTF_8));
    assertNoneLeft(outputs);

    // And what is there is found: in a row, and in the file that the row is in.
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String planted : planted(CANARY)) {
        statement.execute("CREATE TABLE planted AS SELECT '" + planted + "' AS text");
        statement.execute("CHECKPOINT SYNC");
        assertThat(sightings(data)).as(planted).isNotEmpty();
        statement.execute("SCRIPT TO '" + script + "'");
        assertThat(sightings(script)).as(planted).isNotEmpty();
        statement.execute("DROP TABLE planted");
      }
    }
  }

  @Test
  void aPostgresqlClusterItsLogAndWhatTheProcessSaysHoldNone() throws Exception {
    Path data = Files.createDirectory(folder.resolve("cluster"));
    // A server of its own: the other tests' has gigabytes to look through.
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setServerConfig("logging_collector", "on")
            .setPGStartupWait(Cluster.STARTUP)
            .start()) {
      holdsNone(Cluster.migrated(server.getPort()), data);
    }
  }

  private void holdsNone(Cluster.Database database, Path data) throws Exception {
    // All that a server can be told to log; it goes to a file of the data directory.
    for (String setting :
        List.of(
            "log_statement = 'all'",
            "log_parameter_max_length = -1",
            "log_parameter_max_length_on_error = -1",
            "log_min_error_statement = 'debug5'",
            "log_error_verbosity = 'verbose'",
            "log_min_duration_statement = 0")) {
      database.asDba("ALTER DATABASE " + database.name() + " SET " + setting);
    }
    List<byte[]> outputs;
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      outputs = live(storage, database::asDba);
    }
    database.asDba("CHECKPOINT; SELECT '" + END_OF_LOG + "'");
    try (OwnedDatabase owned = OwnedDatabase.postgresql(database)) {
      assertNone("rows", String.join("\n", owned.dump()).getBytes(StandardCharsets.UTF_8));
    }

    assertThat(holds(data, "secret.revealed")).as("the search finds what is there").isTrue();
    // The last that was logged: what comes from a process of its own comes in order, but later.
    Bounded.await("the server has written its log", () -> holds(data.resolve("log"), END_OF_LOG));
    assertThat(holds(data.resolve("log"), "secret.revealed")).as("in the log, too").isTrue();
    assertThat(holds(data.resolve("log"), "violates check constraint \"refused\"")).isTrue();
    assertNone("the data directory", data);
    assertNoneLeft(outputs);

    for (String planted : planted(CANARY)) {
      database.asDba("SELECT '" + planted + "'");
      Bounded.await("the server has written its log", () -> holds(data.resolve("log"), planted));
      // More than once, for the log of changes has a header within a text at the end of a page.
      database.asDba(
          "CREATE TABLE planted AS SELECT '"
              + planted
              + "' AS text FROM generate_series(1, 5); CHECKPOINT");
      assertThat(holds(data.resolve("base"), planted)).as("in the tables").isTrue();
      assertThat(holds(data.resolve("pg_wal"), planted)).as("in the write-ahead log").isTrue();
      database.asDba("DROP TABLE planted");
    }
  }

  /** The counter-proof's forms. */
  private static List<String> planted(String canary) {
    String value = "xy" + canary + "z";
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return List.of(
        value,
        HexFormat.of().formatHex(bytes),
        Base64.getEncoder().encodeToString(bytes),
        Base64.getUrlEncoder().encodeToString(bytes));
  }

  @Test
  void everyFormOfAPlantedValueIsSeen() {
    searched.add(bytes());
    for (String planted : planted(CANARY)) {
      assertThat(sightings(planted.getBytes(StandardCharsets.UTF_8))).as(planted).isNotEmpty();
    }
    assertThat(sightings(CANARY.getBytes(StandardCharsets.UTF_16LE))).isNotEmpty();
    assertThat(sightings(CANARY.getBytes(StandardCharsets.UTF_16BE))).isNotEmpty();
  }

  private void assertNoneLeft(List<byte[]> outputs) {
    assertThat(logs.toString(StandardCharsets.UTF_8)).as("the logs were captured").isNotEmpty();
    assertNone("the logs of the process", logs.toByteArray());
    assertThat(outputs).hasSizeGreaterThan(30);
    for (byte[] output : outputs) {
      assertNone("what left the library", output);
    }
    // A value per step was made, and two secrets of a webhook.
    assertThat(made).isGreaterThan(10);
    assertThat(searched).hasSize(5);
  }

  private void assertNone(String where, byte[] bytes) {
    assertThat(sightings(bytes)).as(where).isEmpty();
  }

  private void assertNone(String where, Path path) throws IOException {
    assertThat(sightings(path)).as(where).isEmpty();
  }

  private List<String> sightings(byte[] bytes) {
    return searched.stream().flatMap(each -> Sightings.in(bytes, each).stream()).toList();
  }

  /** In a file, or in all files of a folder. */
  private List<String> sightings(Path path) throws IOException {
    List<String> seen = new ArrayList<>();
    for (Path file : files(path)) {
      for (byte[] each : searched) {
        try (InputStream in = new BufferedInputStream(contents(file))) {
          new TreeMap<>(Sightings.count(in, each))
              .forEach((form, times) -> seen.add(file + ": " + form));
        }
      }
    }
    return seen;
  }

  private static boolean holds(Path path, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    for (Path file : files(path)) {
      try (InputStream in = contents(file)) {
        String latin = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        if (latin.contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
          return true;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return false;
  }

  /** Of a file that is gone, nothing. */
  private static InputStream contents(Path file) throws IOException {
    try {
      return Files.newInputStream(file);
    } catch (NoSuchFileException e) {
      return InputStream.nullInputStream();
    }
  }

  /** The server is running, so that a file may be gone before it is looked at. */
  private static List<Path> files(Path path) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                files.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(files).isNotEmpty();
    return files;
  }
}
