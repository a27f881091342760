package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VersionChoice;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every storage's {@link SecretStore} must do with its verbs, one tenant at a time. */
public abstract class SecretStoreContract extends VaultContract {

  @Test
  void createdSecretIsFoundWithItsVersionProjectAndEvent() {
    Secret secret = rows.secret(ACME, "sec_1", ref("name"));
    AuditEvent event = samples.event(ACME, "secret.created").with("name", "name");

    assertThat(create(acme, secret, rows.version(ACME, 1, "first"), event)).isTrue();

    assertThat(secrets.find(acme, ref("name"))).contains(secret);
    assertThat(secrets.list(acme, null, 10)).containsExactly(secret);
    assertThat(secrets.findProject(acme, "project")).contains("prj_project");
    assertThat(secrets.versions(acme, secret.id()))
        .containsExactly(VaultSamples.listed(1, Optional.of(Stage.CURRENT)));
    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void groundOfAPutIsTheSecretAsItIsFoundAndTheNewestKeyIfAny() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    addSecret(globex, "sec_1", ref("theirs"));
    for (int number : new int[] {3, 2}) {
      String keyId = Samples.hash("key " + number).hex().substring(0, 32);
      assertThat(
              organizationKeys.insert(
                  acme, rows.organizationKey(number, keyId), samples.event(ACME, "x")))
          .isTrue();
    }

    assertGround(acme, ref("name"), Optional.of(secret));
    assertGround(acme, ref("unknown"), Optional.empty());
    assertGround(acme, ref("theirs"), Optional.empty());
    assertGround(acme.within(Set.of(Environment.STAGING)), ref("name"), Optional.of(secret));
    assertThat(secrets.findForPut(nobody, ref("name")))
        .isEqualTo(new SecretStore.Ground(Optional.empty(), Optional.empty()));
  }

  private void assertGround(TenantContext context, SecretRef ref, Optional<Secret> expected) {
    SecretStore.Ground ground = secrets.findForPut(context, ref);
    assertThat(ground.secret()).isEqualTo(expected).isEqualTo(secrets.find(context, ref));
    ground
        .newestKey()
        .ifPresent(
            key ->
                assertThat(VaultSamples.shown(key))
                    .isEqualTo(organizationKeys.newest(context).map(VaultSamples::shown).get()));
  }

  @Test
  void unknownSecretIsNotFound() {
    assertThat(secrets.find(acme, ref("unknown"))).isEmpty();
    assertThat(secrets.versions(acme, new SecretId("sec_unknown"))).isEmpty();
    assertThat(secrets.findProject(acme, "unknown")).isEmpty();
  }

  @Test
  void createForAnUnknownOrganizationIsNotFoundAndWritesNothing() {
    assertThatThrownBy(
            () ->
                create(
                    nobody,
                    rows.secret(NOBODY, "sec_1", ref("name")),
                    rows.version(ACME, 1, "first"),
                    samples.event(NOBODY, "secret.created")))
        .isInstanceOf(NotFoundException.class);

    assertThat(secrets.list(nobody, null, 10)).isEmpty();
    assertThat(secrets.findProject(nobody, "project")).isEmpty();
    assertThat(trail(nobody)).isEmpty();
  }

  @Test
  void createOfATakenNameIsFalseAndWritesNothing() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    List<Object> before = everythingKept(acme);

    boolean created =
        create(
            acme,
            rows.secret(ACME, "sec_2", ref("name")),
            rows.version(ACME, 1, "second"),
            samples.event(ACME, "secret.created"));

    assertThat(created).isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(contents(acme, first))
        .containsExactly(VaultSamples.shown(rows.version(ACME, 1, "sec_1")));
  }

  @Test
  void createInAProjectThatHasAnotherIdIsFalseAndWritesNothing() {
    addSecret(acme, "sec_1", ref("name"));
    List<Object> before = everythingKept(acme);
    Secret sample = rows.secret(ACME, "sec_2", ref("other"));
    Secret elsewhere = VaultSamples.inProject(sample, "prj_another");

    boolean created =
        create(
            acme,
            elsewhere,
            rows.version(ACME, 1, "second"),
            samples.event(ACME, "secret.created"));

    assertThat(created).isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void nameIsTakenOnlyInItsOwnProjectAndEnvironmentAndCase() {
    List<SecretRef> refs =
        List.of(
            ref("name"),
            ref("Name"),
            ref("NAME"),
            SecretRef.of("Project", Environment.PRODUCTION, "name"),
            SecretRef.of("project-2", Environment.PRODUCTION, "name"),
            SecretRef.of("project", Environment.STAGING, "name"),
            SecretRef.of("project", Environment.DEVELOPMENT, "name"));
    for (int i = 0; i < refs.size(); i++) {
      addSecret(acme, "sec_" + i, refs.get(i));
    }

    for (int i = 0; i < refs.size(); i++) {
      assertThat(secrets.find(acme, refs.get(i)).orElseThrow().id().value()).isEqualTo("sec_" + i);
    }
    assertThat(secrets.findProject(acme, "Project")).contains("prj_Project");
    assertThat(secrets.findProject(acme, "PROJECT")).isEmpty();
    assertThat(secrets.find(acme, ref("n_me"))).isEmpty();
  }

  @Test
  void addedVersionIsTheCurrentOneAndTheEarlierOneStays() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    Secret other = addSecret(acme, "sec_2", ref("other"));

    Secret second = addVersion(acme, first, "second");

    assertThat(secrets.find(acme, ref("name"))).contains(second);
    assertThat(VaultSamples.shown(open(acme, ref("name")).orElseThrow().version()))
        .isEqualTo(VaultSamples.shown(rows.version(ACME, 2, "second")));
    OpenedSecret earlier = open(acme, ref("name"), OptionalLong.of(1)).orElseThrow();
    assertThat(VaultSamples.shown(earlier.version()))
        .isEqualTo(VaultSamples.shown(rows.version(ACME, 1, "sec_1")));
    assertThat(earlier.secret()).isEqualTo(second);
    assertThat(secrets.find(acme, ref("other"))).contains(other);
    assertThat(secrets.versions(acme, other.id())).hasSize(1);
  }

  @Test
  void versionIsNotAddedWhenAnotherOneIsCurrent() {
    Secret first = addSecret(acme, "sec_1", ref("name"));
    Secret second = addVersion(acme, first, "second");
    List<Object> before = everythingKept(acme);
    Secret third = rows.changed(second);

    for (long expected : new long[] {0, 1, 3, Long.MAX_VALUE}) {
      assertThat(
              add(
                  acme,
                  third,
                  expected,
                  rows.version(ACME, 3, "third"),
                  samples.event(ACME, "secret.version_added")))
          .isFalse();
    }

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void versionOfAnUnknownSecretIsNotAdded() {
    List<Object> before = everythingKept(acme);

    boolean added =
        add(
            acme,
            rows.changed(rows.secret(ACME, "sec_unknown", ref("name"))),
            1,
            rows.version(ACME, 2, "second"),
            samples.event(ACME, "secret.version_added"));

    assertThat(added).isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void versionsComeByNumberAlsoPastTen() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    for (int i = 2; i <= 12; i++) {
      secret = addVersion(acme, secret, "content");
    }

    assertThat(secrets.versions(acme, secret.id()).stream().map(SecretVersion::number))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    assertThat(contents(acme, secret)).hasSize(12);
  }

  @Test
  void openWritesTheEventThatIsMadeOfTheSecretItFound() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    AtomicReference<AuditEvent> event = new AtomicReference<>();

    secrets.open(
        acme,
        ref("name"),
        VersionChoice.CURRENT,
        found -> {
          event.set(samples.event(ACME, "secret.revealed").with("id", found.secret().id().value()));
          return event.get();
        });

    assertThat(event.get().details()).containsEntry("id", secret.id().value());
    assertThat(trail(acme)).endsWith(event.get()).hasSize(2);
  }

  @Test
  void openOfAnUnknownSecretOrVersionIsEmptyAndWritesNothing() {
    addSecret(acme, "sec_1", ref("name"));
    List<Object> before = everythingKept(acme);

    assertThat(open(acme, ref("unknown"))).isEmpty();
    assertThat(open(acme, SecretRef.of("project", Environment.STAGING, "name"))).isEmpty();
    for (long version : new long[] {0, 2, -1, Long.MAX_VALUE}) {
      assertThat(open(acme, ref("name"), OptionalLong.of(version))).isEmpty();
    }

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void secretWhoseEventCannotBeMadeOrWrittenIsNotOpened() {
    addSecret(acme, "sec_1", ref("name"));
    AuditEvent taken = trail(acme).get(0);
    List<Object> before = everythingKept(acme);

    assertThatThrownBy(
            () ->
                secrets.open(
                    acme,
                    ref("name"),
                    VersionChoice.CURRENT,
                    any -> {
                      throw new IllegalStateException("no event");
                    }))
        .isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> secrets.open(acme, ref("name"), VersionChoice.CURRENT, any -> taken))
        .isInstanceOf(TenantkitException.class);

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void changeWhoseEventCannotBeWrittenIsNotDone() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    AuditEvent taken = trail(acme).get(0);
    List<Object> before = everythingKept(acme);

    assertThatThrownBy(
            () ->
                create(
                    acme,
                    rows.secret(ACME, "sec_2", SecretRef.of("new", Environment.PRODUCTION, "name")),
                    rows.version(ACME, 1, "x"),
                    taken))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> add(acme, rows.changed(secret), 1, rows.version(ACME, 2, "x"), taken))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> secrets.destroy(acme, secret, taken))
        .isInstanceOf(TenantkitException.class);

    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(secrets.findProject(acme, "new")).isEmpty();
  }

  @Test
  void destroyedSecretIsGoneWithAllItsVersions() {
    Secret secret = addVersion(acme, addSecret(acme, "sec_1", ref("name")), "second");
    Secret other = addSecret(acme, "sec_2", ref("other"));

    assertThat(secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"))).isTrue();

    assertThat(secrets.find(acme, ref("name"))).isEmpty();
    assertThat(secrets.versions(acme, secret.id())).isEmpty();
    assertThat(open(acme, ref("name"), OptionalLong.of(1))).isEmpty();
    assertThat(secrets.list(acme, null, 10)).containsExactly(other);
    assertThat(actions(acme))
        .containsExactly(
            "secret.created", "secret.version_added", "secret.created", "secret.destroyed");
  }

  @Test
  void destructionOfAnUnknownSecretIsFalseAndWritesNothing() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    assertThat(secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"))).isTrue();
    List<Object> before = everythingKept(acme);

    assertThat(secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"))).isFalse();
    assertThat(
            secrets.destroy(
                acme, rows.secret(ACME, "SEC_1", ref("name")), samples.event(ACME, "x")))
        .isFalse();

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  @Test
  void laterSecretOfADestroyedNameIsAnotherOneWithVersionsOfItsOwn() {
    Secret secret = addVersion(acme, addSecret(acme, "sec_1", ref("name")), "second");
    secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"));

    Secret later = addSecret(acme, "sec_2", ref("name"));

    assertThat(secrets.find(acme, ref("name"))).contains(later);
    assertThat(contents(acme, later))
        .containsExactly(VaultSamples.shown(rows.version(ACME, 1, "sec_2")));
    assertThat(secrets.findProject(acme, "project")).contains("prj_project");
  }

  @Test
  void projectOfADestroyedSecretKeepsItsId() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"));

    assertThat(secrets.findProject(acme, "project")).contains("prj_project");
  }
}
