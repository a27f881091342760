package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.masterKey;
import static io.tenantkit.vault.VaultHouse.masterKeys;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Control planes come and go; the rows and the master keys stay. */
class VaultRestartTest {
  private final VaultHouse house = new VaultHouse();

  @AfterEach
  void close() {
    house.close();
  }

  static Stream<VaultCalls.Operation> operations() {
    return VaultCalls.all().stream();
  }

  @Test
  void aSecondPlaneReadsWhatTheFirstWrote() {
    house.vault.put(house.acme, REF, value("one"));
    house.vault.put(house.acme, REF, value("two"));
    house.vault.put(house.globex, REF, value("globex's"));
    house.plane.close();

    try (ControlPlane second = house.again(masterKeys(1))) {
      SecretVault vault = SecretVault.of(second);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("two");
      try (SecretFields fields = vault.reveal(house.acme, REF, 1)) {
        assertThat(VaultHouse.text(fields.value())).isEqualTo("one");
      }
      assertThat(VaultHouse.reveal(vault, house.globex, REF)).isEqualTo("globex's");
      vault.put(house.acme, REF, value("three"));
      assertThat(vault.versions(house.acme, REF)).hasSize(3);
    }
  }

  @Test
  void twoPlanesSideBySideSeeEachOthersWrites() {
    ControlPlane second = house.again(masterKeys(1));
    SecretVault vault = SecretVault.of(second);
    house.vault.put(house.acme, REF, value("one"));
    assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("one");
    vault.put(house.acme, REF, value("two"));
    assertThat(house.reveal(house.acme, REF)).isEqualTo("two");
    second.close();
    assertThat(house.reveal(house.acme, REF)).isEqualTo("two");
  }

  @Test
  void aNewMasterKeyReadsAllAndWrapsWhatIsNew() {
    house.vault.put(house.acme, REF, value("old"));
    MasterKeys rotated = MasterKeys.of(masterKey(2), masterKey(1));
    try (ControlPlane second = house.again(rotated)) {
      SecretVault vault = SecretVault.of(second);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("old");
      vault.put(house.acme, REF, value("newer"));
      vault.put(house.globex, REF, value("globex's first"));
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("newer");
      StoredOrganizationKey globexs =
          house.rows().organizationKeys().newest(house.globex).orElseThrow();
      assertThat(globexs.masterKeyId()).isEqualTo(masterKey(2).id());
      assertThat(globexs.wrapped())
          .as("the record names the key that wraps it")
          .containsSequence(
              java.util.HexFormat.of().parseHex(masterKey(2).checkValue().substring(0, 32)));
    }
    try (ControlPlane third = house.again(rotated)) {
      SecretVault vault = SecretVault.of(third);
      assertThat(VaultHouse.reveal(vault, house.acme, REF)).isEqualTo("newer");
      assertThat(VaultHouse.reveal(vault, house.globex, REF)).isEqualTo("globex's first");
    }
  }

  @Test
  void otherMasterKeysRefuseToStartAndWriteNothing() {
    house.vault.put(house.acme, REF, value("s3cret"));
    List<Object> before = house.written();
    for (MasterKeys wrong : List.of(masterKeys(2), MasterKeys.of(masterKey(2), masterKey(3)))) {
      assertThatThrownBy(() -> house.again(wrong))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    }
    assertThat(house.written()).isEqualTo(before);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("s3cret");
  }

  /** The old key is not forgotten as soon as a new one is there. */
  @Test
  void theOldMasterKeyIsStillNeededAfterARotation() {
    house.vault.put(house.acme, REF, value("s3cret"));
    house.again(MasterKeys.of(masterKey(2), masterKey(1))).close();
    List<Object> before = house.written();
    for (MasterKeys alone : List.of(masterKeys(1), masterKeys(2))) {
      assertThatThrownBy(() -> house.again(alone))
          .isInstanceOfSatisfying(
              TenantkitException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MASTER_KEY_MISMATCH));
    }
    assertThat(house.written()).isEqualTo(before);
  }

  /** Both where the keys are in memory and where they are not. */
  @ParameterizedTest
  @MethodSource("operations")
  void aClosedPlaneRefusesEveryOperation(VaultCalls.Operation operation) {
    house.vault.put(house.acme, REF, value("s3cret"));
    for (boolean warm : new boolean[] {true, false}) {
      ControlPlane plane = house.again(masterKeys(1));
      SecretVault vault = SecretVault.of(plane);
      if (warm) {
        VaultHouse.reveal(vault, house.acme, REF);
      }
      List<Object> before = house.written();
      plane.close();
      plane.close();

      assertThatThrownBy(() -> operation.call().on(vault, house.acme, REF))
          .isInstanceOfSatisfying(
              TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
      assertThatThrownBy(() -> operation.call().on(vault, house.globex, ref("first")))
          .isInstanceOfSatisfying(
              TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
      assertThat(house.written()).as("a closed plane writes nothing").isEqualTo(before);
    }
  }

  @Test
  void aClosedStorageIsToldAsSuch() {
    house.vault.put(house.acme, REF, value("s3cret"));
    house.storage.close();
    for (VaultCalls.Operation operation : VaultCalls.all()) {
      assertThatThrownBy(() -> operation.call().on(house.vault, house.acme, REF))
          .isInstanceOfSatisfying(
              TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    }
  }

  @Test
  void aVaultOfAClosedPlaneIsClosed() {
    house.vault.put(house.acme, REF, value("s3cret"));
    house.plane.close();
    SecretVault late = SecretVault.of(house.plane);
    assertThatThrownBy(() -> late.reveal(house.acme, REF))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  /** A value that was handed out is the caller's, and outlives the plane until it is closed. */
  @Test
  void closingThePlaneDoesNotTouchWhatWasRevealed() {
    house.vault.put(house.acme, REF, value("s3cret"));
    try (SecretFields fields = house.vault.reveal(house.acme, REF)) {
      house.plane.close();
      assertThat(VaultHouse.text(fields.value())).isEqualTo("s3cret");
    }
  }

  /** Unwrapped keys are kept for five minutes at the most. */
  @Test
  void keysAreReadAgainAfterFiveMinutes() {
    java.util.concurrent.atomic.AtomicInteger reads =
        new java.util.concurrent.atomic.AtomicInteger();
    house.vault.put(house.acme, REF, value("s3cret"));
    SecretVault vault =
        house.freshVault(
            stores ->
                new DecoratedStorage.Stores(
                    stores.secrets(),
                    new DecoratedStorage.Keys(stores.organizationKeys()) {
                      @Override
                      public java.util.Optional<StoredOrganizationKey> find(
                          io.tenantkit.tenant.TenantContext context, String keyId) {
                        reads.incrementAndGet();
                        return super.find(context, keyId);
                      }
                    }));
    VaultHouse.reveal(vault, house.acme, REF);
    house.clock.tick(Duration.ofMinutes(5).minusMillis(1));
    VaultHouse.reveal(vault, house.acme, REF);
    assertThat(reads).hasValue(1);
    house.clock.tick(Duration.ofMillis(2));
    VaultHouse.reveal(vault, house.acme, REF);
    assertThat(reads).hasValue(2);
  }
}
