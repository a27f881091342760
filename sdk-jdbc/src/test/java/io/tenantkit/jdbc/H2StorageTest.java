package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded file: durable against a killed process, one process at a time, typed refusals. */
final class H2StorageTest {
  private static final int ROUNDS = 4;

  @TempDir private Path folder;

  @Test
  void everyAcknowledgedRowSurvivesAKilledProcess() throws Exception {
    int acknowledged = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Outcome outcome = lostAfterKill("safe", round, false);
      acknowledged += outcome.acknowledged();
      assertThat(outcome.lost()).isEmpty();
    }
    assertThat(acknowledged).isPositive();
  }

  /** The same with the write delay put back: the test above can fail. */
  @Test
  void withTheWriteDelayPutBackRowsAreLost() throws Exception {
    int lost = 0;
    for (int round = 0; round < ROUNDS; round++) {
      lost += lostAfterKill("delayed-" + round, round, true).lost().size();
    }
    assertThat(lost).isPositive();
  }

  private record Outcome(int acknowledged, List<String> lost) {}

  private Outcome lostAfterKill(String name, int round, boolean delayed) throws Exception {
    Path file = folder.resolve(name);
    Process child =
        WriterProcess.start(
            Writer.class, file.toString(), "r" + round + "-", String.valueOf(delayed));
    List<String> acknowledged = WriterProcess.killedAfter(40 + 13 * round, child);
    assertThat(acknowledged).hasSizeGreaterThan(30);
    try (JdbcStorage storage = JdbcStorage.h2(file).open()) {
      CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
      Operator operator = Operator.trusted("ops", "look");
      List<String> lost =
          acknowledged.stream()
              .filter(id -> stores.organizations().find(operator, OrganizationId.of(id)).isEmpty())
              .toList();
      for (Organization row : stores.organizations().list(operator, null, 10_000)) {
        TenantContext context = TenantContext.trusted(row.id(), "look");
        assertThat(stores.audit().list(context, null, 10))
            .as("neither without the other")
            .hasSize(1);
        assertThat(stores.audit().head(context).orElseThrow().seq()).isOne();
      }
      return new Outcome(acknowledged.size(), lost);
    }
  }

  /** The process that is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws Exception {
      JdbcStorage storage = JdbcStorage.h2(Path.of(arguments[0])).open();
      if (Boolean.parseBoolean(arguments[2])) {
        try (Connection connection = storage.connection();
            Statement statement = connection.createStatement()) {
          statement.execute("SET WRITE_DELAY 500");
        }
      }
      WriterProcess.write(storage, arguments[1]);
    }
  }

  @Test
  void fileInUseByAnotherProcessIsRefused() throws Exception {
    Path file = folder.resolve("used");
    Process child = WriterProcess.start(Writer.class, file.toString(), "x-", "false");
    try (BufferedReader lines = WriterProcess.lines(child)) {
      assertThat(lines.readLine()).isNotNull();
      refused(ErrorCode.STORAGE_IN_USE, file);
    } finally {
      child.destroyForcibly();
      child.waitFor();
    }
    JdbcStorage.h2(file).open().close();
  }

  @Test
  void writeDelayIsReadBack() throws Exception {
    H2Database database = H2Database.open(folder.resolve("delay"));
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement()) {
      H2Database.requireDurable(database.pool());
      statement.execute("SET WRITE_DELAY 500");
      assertThatThrownBy(() -> H2Database.requireDurable(database.pool()))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DURABILITY_UNSAFE));
    } finally {
      database.close();
    }
  }

  @Test
  void fileThatIsNoDatabaseIsRefusedAndLeftAsItWas() throws Exception {
    Path file = folder.resolve("bad");
    Path real = folder.resolve("bad.mv.db");
    Files.writeString(real, "CANARY this is not a database\n".repeat(1000));

    refused(ErrorCode.STORAGE_FAILED, file);

    assertThat(Files.readString(real)).startsWith("CANARY");
  }

  @Test
  void pathThatWouldSmuggleSettingsIsRefused() {
    refused(ErrorCode.INVALID_INPUT, folder.resolve("x;WRITE_DELAY=500"));
  }

  @Test
  void newerSchemaIsReadWhenItSaysSoAndRefusedWhenNot() throws Exception {
    Path file = folder.resolve("newer");
    recordMigration(file, "(98, 'x', 1)");
    JdbcStorage.h2(file).open().close();

    recordMigration(file, "(99, 'x', 99)");
    refused(ErrorCode.SCHEMA_TOO_NEW, file);
  }

  @Test
  void schemaThatIsTooNewIsRefusedBeforeAnythingIsWritten() throws Exception {
    Path file = folder.resolve("too-new");
    try (JdbcStorage storage = JdbcStorage.h2(file).open();
        Connection connection = storage.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE tenantkit.schema_history SET checksum = NULL");
      connection.commit();
    }
    try (Connection raw = DriverManager.getConnection("jdbc:h2:" + file, "sa", "");
        Statement statement = raw.createStatement()) {
      statement.execute(
          "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (99, 'x', 99)");
    }

    refused(ErrorCode.SCHEMA_TOO_NEW, file);

    try (Connection raw = DriverManager.getConnection("jdbc:h2:" + file, "sa", "");
        Statement statement = raw.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT count(*) FROM tenantkit.schema_history WHERE checksum IS NULL")) {
      assertThat(found.next()).isTrue();
      assertThat(found.getInt(1)).isEqualTo(io.tenantkit.jdbc.migrate.Migration.H2.size() + 1);
    }
  }

  /** There is no owner role and no script for a DBA here. */
  @Test
  void schemaThatIsOutdatedIsToldInWordsOfThisDatabase() throws Exception {
    H2Database database = H2Database.open(folder.resolve("outdated"));
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM tenantkit.schema_history");
      connection.commit();
      assertThatThrownBy(() -> Schema.check(Dialect.H2, database.pool()))
          .hasMessageContaining("V001__control_plane.sql")
          .hasMessageNotContaining("role")
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_OUTDATED));
    } finally {
      database.close();
    }
  }

  private static void recordMigration(Path file, String migration) throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(file).open();
        Connection connection = storage.connection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES "
              + migration);
      connection.commit();
    }
  }

  @Test
  void closeIsIdempotentFreesTheFileAndEndsTheStores() {
    Path file = folder.resolve("sub/deeper/closed");
    JdbcStorage storage = JdbcStorage.h2(file).open();
    assertThat(storage.location()).contains(file.getParent());
    assertThat(storage.readiness()).extracting(issue -> issue.code()).containsExactly("storage.h2");
    storage.close();
    storage.close();
    assertThatThrownBy(() -> storage.stores(CoreStores.class).orElseThrow().masterKeys().list())
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    JdbcStorage.h2(file).open().close();
    assertThat(folder.resolve("sub/deeper/closed.trace.db")).doesNotExist();
  }

  /** A request that is given up on, or an executor that is shut down, interrupts its threads. */
  @Test
  void interruptedThreadsDoNotCloseTheDatabaseUnderTheOthers() throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("interrupted")).open()) {
      CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
      Samples samples = new Samples();
      OrganizationId id = OrganizationId.of("acme");
      TenantContext context = TenantContext.trusted(id, "test");
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              samples.organization(id, "Name"),
              samples.event(id, "created"));
      for (int round = 0; round < 10; round++) {
        Thread writing =
            new Thread(
                () -> {
                  try {
                    for (int i = 0; i < 10_000; i++) {
                      stores.audit().append(context, samples.event(id, "x"));
                    }
                  } catch (TenantkitException e) {
                    // Waiting for a connection is what may be interrupted.
                    return;
                  }
                });
        writing.start();
        while (writing.isAlive()) {
          writing.interrupt();
          Thread.onSpinWait();
        }
        stores.audit().append(context, samples.event(id, "after"));
      }
    }
  }

  @Test
  void databaseThatH2ClosedUnderUsIsOpenedAgainAndDurable() throws Exception {
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("reopened")).open()) {
      CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
      assertThat(stores.masterKeys().list()).isEmpty();
      try (Connection connection = storage.connection();
          Statement statement = connection.createStatement()) {
        statement.execute("SHUTDOWN IMMEDIATELY");
      }
      assertThat(stores.masterKeys().list()).isEmpty();
      try (Connection connection = storage.connection();
          Statement statement = connection.createStatement();
          ResultSet found =
              statement.executeQuery(
                  "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'")) {
        assertThat(found.next()).isTrue();
        assertThat(found.getInt(1)).isZero();
      }
    }
  }

  private static void refused(ErrorCode code, Path file) {
    assertThatThrownBy(() -> JdbcStorage.h2(file).open())
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
