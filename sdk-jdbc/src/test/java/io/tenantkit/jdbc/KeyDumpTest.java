package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No byte of a raw key, beyond the sixteen that are shown, is in what a database leaves behind. */
final class KeyDumpTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final int SHOWN = 16;

  private final TenantContext acme = TenantContext.trusted(ACME, "test");

  /** The texts of keys after all that can be done with them; the shown part of each is left out. */
  private List<String> live(Storage storage) {
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    List<String> secrets = new ArrayList<>();
    try (ControlPlane plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(bytes)))
            .manualMaintenance()
            .build()) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      ApiKeyManager keys = plane.apiKeys();
      NewApiKey request = NewApiKey.live("x").idempotencyId("1");
      IssuedApiKey first = keys.create(acme, NewApiKey.live("x"));
      IssuedApiKey next =
          keys.rotate(acme, first.key().id(), Rotation.withGrace(Duration.ofHours(1)));
      IssuedApiKey unseen = keys.create(acme, request);
      IssuedApiKey reissued = keys.create(acme, request);
      for (IssuedApiKey each : List.of(first, next, unseen, reissued)) {
        String text = each.secret().string(SecretAccess.get());
        keys.verify(text, ScopeQuery.none());
        secrets.add(text.substring(SHOWN));
      }
      String foreign = "foreign-key-canary-8a7b6c5d4e3f2a1b";
      keys.importKey(acme, ImportedKey.live("x", Samples.hash(foreign).hex()).prefix("foreign-"));
      keys.verify(foreign, ScopeQuery.none());
      secrets.add(foreign.substring("foreign-".length()));
      keys.revoke(acme, next.key().id(), "over");
    }
    return secrets;
  }

  @Test
  void h2FileHoldsNone(@TempDir Path folder) {
    List<String> secrets;
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("control")).open()) {
      secrets = live(storage);
    }

    assertThat(holds(folder, "api_key.created")).as("the search finds what is there").isTrue();
    for (String secret : secrets) {
      assertThat(holds(folder, secret)).isFalse();
    }
  }

  @Test
  void postgresqlHoldsNoneInItsTablesNorInItsFilesAndLog() throws Exception {
    Cluster.Database database = Cluster.migrated();
    // All that a server can be told to log; it goes to a file of the data directory.
    database.asDba("ALTER DATABASE " + database.name() + " SET log_statement = 'all'");
    database.asDba("ALTER DATABASE " + database.name() + " SET log_parameter_max_length = -1");
    database.asDba("ALTER DATABASE " + database.name() + " SET log_min_duration_statement = 0");
    List<String> secrets;
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(1);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      secrets = live(storage);
    }
    String dump = dump(database);
    Path data = dataDirectory(database);
    database.asDba("CHECKPOINT");
    // Another process writes the log: what was said before this is there when this is.
    String last = "the last of " + database.name();
    database.asDba("SELECT '" + last + "'");
    Bounded.await("the log is written", () -> holds(data.resolve("log"), last));

    assertThat(dump).contains("api_key.created", "foreign-");
    assertThat(holds(data, "api_key.created")).as("the search finds what is there").isTrue();
    assertThat(holds(data.resolve("log"), "api_key.created")).as("in the log, too").isTrue();
    for (String secret : secrets) {
      assertThat(dump).doesNotContain(secret);
      assertThat(holds(data, secret)).isFalse();
    }
  }

  /** Every row of every table as text. */
  private static String dump(Cluster.Database database) throws SQLException {
    StringBuilder dump = new StringBuilder();
    try (Connection dba = database.dba()) {
      for (String table :
          texts(
              dba,
              "SELECT relname FROM pg_class WHERE relnamespace = 'tenantkit'::regnamespace AND relkind = 'r'")) {
        for (String row : texts(dba, "SELECT t::text FROM tenantkit." + table + " t")) {
          dump.append(row).append('\n');
        }
      }
    }
    return dump.toString();
  }

  private static Path dataDirectory(Cluster.Database database) throws SQLException {
    try (Connection dba = database.dba()) {
      return Path.of(texts(dba, "SHOW data_directory").get(0));
    }
  }

  private static List<String> texts(Connection connection, String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      while (results.next()) {
        texts.add(results.getString(1));
      }
    }
    return texts;
  }

  /** Whether a file of the folder, write-ahead logs included, has the text in any likely coding. */
  private static boolean holds(Path folder, String text) {
    List<byte[]> forms = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    forms.add(bytes);
    forms.add(text.getBytes(StandardCharsets.UTF_16LE));
    forms.add(HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII));
    // Of base64 what does not depend on where in a longer text it stands.
    for (int shift = 0; shift < 3; shift++) {
      String coded =
          Base64.getEncoder()
              .encodeToString((" ".repeat(shift) + text).getBytes(StandardCharsets.UTF_8));
      forms.add(coded.substring(4, coded.length() - 4).getBytes(StandardCharsets.US_ASCII));
    }
    for (Path file : files(folder)) {
      String latin = new String(contents(file), StandardCharsets.ISO_8859_1);
      for (byte[] form : forms) {
        if (latin.contains(new String(form, StandardCharsets.ISO_8859_1))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The server is running, so that a file may be gone before it is looked at. */
  private static List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    SimpleFileVisitor<Path> visitor =
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
        };
    try {
      Files.walkFileTree(folder, visitor);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(files).isNotEmpty();
    return files;
  }

  private static byte[] contents(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
