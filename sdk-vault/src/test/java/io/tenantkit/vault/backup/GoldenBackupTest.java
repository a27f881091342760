package io.tenantkit.vault.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.TenantkitException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Files that were written once and must open for ever. Never write them anew. */
class GoldenBackupTest {
  private static final OrganizationId THERE = OrganizationId.of("there");
  private static final Operator OPERATOR = Operator.trusted("operator", "golden file");

  private static Properties golden() throws IOException {
    Properties golden = new Properties();
    try (InputStream in =
        GoldenBackupTest.class.getResourceAsStream("/golden/backup-v1.properties")) {
      golden.load(in);
    }
    return golden;
  }

  private static byte[] file(String name) throws IOException {
    return HexFormat.of().parseHex(golden().getProperty(name));
  }

  @Test
  void aFileUnderAPassphraseOpens() throws IOException {
    try (SecretValue passphrase = SecretValue.of(golden().getProperty("passphrase"))) {
      assertOpens(BackupKey.passphrase(passphrase), file("passphrase.file"));
    }
  }

  @Test
  void aFileForARecipientOpens() throws IOException {
    try (SecretValue privateKey = SecretValue.of(golden().getProperty("privateKey"))) {
      assertOpens(BackupKey.privateKey(privateKey), file("recipient.file"));
      assertThat(BackupRecipient.parse(golden().getProperty("recipient")).id())
          .isEqualTo(
              VaultBackup.inspect(new ByteArrayInputStream(file("recipient.file")))
                  .recipientId()
                  .orElseThrow());
    }
  }

  private static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    new InsecureFixedRandom(9).nextBytes(bytes);
    return MasterKeys.of(MasterKey.of(bytes));
  }

  private static void assertOpens(BackupKey key, byte[] file) throws IOException {
    try (InMemoryStorage storage = InMemoryStorage.create();
        ControlPlane plane = ControlPlane.builder(storage, masterKeys()).build()) {
      SecretVault vault = SecretVault.of(plane);
      RestoreReport report =
          VaultBackup.of(vault)
              .restore(
                  OPERATOR,
                  THERE,
                  key,
                  () -> new ByteArrayInputStream(file),
                  RestoreOptions.standard());
      assertThat(report.from()).isEqualTo(OrganizationId.of("acme"));
      assertThat(report.versions()).isEqualTo(4);
      TenantContext there = TenantContext.trusted(THERE, "golden");
      assertThat(plane.organizations().get(there).name()).isEqualTo("Acmé \"Ltd\"");
      assertThat(plane.organizations().get(there).settings().plan()).isEqualTo("pro");
      assertThat(report.teams())
          .extracting(RestoreReport.RestoredTeam::name)
          .containsExactly("Ops");
      Secret login = vault.get(there, SecretRef.of("app", Environment.PRODUCTION, "login"));
      assertThat(login.type()).isEqualTo("login");
      assertThat(login.stages().previous()).isEqualTo(OptionalLong.of(1));
      assertThat(login.stages().pending()).isEqualTo(OptionalLong.of(3));
      assertThat(login.description().metadata()).containsEntry("owner", "ada");
      assertThat(login.tags()).containsExactly("blue");
      assertThat(login.owner()).isEqualTo(Actor.host("golden"));
      assertThat(login.createdAt()).isEqualTo(Instant.parse("2026-11-21T10:15:30.123456Z"));
      try (SecretFields fields = vault.reveal(there, login.ref())) {
        assertThat(fields.field("password").string(SecretAccess.get())).isEqualTo("pässword 2");
        assertThat(fields.destination().hosts()).containsExactly("api.example.com");
      }
      Secret binary = vault.get(there, SecretRef.of("app", Environment.STAGING, "binary"));
      try (SecretFields fields = vault.reveal(there, binary.ref())) {
        assertThat(fields.value().bytes(SecretAccess.get())).containsExactly(0, -1, 10, 13, 127);
      }
      assertThat(VaultBackup.inspect(new ByteArrayInputStream(file)).format()).isEqualTo(1);
      byte[] damaged = file.clone();
      damaged[file.length / 2] ^= 1;
      assertThatThrownBy(
              () ->
                  VaultBackup.of(vault)
                      .restore(
                          there,
                          key,
                          () -> new ByteArrayInputStream(damaged),
                          RestoreOptions.standard()))
          .isInstanceOf(TenantkitException.class);
    }
  }
}
