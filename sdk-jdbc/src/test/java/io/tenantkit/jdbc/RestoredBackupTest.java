package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.ChainVerification;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  @Test
  void ofPostgresqlTables() throws Exception {
    Cluster.Database database = Cluster.migrated();
    try (HikariDataSource app = database.app(2);
        HikariDataSource admin = database.admin(2);
        JdbcStorage storage = JdbcStorage.postgresql(app).admin(admin).open()) {
      fill(storage);
      database.asDba(
          """
          CREATE SCHEMA backup;
          CREATE TABLE backup.organization_keys AS TABLE tenantkit.organization_keys;
          CREATE TABLE backup.secrets AS TABLE tenantkit.secrets;
          CREATE TABLE backup.secret_versions AS TABLE tenantkit.secret_versions;
          CREATE TABLE backup.secret_fields AS TABLE tenantkit.secret_fields""");
      erase(storage);
      assertErased(storage, settings());

      database.asDba(
          """
          DELETE FROM tenantkit.erasures;
          DELETE FROM tenantkit.erasure_keys;
          DELETE FROM tenantkit.secrets;
          DELETE FROM tenantkit.organization_keys;
          INSERT INTO tenantkit.organization_keys TABLE backup.organization_keys;
          INSERT INTO tenantkit.secrets TABLE backup.secrets;
          INSERT INTO tenantkit.secret_versions TABLE backup.secret_versions;
          INSERT INTO tenantkit.secret_fields TABLE backup.secret_fields""");
      assertRevived(storage);
      assertErased(storage, settings());
      assertErased(storage, KeySettings.defaults());

      // Only the keys came back: what the database says was erased is enough.
      database.asDba(
          """
          UPDATE tenantkit.organization_keys k SET master_key_id = b.master_key_id, wrapped = b.wrapped
            FROM backup.organization_keys b
           WHERE b.organization_id = k.organization_id AND b.key_id = k.key_id""");
      try (ControlPlane plane = plane(storage)) {
        VaultKeys keys = VaultKeys.of(SecretVault.of(plane));
        assertThat(keys.doctor(ACMES).problems().toString()).contains("keys.erasure-revived");
        assertThat(keys.doctor(OPERATOR).problems().toString()).contains("keys.erasure-revived");
        assertThat(keys.applyErasures(OPERATOR)).isEqualTo(1);
      }
      assertErased(storage, KeySettings.defaults());
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
