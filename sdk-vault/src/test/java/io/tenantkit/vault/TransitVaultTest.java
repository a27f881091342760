package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.masterKeys;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.masterkey.TransitMasterKeys;
import io.tenantkit.vault.masterkey.TransitServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A vault whose master key is a server's, from the first start to the move back. */
class TransitVaultTest {
  private static final String ID = "transit:transit/tenantkit";

  private final VaultHouse house = new VaultHouse();
  private final TransitServer server = new TransitServer();
  private final TransitMasterKeys transit = server.open();
  private final MasterKeys moved = MasterKeys.combined(transit, masterKeys(1));

  @AfterEach
  void close() {
    house.close();
    server.close();
  }

  @Test
  void putRestartReveal() {
    try (ControlPlane first = house.again(moved)) {
      SecretVault.of(first).put(house.acme, REF, value("s3cret"));
    }
    assertThat(house.rows().organizationKeys().newest(house.acme).orElseThrow().masterKeyId())
        .isEqualTo(ID);
    server.rotate();
    try (TransitMasterKeys again = server.open();
        ControlPlane second = house.again(MasterKeys.combined(again, masterKeys(1)))) {
      SecretVault vault = SecretVault.of(second);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("s3cret");
      vault.put(house.globex, REF, value("wrapped by the second version"));
      assertThat(VaultHouse.reveal(vault, house.globex, REF))
          .isEqualTo("wrapped by the second version");
    }
  }

  @Test
  void fromLocalToTheServerAndBack() {
    house.vault.put(house.acme, REF, value("of the local key"));
    try (ControlPlane there = house.again(moved)) {
      SecretVault vault = SecretVault.of(there);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("of the local key");
      vault.put(house.globex, REF, value("of the server's"));
    }
    try (ControlPlane back = house.again(MasterKeys.combined(masterKeys(1), transit))) {
      SecretVault vault = SecretVault.of(back);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("of the local key");
      assertThat(VaultHouse.reveal(vault, house.globex, REF)).isEqualTo("of the server's");
    }
    List<Object> before = house.written();
    refused(masterKeys(1));
    refused(transit);
    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void anotherKeyOfTheSameNameRefusesToStartAndNothingIsWritten() {
    try (ControlPlane first = house.again(moved)) {
      SecretVault.of(first).put(house.acme, REF, value("s3cret"));
    }
    List<Object> before = house.written();
    server.replaceKey();
    refused(moved);
    assertThat(house.written()).isEqualTo(before);
  }

  @Test
  void aServerThatIsDownRefusesTheStartAsUnavailable() {
    house.again(moved).close();
    server.answer(503, "{\"errors\":[\"Vault is sealed\"]}");
    assertThatThrownBy(() -> house.again(moved))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_UNAVAILABLE);
              assertThat(e.code().retryable()).isTrue();
            });
    server.recover();
    house.again(moved).close();
  }

  @Test
  void manyRevealsOfAnOrganizationCostOneCall() {
    try (ControlPlane plane = house.again(moved)) {
      SecretVault writer = SecretVault.of(plane);
      for (int i = 0; i < 20; i++) {
        writer.put(house.acme, ref("s" + i), value("v" + i));
      }
      writer.put(house.globex, REF, value("other"));
    }
    // Without due work, which unwraps the keys of the audit trail now and then.
    try (ControlPlane plane = withoutDueWork()) {
      SecretVault vault = SecretVault.of(plane);
      server.forgetCalls();
      for (int i = 0; i < 200; i++) {
        assertThat(VaultHouse.reveal(vault, house.acme, ref("s" + i % 20))).isEqualTo("v" + i % 20);
      }
      vault.put(house.acme, REF, value("one more"));
      assertThat(server.calls("decrypt")).isEqualTo(1);
      VaultHouse.reveal(vault, house.globex, REF);
      assertThat(server.calls("decrypt")).as("one for each organization").isEqualTo(2);
      house.clock.tick(Duration.ofMinutes(5).plusMillis(1));
      VaultHouse.reveal(vault, house.acme, REF);
      assertThat(server.calls("decrypt")).as("and again when its time is over").isEqualTo(3);
      assertThat(server.calls()).isEqualTo(3);
    }
  }

  @Test
  void marksOfCredentialsCostOneCall() {
    String mark;
    try (ControlPlane plane = house.again(moved)) {
      mark = SecretVault.of(plane).marker().keyMark("APIkey");
    }
    try (ControlPlane plane = withoutDueWork()) {
      CredentialMarker marker = SecretVault.of(plane).marker();
      server.forgetCalls();
      assertThat(marker.keyMark("APIkey")).isEqualTo(mark);
      assertThat(marker.keyMark("APIother")).isNotEqualTo(mark);
      assertThat(server.calls("decrypt")).isEqualTo(1);
    }
  }

  @Test
  void firstRevealsAtOnceCostOneCall() {
    try (ControlPlane plane = house.again(moved)) {
      SecretVault.of(plane).put(house.acme, REF, value("s3cret"));
    }
    try (ControlPlane plane = withoutDueWork()) {
      SecretVault vault = SecretVault.of(plane);
      server.forgetCalls();
      CountDownLatch asked = new CountDownLatch(Race.THREADS);
      server.beforeDecrypt(
          () -> {
            try {
              asked.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      List<String> revealed =
          Race.of(
              Race.THREADS,
              i -> {
                asked.countDown();
                return VaultHouse.reveal(vault, house.acme, REF);
              });
      assertThat(revealed).hasSize(Race.THREADS).containsOnly("s3cret");
      assertThat(server.calls("decrypt")).isEqualTo(1);
    }
  }

  @Test
  void anOutageIsToldAsSuchAndNoTampering() {
    try (ControlPlane plane = house.again(moved)) {
      SecretVault.of(plane).put(house.acme, REF, value("s3cret"));
    }
    try (ControlPlane plane = house.again(moved)) {
      SecretVault vault = SecretVault.of(plane);
      server.answer(500, "{}");
      assertThatThrownBy(() -> VaultHouse.reveal(vault, house.acme, REF))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_UNAVAILABLE));
      OrganizationId initech = OrganizationId.of("initech");
      plane.organizations().create(Operator.trusted("operator", "tests"), initech, "Initech");
      TenantContext fresh = TenantContext.trusted(initech, "host");
      assertThatThrownBy(() -> vault.put(fresh, REF, value("new")))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_UNAVAILABLE));
      assertThat(house.rows().organizationKeys().newest(fresh)).isEmpty();
      server.recover();
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("s3cret");
      vault.put(fresh, REF, value("new"));
      assertThat(VaultHouse.reveal(vault, fresh, REF)).isEqualTo("new");
    }
  }

  private ControlPlane withoutDueWork() {
    return ControlPlane.builder(house.storage, moved)
        .clock(house.clock)
        .manualMaintenance()
        .build();
  }

  private void refused(MasterKeys keys) {
    assertThatThrownBy(() -> house.again(keys))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
  }
}
