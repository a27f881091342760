package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.ChainVerification;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.ErasureList;
import io.tenantkit.vault.KeySettings;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup from before an erasure, restored: nothing that was erased is readable again. */
final class RestoredBackupTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final TenantContext ACMES = TenantContext.trusted(ACME, "host");
  private static final TenantContext GLOBEXS = TenantContext.trusted(GLOBEX, "host");
  private static final Operator OPERATOR = Operator.trusted("ops", "the contract ended");

  @TempDir private Path folder;

  @Test
  void ofAnH2File() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path file = data.resolve("vault");
    Path copy = folder.resolve("backup.mv.db");
    try (JdbcStorage storage = JdbcStorage.h2(file).open()) {
      fill(storage);
    }
    Path database = data.resolve("vault.mv.db");
    Files.copy(database, copy);
    try (JdbcStorage storage = JdbcStorage.h2(file).open()) {
      erase(storage);
      assertErased(storage, settings());
    }

    Files.copy(copy, database, StandardCopyOption.REPLACE_EXISTING);
    try (JdbcStorage storage = JdbcStorage.h2(file).open()) {
      assertRevived(storage);
      assertErased(storage, settings());
      // It stays so, whether or not the list is given the next time.
      assertErased(storage, KeySettings.defaults());
    }
  }

  /** The server's folder, copied while it was stopped, and put back for the one that went on. */
  @Test
  void ofAPostgresqlDataDirectory() throws Exception {
    Path data = Files.createDirectory(folder.resolve("cluster"));
    Path copy = folder.resolve("copy");
    try (EmbeddedPostgres server = server(data)) {
      try (Connection dba = server.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(DatabaseRoles.defaults().script());
      }
      try (HikariDataSource owner = pool(server, DatabaseRoles.defaults().owner())) {
        SchemaMigrator.postgresql(owner).migrate();
      }
      on(server, RestoredBackupTest::fill);
    }
    copy(data, copy);
    try (EmbeddedPostgres server = server(data)) {
      on(
          server,
          storage -> {
            erase(storage);
            assertErased(storage, settings());
          });
    }

    try (EmbeddedPostgres server = server(copy)) {
      on(
          server,
          storage -> {
            assertRevived(storage);
            keepKeys(server);
            assertErased(storage, settings());
            assertErased(storage, KeySettings.defaults());
            // Only the keys came back: what the database says was erased is enough.
            bringKeysBack(server);
            try (ControlPlane plane = plane(storage)) {
              VaultKeys keys = VaultKeys.of(SecretVault.of(plane));
              assertThat(keys.doctor(ACMES).problems().toString()).contains("keys.erasure-revived");
              assertThat(keys.doctor(OPERATOR).problems().toString())
                  .contains("keys.erasure-revived");
              assertThat(keys.applyErasures(OPERATOR)).isEqualTo(1);
            }
            assertErased(storage, KeySettings.defaults());
          });
    }
  }

  private static EmbeddedPostgres server(Path data) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPGStartupWait(Cluster.STARTUP)
        .start();
  }

  private static HikariDataSource pool(EmbeddedPostgres server, String role) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl("jdbc:postgresql://localhost:" + server.getPort() + "/postgres");
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(2);
    return pool;
  }

  private static void on(EmbeddedPostgres server, Consumer<JdbcStorage> work) {
    DatabaseRoles roles = DatabaseRoles.defaults();
    try (HikariDataSource app = pool(server, roles.application());
        HikariDataSource admin = pool(server, roles.admin());
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      work.accept(storage);
    }
  }

  private static void keepKeys(EmbeddedPostgres server) {
    asDba(server, "CREATE TABLE kept AS TABLE tenantkit.organization_keys");
  }

  private static void bringKeysBack(EmbeddedPostgres server) {
    asDba(
        server,
        """
        UPDATE tenantkit.organization_keys k SET master_key_id = b.master_key_id, wrapped = b.wrapped
          FROM kept b
         WHERE b.organization_id = k.organization_id AND b.key_id = k.key_id""");
  }

  private static void asDba(EmbeddedPostgres server, String sql) {
    try (Connection dba = server.getPostgresDatabase().getConnection();
        Statement statement = dba.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    // It was told to stop and given a few seconds, which on a busy machine may not be enough.
    Bounded.await("the server stops", () -> !Files.exists(from.resolve("postmaster.pid")));
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(
            each, to.resolve(from.relativize(each).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Test
  void aRecordOfAnotherInstallationDestroysNothing() throws Exception {
    try (JdbcStorage other = JdbcStorage.h2(folder.resolve("other")).open()) {
      fill(other, OtherKeys.other());
      try (ControlPlane plane =
          ControlPlane.builder(other, OtherKeys.other()).manualMaintenance().build()) {
        VaultKeys.of(SecretVault.of(plane), settings()).eraseOrganization(OPERATOR, ACME);
      }
    }
    try (JdbcStorage storage = JdbcStorage.h2(folder.resolve("ours")).open()) {
      fill(storage);
      try (ControlPlane plane = plane(storage)) {
        SecretVault vault = SecretVault.of(plane);
        VaultKeys keys = VaultKeys.of(vault, settings());
        assertThat(reveal(vault, ACMES, "one")).isEqualTo("acme's");
        assertThat(keys.applyErasures(OPERATOR)).isZero();
        assertThat(reveal(vault, ACMES, "one")).isEqualTo("acme's");
      }
    }
  }

  private KeySettings settings() {
    return KeySettings.defaults().withErasureList(ErasureList.file(folder.resolve("erasures.txt")));
  }

  private static ControlPlane plane(JdbcStorage storage) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
  }

  private static void fill(JdbcStorage storage) {
    fill(storage, VerifyingNode.masterKeys());
  }

  private static void fill(JdbcStorage storage, io.tenantkit.secret.MasterKeys masterKeys) {
    try (ControlPlane plane =
        ControlPlane.builder(storage, masterKeys).manualMaintenance().build()) {
      plane.organizations().create(OPERATOR, ACME, "Acme");
      plane.organizations().create(OPERATOR, GLOBEX, "Globex");
      SecretVault vault = SecretVault.of(plane);
      put(vault, ACMES, "one", "acme's");
      put(vault, GLOBEXS, "one", "globex's one");
      put(vault, GLOBEXS, "two", "globex's two");
    }
  }

  private static void put(SecretVault vault, TenantContext context, String name, String text) {
    try (SecretValue value = SecretValue.of(text)) {
      vault.put(context, ref(name), value);
    }
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private void erase(JdbcStorage storage) {
    try (ControlPlane plane = plane(storage)) {
      VaultKeys keys = VaultKeys.of(SecretVault.of(plane), settings());
      keys.eraseOrganization(OPERATOR, ACME);
      keys.eraseSecret(GLOBEXS, ref("one"), "it was asked for");
    }
  }

  /** Without the list the backup has all again, which is what the list is for. */
  private static void assertRevived(JdbcStorage storage) {
    try (ControlPlane plane = plane(storage)) {
      SecretVault vault = SecretVault.of(plane);
      assertThat(reveal(vault, ACMES, "one")).isEqualTo("acme's");
      assertThat(reveal(vault, GLOBEXS, "one")).isEqualTo("globex's one");
    }
  }

  private static void assertErased(JdbcStorage storage, KeySettings settings) {
    try (ControlPlane plane = plane(storage)) {
      SecretVault vault = SecretVault.of(plane);
      VaultKeys keys = VaultKeys.of(vault, settings);
      assertThatThrownBy(() -> vault.reveal(ACMES, ref("one")))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ORGANIZATION_ERASED));
      assertThatThrownBy(() -> vault.reveal(GLOBEXS, ref("one")))
          .isInstanceOf(NotFoundException.class);
      assertThat(reveal(vault, GLOBEXS, "two")).isEqualTo("globex's two");
      assertThat(keys.doctor(OPERATOR).erasures())
          .hasSize(2)
          .allSatisfy(each -> assertThat(each.isGenuine()).isTrue());
      assertThat(plane.audit().verify(ACMES)).isInstanceOf(ChainVerification.Intact.class);
    }
  }

  private static String reveal(SecretVault vault, TenantContext context, String name) {
    try (SecretFields fields = vault.reveal(context, ref(name))) {
      return fields.value().string(SecretAccess.get());
    }
  }

  /** Master keys of another installation. */
  private static final class OtherKeys {
    private static io.tenantkit.secret.MasterKeys other() {
      byte[] bytes = new byte[32];
      java.util.Arrays.fill(bytes, (byte) 3);
      bytes[0] = 5;
      return io.tenantkit.secret.MasterKeys.of(io.tenantkit.secret.MasterKey.of(bytes));
    }
  }
}
