package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.StoredSecretVersion;
import io.tenantkit.vault.spi.VersionChoice;
import java.util.List;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each verb of the vault that takes an id, called as {@code acme} with an id of {@code globex}: the
 * answer is that for an unknown id, and nothing of either tenant changes.
 */
public abstract class VaultIsolationContract extends VaultContract {
  private Secret theirs;

  @BeforeEach
  final void globexHasASecret() {
    theirs = addSecret(globex, "sec_theirs", ref("theirs"));
    addSecret(acme, "sec_ours", ref("ours"));
  }

  @Test
  void secretOfAnotherTenantIsNotFoundNorOpened() {
    List<Object> before = both();

    assertThat(secrets.find(acme, theirs.ref())).isEmpty();
    assertThat(secrets.versions(acme, theirs.id())).isEmpty();
    assertThat(open(acme, theirs.ref())).isEmpty();
    assertThat(open(acme, theirs.ref(), OptionalLong.of(1))).isEmpty();

    assertThat(both()).isEqualTo(before);
  }

  @Test
  void secretOfAnotherTenantGetsNoVersionAndIsNotDeleted() {
    List<Object> before = both();
    Secret asOurs = rows.changed(rows.secret(ACME, theirs.id().value(), theirs.ref()));
    StoredSecretVersion version = rows.version(ACME, 2, "taken over");

    assertThat(add(acme, asOurs, 1, version, samples.event(ACME, "x"))).isFalse();
    assertThat(secrets.destroy(acme, theirs, samples.event(ACME, "x"))).isFalse();

    assertThat(both()).isEqualTo(before);
    assertThat(contents(globex, theirs))
        .containsExactly(VaultSamples.shown(rows.version(GLOBEX, 1, "sec_theirs")));
  }

  @Test
  void listsHoldOnlyOwnRowsWhereverTheyStart() {
    assertThat(secrets.list(acme, null, 10)).allMatch(s -> s.organization().equals(ACME));
    assertThat(secrets.list(acme, "", 10)).hasSize(1);
    assertThat(secrets.list(acme, "sec_ours", 10)).isEmpty();
    assertThat(secrets.list(globex, null, 10)).containsExactly(theirs);
    assertThat(secrets.list(nobody, null, 10)).isEmpty();
  }

  @Test
  void projectOfAnotherTenantIsUnknown() {
    OrganizationId initech = OrganizationId.of("initech");
    addOrganization(initech);

    assertThat(secrets.findProject(TenantContext.trusted(initech, "contract"), "project"))
        .isEmpty();
  }

  @Test
  void oneNameOneIdAndOneProjectInTwoOrganizationsAreTwoSecrets() {
    Secret ours = addSecret(acme, "sec_theirs", theirs.ref());

    Secret changed = addVersion(acme, ours, "second");

    assertThat(secrets.find(acme, theirs.ref())).contains(changed);
    assertThat(secrets.find(globex, theirs.ref())).contains(theirs);
    assertThat(secrets.destroy(acme, changed, samples.event(ACME, "x"))).isTrue();
    assertThat(secrets.find(globex, theirs.ref())).contains(theirs);
    assertThat(contents(globex, theirs))
        .containsExactly(VaultSamples.shown(rows.version(GLOBEX, 1, "sec_theirs")));
  }

  @Test
  void organizationKeyOfAnotherTenantIsNotFound() {
    assertThat(organizationKeys.find(acme, VaultSamples.keyId(GLOBEX))).isEmpty();
    assertThat(organizationKeys.find(nobody, VaultSamples.keyId(GLOBEX))).isEmpty();
    assertThat(organizationKeys.newest(acme).orElseThrow().keyId())
        .isEqualTo(VaultSamples.keyId(ACME));
  }

  @Test
  void keyNumbersOfTwoOrganizationsDoNotMeet() {
    String second = "0123456789abcdef0123456789abcdef";
    assertThat(
            organizationKeys.insert(
                acme, rows.organizationKey(2, second), samples.event(ACME, "x")))
        .isTrue();

    assertThat(organizationKeys.newest(globex).orElseThrow().number()).isEqualTo(1);
    assertThat(organizationKeys.find(globex, second)).isEmpty();
  }

  @Test
  void aTakenSecretIdReplacesNothing() {
    List<Object> before = both();

    Secret same = rows.secret(ACME, "sec_ours", ref("another-name"));
    assertRefused(
        () -> create(acme, same, rows.version(ACME, 1, "other"), samples.event(ACME, "x")));

    assertThat(both()).isEqualTo(before);
  }

  @Test
  void rowsAndEventsOfAnotherTenantAreAFaultAndWriteNothing() {
    List<Object> before = both();
    Secret foreign = rows.secret(GLOBEX, "sec_new", ref("new"));
    Secret own = rows.secret(ACME, "sec_new", ref("new"));
    StoredSecretVersion version = rows.version(ACME, 1, "x");

    assertFault(() -> create(acme, foreign, version, samples.event(ACME, "x")));
    assertFault(() -> create(acme, own, version, samples.event(GLOBEX, "x")));
    assertFault(() -> add(acme, rows.changed(theirs), 1, version, samples.event(ACME, "x")));
    assertFault(() -> secrets.destroy(acme, theirs, samples.event(GLOBEX, "x")));
    assertFault(
        () ->
            secrets.open(
                acme, ref("ours"), VersionChoice.CURRENT, any -> samples.event(GLOBEX, "x")));
    assertFault(
        () ->
            organizationKeys.insert(
                acme,
                rows.organizationKey(2, VaultSamples.keyId(GLOBEX)),
                samples.event(GLOBEX, "x")));

    assertThat(both()).isEqualTo(before);
  }

  private static void assertFault(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
  }

  private List<Object> both() {
    return List.of(everythingKept(acme), everythingKept(globex));
  }
}
