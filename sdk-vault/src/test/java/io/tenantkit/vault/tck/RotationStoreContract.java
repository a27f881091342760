package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredRotation;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rows of rotations. */
public abstract class RotationStoreContract extends VaultContract {
  private static final RotationPolicy POLICY = RotationPolicy.everyDays(30);

  private RotationStore rotations;

  @BeforeEach
  final void openRotations() {
    rotations = harness.storage().stores(VaultStores.class).orElseThrow().rotations();
  }

  private StoredRotation first(TenantContext context, String id, Instant wake) {
    Secret secret = addSecret(context, id, ref("name-" + id));
    return StoredRotation.first(secret.id(), secret.ref(), POLICY)
        .dueAt(Optional.of(wake))
        .wakeAt(Optional.of(wake))
        .row();
  }

  private StoredRotation added(TenantContext context, String id, Instant wake) {
    StoredRotation row = first(context, id, wake);
    assertThat(write(context, row)).isTrue();
    return row;
  }

  private boolean write(TenantContext context, StoredRotation row) {
    return rotations.write(
        context, row, Optional.of(samples.event(context.organization(), "rotation.changed")));
  }

  @Test
  void everyFieldComesBack() {
    Instant time = Samples.NOW;
    Secret secret = addSecret(acme, "sec_1", ref("one"));
    StoredRotation full =
        StoredRotation.first(secret.id(), secret.ref(), POLICY)
            .policy(
                RotationPolicy.at(time)
                    .withNotice(Duration.ofSeconds(5))
                    .withOverlap(Duration.ofSeconds(6)))
            .dueAt(Optional.of(time))
            .step(RotationStep.PROMOTED)
            .rotationId("rot_1")
            .baseVersion(1)
            .pendingVersion(2)
            .retiring(3, Optional.of(time.plusSeconds(1)))
            .attempts(4, Optional.of(time.plusSeconds(2)))
            .failure("x".repeat(128))
            .lastRotatedAt(Optional.of(time.plusSeconds(3)))
            .soonToldFor(Optional.of(time.plusSeconds(4)))
            .dueToldFor(Optional.of(time.plusSeconds(5)))
            .wakeAt(Optional.of(time.plusSeconds(6)))
            .claimedBy("node_1")
            .row();

    assertThat(write(acme, full)).isTrue();

    assertThat(rotations.find(acme, secret.id())).contains(full);
    StoredRotation empty =
        full.change()
            .policy(POLICY)
            .dueAt(Optional.empty())
            .retiring(0, Optional.empty())
            .attempts(0, Optional.empty())
            .lastRotatedAt(Optional.empty())
            .soonToldFor(Optional.empty())
            .dueToldFor(Optional.empty())
            .wakeAt(Optional.empty())
            .row();
    assertThat(rotations.write(acme, empty, Optional.empty())).isTrue();
    assertThat(rotations.find(acme, secret.id())).contains(empty);
  }

  @Test
  void aRowFollowsTheOneThatWasRead() {
    StoredRotation row = added(acme, "sec_1", Samples.NOW);
    List<Object> before = everythingKept(acme);

    assertThat(write(acme, row)).as("added twice").isFalse();
    assertThat(write(acme, row.change().row().change().row())).as("one left out").isFalse();
    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(write(acme, row.change().failure("x").row())).isTrue();
    assertThat(write(acme, row.change().failure("y").row())).as("changed already").isFalse();
    assertThat(rotations.find(acme, row.secret()).orElseThrow().failure()).isEqualTo("x");
  }

  @Test
  void ofManyNodesOneClaims() {
    StoredRotation row = added(acme, "sec_1", Samples.NOW);
    List<Boolean> claimed = Race.of(8, i -> write(acme, row.change().claimedBy("node_" + i).row()));

    assertThat(claimed).containsOnlyOnce(true);
  }

  @Test
  void withoutItsSecretThereIsNone() {
    SecretId unknown = new SecretId("sec_unknown");
    StoredRotation row = StoredRotation.first(unknown, ref("x"), POLICY).row();
    assertThat(write(acme, row)).isFalse();

    StoredRotation kept = added(acme, "sec_1", Samples.NOW);
    Secret secret = secrets.find(acme, kept.ref()).orElseThrow();
    assertThat(secrets.destroy(acme, secret, samples.event(ACME, "secret.destroyed"))).isTrue();
    assertThat(rotations.find(acme, kept.secret())).isEmpty();
    assertThat(rotations.due(acme, Samples.NOW, null, 10)).isEmpty();
    assertThat(rotations.organizationsWithDue(Samples.NOW, null, 10)).isEmpty();
    assertThat(write(acme, kept.change().row())).isFalse();
  }

  @Test
  void aSuspendedOrganizationIsNotLookedFor() {
    added(acme, "sec_1", Samples.NOW);
    added(globex, "sec_2", Samples.NOW);
    become(ACME, Organization.Status.SUSPENDED);
    assertThat(rotations.organizationsWithDue(Samples.NOW, null, 10)).containsExactly(GLOBEX);
    become(ACME, Organization.Status.ACTIVE);
    assertThat(rotations.organizationsWithDue(Samples.NOW, null, 10)).containsExactly(ACME, GLOBEX);
  }

  @Test
  void thatOfADeletedSecretRests() {
    StoredRotation row = added(acme, "sec_1", Samples.NOW);
    Secret secret = secrets.find(acme, row.ref()).orElseThrow();
    Secret deleted =
        new Secret(
            secret.id(),
            secret.organization(),
            secret.projectId(),
            secret.ref(),
            secret.type(),
            secret.description(),
            secret.stages(),
            secret.maxVersions(),
            secret.expiresAt(),
            Optional.of(Samples.NOW),
            secret.owner(),
            secret.access(),
            secret.createdAt(),
            secret.updatedAt(),
            secret.revision() + 1);
    assertThat(
            secrets.write(
                acme, SecretWrite.change(secret, deleted, samples.event(ACME, "secret.deleted"))))
        .isTrue();

    assertThat(rotations.find(acme, row.secret())).isEmpty();
    assertThat(rotations.due(acme, Samples.NOW, null, 10)).isEmpty();
    assertThat(rotations.list(acme, Samples.NOW.plusSeconds(1), null, 10)).isEmpty();
    assertThat(rotations.organizationsWithDue(Samples.NOW, null, 10)).isEmpty();
  }

  @Test
  void removingWritesItsEvent() {
    StoredRotation row = added(acme, "sec_1", Samples.NOW);
    assertThat(rotations.remove(acme, row.change().row(), samples.event(ACME, "gone"))).isFalse();
    assertThat(rotations.remove(acme, row, samples.event(ACME, "gone"))).isTrue();
    assertThat(rotations.remove(acme, row, samples.event(ACME, "gone"))).isFalse();
    assertThat(rotations.find(acme, row.secret())).isEmpty();
  }

  @Test
  void dueOnesComeByIdInPages() {
    for (int i = 1; i <= 5; i++) {
      added(acme, "sec_" + i, Samples.NOW.plusSeconds(i));
    }
    Instant by = Samples.NOW.plusSeconds(4);

    assertThat(rotations.due(acme, by, null, 10))
        .extracting(row -> row.secret().value())
        .containsExactly("sec_1", "sec_2", "sec_3", "sec_4");
    assertThat(rotations.due(acme, by, "sec_2", 1))
        .extracting(row -> row.secret().value())
        .containsExactly("sec_3");
    assertThat(rotations.list(acme, by, null, 10))
        .extracting(row -> row.secret().value())
        .containsExactly("sec_1", "sec_2", "sec_3");
    assertThat(rotations.list(acme.within(Set.of(Environment.DEVELOPMENT)), by, null, 10))
        .isEmpty();
  }

  @Test
  void onlyIdsCrossTenants() {
    StoredRotation mine = added(acme, "sec_1", Samples.NOW);
    added(globex, "sec_2", Samples.NOW.plusSeconds(60));

    assertThat(rotations.organizationsWithDue(Samples.NOW, null, 10))
        .extracting(OrganizationId::value)
        .containsExactly("acme");
    assertThat(rotations.organizationsWithDue(Samples.NOW.plusSeconds(60), null, 1))
        .containsExactly(ACME);
    assertThat(rotations.organizationsWithDue(Samples.NOW.plusSeconds(60), "acme", 1))
        .containsExactly(GLOBEX);
    assertThat(rotations.find(globex, mine.secret())).isEmpty();
    assertThat(write(globex, mine.change().row())).isFalse();
    assertThat(rotations.remove(globex, mine, samples.event(GLOBEX, "x"))).isFalse();
    assertRefused(
        () ->
            rotations.write(
                acme, mine.change().row(), Optional.of(samples.event(GLOBEX, "foreign"))));
    assertThat(rotations.find(acme, mine.secret())).contains(mine);
  }

  @Test
  void aRowGoesWithTheTransaction() {
    StoredRotation row = first(acme, "sec_1", Samples.NOW);
    try {
      harness.inTransaction(
          acme,
          joined -> {
            assertThat(write(joined, row)).isTrue();
            throw new IllegalStateException("rolled back");
          });
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("rolled back");
    }
    assertThat(rotations.find(acme, row.secret())).isEmpty();
    harness.inTransaction(acme, joined -> write(joined, row));
    assertThat(rotations.find(acme, row.secret())).contains(row);
  }
}
