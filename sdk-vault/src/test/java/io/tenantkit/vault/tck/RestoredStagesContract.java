package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretStages;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.BackupSource;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.RestoreReport;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.VaultStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a secret's life leaves of its stages comes through a backup, and nothing else does. */
public abstract class RestoredStagesContract extends StorageContract {
  private static final Instant START = Instant.parse("2026-11-21T10:15:30.123456Z");
  private static final SecretRef REF = SecretRef.of("app", Environment.PRODUCTION, "name");
  private static final OrganizationId THERE = OrganizationId.of("there");

  private final BackupKeyPair pair = BackupKeyPair.generate(new InsecureFixedRandom(11));
  private final TickingClock clock = TickingClock.at(START);
  private final TenantContext there = TenantContext.trusted(THERE, "contract");
  private ControlPlane plane;
  private SecretVault vault;
  private VaultBackup backup;

  @BeforeEach
  final void openVault() {
    byte[] master = new byte[32];
    new InsecureFixedRandom(1).nextBytes(master);
    plane =
        ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(master)))
            .clock(clock)
            .manualMaintenance()
            .build();
    vault = SecretVault.of(plane);
    backup = VaultBackup.of(vault);
  }

  @AfterEach
  final void closeVault() {
    plane.close();
    pair.close();
  }

  private Secret put(NewSecret wanted) {
    return vault.put(acme, REF, wanted);
  }

  private static NewSecret of(String text) {
    return NewSecret.of(SecretValue.of(text));
  }

  private RestoreReport restore(boolean dryRun) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    backup.export(operator, ACME, BackupKey.recipient(pair.recipient()), out);
    BackupSource source = () -> new ByteArrayInputStream(out.toByteArray());
    RestoreOptions options = RestoreOptions.standard();
    return backup.restore(
        operator,
        THERE,
        BackupKey.privateKey(pair.privateKey()),
        source,
        dryRun ? options.asDryRun() : options);
  }

  /** Restores, and demands that versions and stages are as they were. */
  private void assertRestored() throws IOException {
    Secret here = vault.get(acme, REF);
    assertThat(here.stages().previous()).as("it names what was destroyed").isPresent();
    assertThat(vault.versions(acme, REF))
        .anySatisfy(
            version -> {
              assertThat(version.state()).isEqualTo(SecretVersion.State.DESTROYED);
              assertThat(version.number()).isEqualTo(here.stages().previous().getAsLong());
            });
    assertThat(restore(true).secrets(Outcome.CREATED)).isEqualTo(1);
    assertThat(restore(false).secrets(Outcome.CREATED)).isEqualTo(1);
    assertThat(vault.get(there, REF).stages()).isEqualTo(here.stages());
    assertThat(vault.versions(there, REF)).isEqualTo(vault.versions(acme, REF));
    assertThat(restore(false).secrets(Outcome.UNCHANGED)).isEqualTo(1);
  }

  private String current() {
    try (SecretFields fields = vault.reveal(there, REF)) {
      return fields.value().string(SecretAccess.get());
    }
  }

  @Test
  void aPutAfterTheCurrentVersionWasDestroyed() throws IOException {
    put(of("v1"));
    vault.destroyVersion(acme, REF, 1);
    put(of("v2"));

    assertRestored();

    assertThat(current()).isEqualTo("v2");
    put(of("v3"));
    assertThat(vault.get(acme, REF).stages().previous()).hasValue(2);
  }

  @Test
  void aRollbackAfterAnExpiredVersionWasCleanedUp() throws IOException {
    put(of("v1"));
    put(of("v2").expiringAt(START.plus(Duration.ofDays(1))));
    clock.tick(Duration.ofDays(32));
    plane.runDue(clock.instant());
    vault.rollBack(acme, REF);

    assertRestored();

    assertThat(current()).isEqualTo("v1");
  }

  @Test
  void aPromotionAfterTheCurrentVersionWasDestroyed() throws IOException {
    put(of("v1"));
    put(of("v2").asPending());
    vault.destroyVersion(acme, REF, 1);
    vault.promote(acme, REF, 2);

    assertRestored();

    assertThat(current()).isEqualTo("v2");
  }

  /** A dry run that passes and a restore that does not would be found out at the worst time. */
  @Test
  void stagesThatNoVaultComesToAreRefusedByTheDryRunToo() throws IOException {
    put(of("v1"));
    Secret before = put(of("v2"));
    Secret after =
        VaultSamples.staged(
            before, new SecretStages(2, 2, OptionalLong.empty(), OptionalLong.of(7)));
    harness
        .storage()
        .stores(VaultStores.class)
        .orElseThrow()
        .secrets()
        .write(acme, SecretWrite.change(before, after, samples.event(ACME, "by.hand")));

    for (boolean dryRun : new boolean[] {true, false}) {
      assertThatThrownBy(() -> restore(dryRun))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.BACKUP_REJECTED));
    }
    assertThatThrownBy(() -> plane.organizations().get(operator, THERE))
        .isInstanceOf(NotFoundException.class);
  }
}
