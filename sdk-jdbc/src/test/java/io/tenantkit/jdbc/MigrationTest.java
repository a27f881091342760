package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.Migration;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The schema's files by whichever tool, and the runner. */
final class MigrationTest {
  private static final List<String> FILES =
      Migration.POSTGRESQL.stream().map(Migration::file).toList();
  private static final Path RESOURCES = Path.of("src/main/resources/io/tenantkit/jdbc/postgresql");

  @Test
  void runnerAppliesOnceAndThenNothing() {
    Cluster.Database database = Cluster.empty();
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      assertThat(SchemaMigrator.postgresql(owner).migrate()).containsExactlyElementsOf(FILES);
      assertThat(SchemaMigrator.postgresql(owner).migrate()).isEmpty();
      owner.getHikariPoolMXBean().softEvictConnections();
    }
    opens(database);
  }

  @Test
  void severalNodesAtOnceApplyOnce() throws Exception {
    Cluster.Database database = Cluster.empty();
    int nodes = 4;
    ExecutorService threads = Executors.newFixedThreadPool(nodes);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<List<String>>> answers = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Callable<List<String>> node =
          () -> {
            try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
              start.await();
              return SchemaMigrator.postgresql(owner).migrate();
            }
          };
      answers.add(threads.submit(node));
    }
    start.countDown();
    List<String> applied = new ArrayList<>();
    for (Future<List<String>> answer : answers) {
      applied.addAll(answer.get());
    }
    threads.shutdown();

    assertThat(applied).containsExactlyInAnyOrderElementsOf(FILES);
    opens(database);
  }

  @Test
  void nodeThatWaitedSeesWhatTheOtherAppliedWhateverItsPoolsIsolation() throws Exception {
    Cluster.Database database = Cluster.empty();
    database.asDba(
        "ALTER DATABASE "
            + database.name()
            + " SET default_transaction_isolation = 'serializable'");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<List<String>>> answers = new ArrayList<>();
    try (Connection held = database.dba();
        Statement statement = held.createStatement();
        HikariDataSource owner = database.pool(database.roles().owner(), 2)) {
      statement.execute("SELECT pg_advisory_lock(x'74656e616e746b69'::bigint)");
      for (int i = 0; i < 2; i++) {
        answers.add(threads.submit(() -> SchemaMigrator.postgresql(owner).migrate()));
      }
      database.await(
          "both wait for the lock",
          "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      statement.execute("SELECT pg_advisory_unlock_all()");
      List<String> applied = new ArrayList<>();
      for (Future<List<String>> answer : answers) {
        applied.addAll(answer.get());
      }
      assertThat(applied).containsExactlyInAnyOrderElementsOf(FILES);
    } finally {
      threads.shutdown();
    }
  }

  /** The very files, by psql where it is installed and through the driver elsewhere. */
  @Test
  void filesRunAsTheyAreByPsqlAndTheRunnerAcceptsThem() throws Exception {
    Cluster.Database template = Cluster.empty();
    String name = template.name() + "_psql";
    DatabaseRoles roles = new DatabaseRoles("ps owner", "ps'app", "ps\"admin", "ps lookup");
    try (Connection dba = template.dba();
        Statement statement = dba.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    Cluster.Database database = new Cluster.Database(name, roles);
    for (int run = 0; run < 2; run++) {
      psql(
          database,
          "postgres",
          RESOURCES.resolve("roles.sql"),
          List.of(
              "-v",
              "owner=" + roles.owner(),
              "-v",
              "application=" + roles.application(),
              "-v",
              "admin=" + roles.admin(),
              "-v",
              "lookup=" + roles.lookup()),
          roles.script());
    }
    for (Migration migration : Migration.POSTGRESQL) {
      psql(
          database,
          roles.owner(),
          RESOURCES.resolve(migration.file()),
          List.of("-1"),
          migration.sql());
    }

    opens(database);
    try (HikariDataSource owner = database.pool(roles.owner(), 1)) {
      assertThat(SchemaMigrator.postgresql(owner).migrate()).isEmpty();
      assertThat(SchemaMigrator.postgresql(owner).migrate()).isEmpty();
    }
    opens(database);
  }

  private static void psql(
      Cluster.Database database, String role, Path file, List<String> options, String sql)
      throws Exception {
    Path psql = Path.of("/usr/bin/psql");
    if (!Files.isExecutable(psql)) {
      try (Connection connection = database.connect(role);
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
      return;
    }
    List<String> command =
        new ArrayList<>(List.of(psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1"));
    command.addAll(options);
    command.addAll(
        List.of(
            "-h",
            "localhost",
            "-p",
            String.valueOf(Cluster.port()),
            "-U",
            role,
            "-d",
            database.name(),
            "-f",
            file.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGPASSWORD", "unused");
    Process process = builder.start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  @Test
  void defaultNamesOfTheScriptAndOfJavaAreTheSame() throws IOException {
    String script = Files.readString(RESOURCES.resolve("roles.sql"));
    DatabaseRoles names = DatabaseRoles.defaults();
    assertThat(script)
        .contains("\\set owner " + names.owner() + "\n")
        .contains("\\set application " + names.application() + "\n")
        .contains("\\set admin " + names.admin() + "\n")
        .contains("\\set lookup " + names.lookup() + "\n");
  }

  @Test
  void filesHaveNoPlaceholdersNorTransactionsOfTheirOwn() {
    for (Migration migration : Migration.POSTGRESQL) {
      assertThat(migration.sql())
          .doesNotContain("${")
          .doesNotContainPattern("(?m)^(BEGIN;|COMMIT;|\\\\)");
    }
    assertThat(Migration.newest(Migration.POSTGRESQL))
        .isEqualTo(CrossTenantFunctions.SCHEMA_VERSION);
  }

  /** Denials and marks of credentials are something that an older node would pass over. */
  @Test
  void noNodeFromBeforeTokensWereDeniedReadsTheSchema() {
    for (List<Migration> migrations : List.of(Migration.POSTGRESQL, Migration.H2)) {
      for (Migration migration : migrations.subList(18, migrations.size())) {
        assertThat(migration.sql())
            .as(migration.file())
            .contains("'" + migration.file() + "', " + migration.version());
      }
    }
  }

  @Test
  void migrationsRefuseToRunAsAnotherRoleThanTheOwner() {
    Cluster.Database database = Cluster.empty();
    try (HikariDataSource superuser = database.pool("postgres", 1)) {
      assertThatThrownBy(() -> SchemaMigrator.postgresql(superuser).migrate())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED))
          .hasMessageContaining("V001__control_plane.sql");
    }
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      assertThat(SchemaMigrator.postgresql(owner).migrate()).hasSameSizeAs(FILES);
    }
  }

  @Test
  void schemaThatIsNotThereIsOutdatedAndTheFilesAreNamed() {
    Cluster.Database database = Cluster.empty();
    assertThatThrownBy(() -> opens(database))
        .hasMessageContaining("V001__control_plane.sql")
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_OUTDATED));
  }

  @Test
  void openMigratesWhenToldTo() {
    Cluster.Database database = Cluster.empty();
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1);
        HikariDataSource app = database.app(1)) {
      JdbcStorage.postgresql(app).migrate(owner).open().close();
    }
  }

  @Test
  void newerSchemaIsReadWhenItSaysSoAndRefusedWhenNot() {
    Cluster.Database database = Cluster.migrated();
    database.asDba(
        "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (97, 'V097__x.sql', 1)");
    opens(database);
    database.asDba(
        "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (98, 'V098__x.sql', 98)");
    assertThatThrownBy(() -> opens(database))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_TOO_NEW));
  }

  @Test
  void schemaThatIsTooNewIsRefusedBeforeAnythingIsWritten() throws Exception {
    Cluster.Database database = Cluster.migrated();
    database.asDba(
        "UPDATE tenantkit.schema_history SET checksum = NULL;"
            + " INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (99, 'V099__x.sql', 99)");
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      assertThatThrownBy(() -> SchemaMigrator.postgresql(owner).migrate())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_TOO_NEW));
    }
    try (Connection dba = database.dba();
        Statement statement = dba.createStatement()) {
      assertThat(count(statement, "checksum IS NULL")).isEqualTo(FILES.size() + 1);
      // Nor is a file compared that the newer library may have changed.
      statement.execute(
          "UPDATE tenantkit.schema_history SET checksum = repeat('0', 64) WHERE version = 1");
    }
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      assertThatThrownBy(() -> SchemaMigrator.postgresql(owner).migrate())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_TOO_NEW));
    }
  }

  private static int count(Statement statement, String condition) throws Exception {
    try (ResultSet found =
        statement.executeQuery(
            "SELECT count(*) FROM tenantkit.schema_history WHERE " + condition)) {
      found.next();
      return found.getInt(1);
    }
  }

  @Test
  void databaseThatIsDownIsUnavailableToTheMigrations() {
    try (HikariDataSource down = new HikariDataSource()) {
      down.setJdbcUrl("jdbc:postgresql://localhost:1/none");
      down.setUsername("x");
      down.setConnectionTimeout(300);
      down.setInitializationFailTimeout(-1);
      assertThatThrownBy(() -> SchemaMigrator.postgresql(down).migrate())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
    }
  }

  @Test
  void fileThatChangedSinceItWasAppliedIsRefused() {
    Cluster.Database database = Cluster.migrated();
    database.asDba("UPDATE tenantkit.schema_history SET checksum = repeat('0', 64)");
    try (HikariDataSource owner = database.pool(database.roles().owner(), 1)) {
      assertThatThrownBy(() -> SchemaMigrator.postgresql(owner).migrate())
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_CHANGED));
    }
  }

  private static void opens(Cluster.Database database) {
    try (HikariDataSource app = database.app(1);
        HikariDataSource admin = database.admin(1)) {
      JdbcStorage.postgresql(app).admin(admin).open().close();
    }
  }
}
