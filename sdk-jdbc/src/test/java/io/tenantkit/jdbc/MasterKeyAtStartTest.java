package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start without the master key, or with another one, on a database that has secrets. */
final class MasterKeyAtStartTest {
  private static final String BESIDE = "master-key.beside-database";
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "host");
  private static final SecretRef REF = SecretRef.of("app", Environment.PRODUCTION, "one");

  @TempDir private Path folder;

  @Test
  void onH2NothingIsWritten() {
    try (OwnedDatabase database = OwnedDatabase.h2(folder.resolve("vault"))) {
      refusedAndUntouched(database);
    }
  }

  @Test
  void onPostgresqlNothingIsWritten() {
    try (OwnedDatabase database = OwnedDatabase.postgresql()) {
      refusedAndUntouched(database);
    }
  }

  private void refusedAndUntouched(OwnedDatabase database) {
    try (JdbcStorage storage = database.open();
        ControlPlane plane = plane(storage, MasterKeys.of(key(1)))) {
      plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
      try (SecretValue value = SecretValue.of("the value")) {
        SecretVault.of(plane).put(CONTEXT, REF, value);
      }
    }
    List<String> before = database.dump();
    assertThat(before).hasSizeGreaterThan(10);

    for (MasterKeys wrong : List.of(MasterKeys.of(key(2)), MasterKeys.of(key(2), key(3)))) {
      try (JdbcStorage storage = database.open()) {
        assertThatThrownBy(() -> plane(storage, wrong))
            .isInstanceOfSatisfying(
                TenantkitException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
      }
      assertThat(database.dump()).isEqualTo(before);
    }
    // Where the host's key was taken away, there is none to start with.
    assertThat(catchThrowable(() -> MasterKeys.fromFile(folder.resolve("gone.key"))))
        .isInstanceOf(TenantkitException.class);
    assertThat(catchThrowable(() -> MasterKeys.fromEnvironment(Map.of(), "KEY")))
        .isInstanceOfAny(TenantkitException.class, InvalidInputException.class);
    assertThat(database.dump()).isEqualTo(before);

    try (JdbcStorage storage = database.open();
        ControlPlane plane = plane(storage, MasterKeys.of(key(1)));
        SecretFields fields = SecretVault.of(plane).reveal(CONTEXT, REF)) {
      assertThat(fields.value().string(SecretAccess.get())).isEqualTo("the value");
    }
  }

  /** Whoever copies the file's folder has the key as well. */
  @Test
  void aKeyBesideTheFileOfADatabaseIsTold() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path apart = Files.createDirectory(folder.resolve("apart"));
    MasterKeys beside =
        MasterKeys.createFileIfAbsent(data.resolve("master.key"), new SecureRandom());
    try (JdbcStorage storage = JdbcStorage.h2(data.resolve("vault")).open()) {
      assertThat(issues(storage, beside)).contains(BESIDE, "storage.h2");
    }
    // The same key, from where nobody finds it with the database.
    Files.move(data.resolve("master.key"), apart.resolve("master.key"));
    try (JdbcStorage storage = JdbcStorage.h2(data.resolve("vault")).open()) {
      assertThat(issues(storage, MasterKeys.fromFile(apart.resolve("master.key"))))
          .contains("storage.h2")
          .doesNotContain(BESIDE);
    }
  }

  private static List<String> issues(JdbcStorage storage, MasterKeys keys) {
    try (ControlPlane plane = plane(storage, keys)) {
      return plane.readiness().stream().map(ReadinessIssue::code).toList();
    }
  }

  private static ControlPlane plane(JdbcStorage storage, MasterKeys keys) {
    return ControlPlane.builder(storage, keys).manualMaintenance().build();
  }

  private static MasterKey key(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    bytes[0] = 9;
    return MasterKey.of(bytes);
  }
}
