package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.Texts;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every storage's {@link OrganizationKeyStore} must do; each tenant has key 1 already. */
public abstract class OrganizationKeyStoreContract extends VaultContract {
  private static final String SECOND = "0123456789abcdef0123456789abcdef";

  @Test
  void organizationWithoutKeysHasNoNewestOne() {
    OrganizationId initech = OrganizationId.of("initech");
    addOrganization(initech);

    assertThat(organizationKeys.newest(TenantContext.trusted(initech, "contract"))).isEmpty();
    assertThat(organizationKeys.newest(nobody)).isEmpty();
    assertThat(organizationKeys.find(acme, SECOND)).isEmpty();
  }

  @Test
  void insertedKeyIsFoundAndItsEventIsInTheTrail() {
    StoredOrganizationKey key = rows.organizationKey(2, SECOND);
    AuditEvent event = samples.event(ACME, "organization_key.created");

    assertThat(organizationKeys.insert(acme, key, event)).isTrue();

    assertThat(shownNewest()).isEqualTo(VaultSamples.shown(key));
    assertThat(organizationKeys.find(acme, SECOND).map(VaultSamples::shown))
        .contains(VaultSamples.shown(key));
    assertThat(organizationKeys.find(acme, VaultSamples.keyId(ACME)).orElseThrow().number())
        .isEqualTo(1);
    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void newestIsTheHighestNumberNotTheLastInsertedNorTheLongestText() {
    for (int number : new int[] {2, 10, 9, 11, 3}) {
      String keyId = Samples.hash("key " + number).hex().substring(0, 32);
      assertThat(
              organizationKeys.insert(
                  acme, rows.organizationKey(number, keyId), samples.event(ACME, "x")))
          .isTrue();
    }

    assertThat(organizationKeys.newest(acme).orElseThrow().number()).isEqualTo(11);
  }

  @Test
  void insertOfATakenNumberIsFalseAndWritesNothing() {
    List<Object> before = everythingKept(acme);

    boolean inserted =
        organizationKeys.insert(acme, rows.organizationKey(1, SECOND), samples.event(ACME, "x"));

    assertThat(inserted).isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(organizationKeys.find(acme, SECOND)).isEmpty();
  }

  @Test
  void insertOfATakenIdIsRefusedAndWritesNothing() {
    List<Object> before = everythingKept(acme);

    assertRefused(
        () ->
            organizationKeys.insert(
                acme, rows.organizationKey(2, VaultSamples.keyId(ACME)), samples.event(ACME, "x")));

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void insertForAnUnknownOrganizationIsNotFoundAndWritesNothing() {
    assertThatThrownBy(
            () ->
                organizationKeys.insert(
                    nobody, rows.organizationKey(1, SECOND), samples.event(NOBODY, "x")))
        .isInstanceOf(NotFoundException.class);

    assertThat(organizationKeys.newest(nobody)).isEmpty();
    assertThat(trail(nobody)).isEmpty();
  }

  @Test
  void keyWhoseEventCannotBeWrittenIsNotInserted() {
    AuditEvent taken = samples.event(ACME, "first");
    stores.audit().append(acme, taken);
    List<Object> before = everythingKept(acme);

    assertThatThrownBy(() -> organizationKeys.insert(acme, rows.organizationKey(2, SECOND), taken))
        .isInstanceOf(TenantkitException.class);

    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(organizationKeys.find(acme, SECOND)).isEmpty();
  }

  @Test
  void arrayHandedInStaysTheCallersAndArrayHandedOutToo() {
    StoredOrganizationKey key = rows.organizationKey(2, SECOND);
    List<Object> asItWas = VaultSamples.shown(key);
    organizationKeys.insert(acme, key, samples.event(ACME, "x"));

    Arrays.fill(key.wrapped(), (byte) 0);
    assertThat(shownNewest()).isEqualTo(asItWas);

    Arrays.fill(organizationKeys.newest(acme).orElseThrow().wrapped(), (byte) 0);
    Arrays.fill(organizationKeys.find(acme, SECOND).orElseThrow().wrapped(), (byte) 0);
    assertThat(shownNewest()).isEqualTo(asItWas);
    assertThat(organizationKeys.find(acme, SECOND).map(VaultSamples::shown)).contains(asItWas);
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesComeBackToTheMicrosecond(Instant time) {
    StoredOrganizationKey sample = rows.organizationKey(2, SECOND);
    organizationKeys.insert(
        acme,
        new StoredOrganizationKey(2, SECOND, sample.masterKeyId(), sample.wrapped(), time),
        samples.event(ACME, "x"));

    assertThat(organizationKeys.newest(acme).orElseThrow().createdAt()).isEqualTo(time);
  }

  static Stream<Instant> times() {
    return Texts.awkwardTimes().stream();
  }

  private List<Object> shownNewest() {
    return VaultSamples.shown(organizationKeys.newest(acme).orElseThrow());
  }
}
