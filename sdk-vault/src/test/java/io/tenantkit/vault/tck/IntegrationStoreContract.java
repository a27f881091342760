package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.integration.Verdict;
import io.tenantkit.vault.spi.IntegrationStore;
import io.tenantkit.vault.spi.VaultStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage's {@link IntegrationStore} must do. */
public abstract class IntegrationStoreContract extends StorageContract {
  private static final Instant NOW = Samples.NOW;
  private static final Duration LEASE = Duration.ofMinutes(10);

  private IntegrationStore store;

  @BeforeEach
  final void openIntegrations() {
    store = harness.storage().stores(VaultStores.class).orElseThrow().integrations();
  }

  private static Integration row(OrganizationId organization, String id) {
    return new Integration(
        new IntegrationId(id),
        organization,
        "openai",
        Environment.PRODUCTION,
        "The “main” account",
        IntegrationStatus.CONNECTED,
        Map.of("model", "gpt-4o \"x\"", "empty", ""),
        Optional.of(Verdict.VALID_RESTRICTED),
        Optional.of("may not list models – é"),
        3,
        "contract",
        NOW,
        NOW.plusMillis(1),
        Optional.of(NOW.plusMillis(2)),
        Optional.of(NOW.plusMillis(3)),
        NOW.plusMillis(4),
        7);
  }

  private static Integration bare(OrganizationId organization, String id, Environment environment) {
    return new Integration(
        new IntegrationId(id),
        organization,
        "aws",
        environment,
        "n",
        IntegrationStatus.VERIFYING,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        0,
        "contract",
        NOW,
        NOW,
        Optional.empty(),
        Optional.empty(),
        NOW,
        1);
  }

  private static Integration changed(Integration row, IntegrationStatus status, Instant next) {
    return new Integration(
        row.id(),
        row.organization(),
        row.provider(),
        row.environment(),
        "another name",
        status,
        Map.of("a", "b"),
        Optional.of(Verdict.INVALID),
        Optional.of("no"),
        row.credentialVersion() + 1,
        row.createdBy(),
        row.createdAt(),
        NOW.plusSeconds(5),
        row.lastUsedAt(),
        Optional.of(NOW.plusSeconds(5)),
        next,
        row.version() + 1);
  }

  private Integration add(TenantContext context, Integration row) {
    assertThat(store.insert(context, row, event(context, Samples.CREATED_BY_SETUP))).isTrue();
    return row;
  }

  private AuditEvent event(TenantContext context, String action) {
    return samples.event(context.organization(), action);
  }

  @Test
  void aRowIsKeptWholeWithItsEvent() {
    AuditEvent event = event(acme, "integration.created");
    Integration row = row(ACME, "int-1");

    assertThat(store.insert(acme, row, event)).isTrue();

    assertThat(store.find(acme, row.id())).contains(row);
    assertThat(store.list(acme, null, 10)).containsExactly(row);
    assertThat(trail(acme)).containsExactly(event);
    Integration bare = add(acme, bare(ACME, "int-2", Environment.STAGING));
    assertThat(store.find(acme, bare.id())).contains(bare);
  }

  @Test
  void aTakenIdIsFalseAndWritesNothing() {
    Integration row = add(acme, row(ACME, "int-1"));
    List<Object> before = everything(acme);

    assertThat(store.insert(acme, bare(ACME, "int-1", Environment.STAGING), event(acme, "x")))
        .isFalse();

    assertThat(store.find(acme, row.id())).contains(row);
    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void anUnknownOrganizationIsNotFound() {
    assertThatThrownBy(() -> store.insert(nobody, row(NOBODY, "int-1"), samples.event(NOBODY, "x")))
        .isInstanceOf(NotFoundException.class);
    assertThat(store.find(nobody, new IntegrationId("int-1"))).isEmpty();
    assertThat(store.list(nobody, null, 10)).isEmpty();
  }

  @Test
  void listIsByIdAndOfTheEnvironmentsInReach() {
    for (String id : List.of("int-b", "int-a", "int-C")) {
      add(acme, bare(ACME, id, Environment.PRODUCTION));
    }
    add(acme, bare(ACME, "int-d", Environment.DEVELOPMENT));

    assertThat(ids(store.list(acme, null, 10))).containsExactly("int-C", "int-a", "int-b", "int-d");
    assertThat(ids(store.list(acme, "int-a", 1))).containsExactly("int-b");
    assertThat(ids(store.list(acme.within(Set.of(Environment.DEVELOPMENT)), null, 10)))
        .containsExactly("int-d");
  }

  @Test
  void updateHappensAtItsVersionOnlyAndKeepsWhatIsNotItsOwn() {
    Integration row = add(acme, row(ACME, "int-1"));
    Integration wanted = changed(row, IntegrationStatus.ERROR, NOW.plusSeconds(60));
    AuditEvent event = event(acme, "integration.updated");

    assertThat(store.update(acme, wanted, 6, true, Optional.of(event(acme, "x")))).isFalse();
    assertThat(store.find(acme, row.id())).contains(row);
    assertThat(trail(acme)).isEmpty();

    assertThat(store.update(acme, wanted, 7, true, Optional.of(event))).isTrue();
    assertThat(store.find(acme, row.id())).contains(wanted);
    assertThat(trail(acme)).containsExactly(event);
    assertThat(store.update(acme, wanted, 7, true, Optional.empty())).isFalse();
  }

  @Test
  void updateWithoutARescheduleLeavesTheClaim() {
    Integration row = add(acme, row(ACME, "int-1"));
    assertThat(store.claim(acme, row.id(), NOW.plusSeconds(1), NOW.plus(LEASE))).isTrue();

    Integration wanted = changed(row, IntegrationStatus.CONNECTED, row.nextCheckAt());
    assertThat(store.update(acme, wanted, 7, false, Optional.empty())).isTrue();

    Integration kept = store.find(acme, row.id()).orElseThrow();
    assertThat(kept.nextCheckAt()).isEqualTo(NOW.plus(LEASE));
    assertThat(kept.name()).isEqualTo("another name");
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void useIsToldForwardOnly() {
    Integration row = add(acme, row(ACME, "int-1"));

    store.used(acme, row.id(), NOW.plusSeconds(9));
    store.used(acme, row.id(), NOW.plusSeconds(8));

    Integration kept = store.find(acme, row.id()).orElseThrow();
    assertThat(kept.lastUsedAt()).contains(NOW.plusSeconds(9));
    assertThat(kept.version()).isEqualTo(7);
    Integration bare = add(acme, bare(ACME, "int-2", Environment.PRODUCTION));
    store.used(acme, bare.id(), NOW);
    assertThat(store.find(acme, bare.id()).orElseThrow().lastUsedAt()).contains(NOW);
  }

  @Test
  void deleteIsOnce() {
    Integration row = add(acme, row(ACME, "int-1"));
    AuditEvent event = event(acme, "integration.deleted");

    assertThat(store.delete(acme, row.id(), row.version() - 1, event(acme, "x"))).isFalse();
    assertThat(store.delete(acme, row.id(), row.version() + 1, event(acme, "x"))).isFalse();
    assertThat(store.find(acme, row.id())).contains(row);
    assertThat(store.delete(acme, row.id(), row.version(), event)).isTrue();
    assertThat(store.delete(acme, row.id(), row.version(), event(acme, "x"))).isFalse();

    assertThat(store.find(acme, row.id())).isEmpty();
    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void whatIsDueIsNeitherDisabledNorClaimed() {
    Integration due = add(acme, bare(ACME, "int-1", Environment.DEVELOPMENT));
    Integration later = add(globex, row(GLOBEX, "int-2"));
    Integration off = bare(ACME, "int-3", Environment.PRODUCTION);
    add(acme, off);
    assertThat(
            store.update(
                acme, changed(off, IntegrationStatus.DISABLED, NOW), 1, true, Optional.empty()))
        .isTrue();

    assertThat(store.organizationsDue(NOW, null, 10)).containsExactly(ACME);
    assertThat(ids(store.due(acme, NOW, null, 10))).containsExactly("int-1");
    assertThat(store.organizationsDue(NOW.plusSeconds(1), null, 10)).containsExactly(ACME, GLOBEX);
    assertThat(store.organizationsDue(NOW.plusSeconds(1), null, 1)).containsExactly(ACME);
    assertThat(store.organizationsDue(NOW.plusSeconds(1), "acme", 10)).containsExactly(GLOBEX);
    assertThat(store.claim(acme, off.id(), NOW, NOW.plus(LEASE))).isFalse();
    assertThat(store.claim(globex, later.id(), NOW, NOW.plus(LEASE))).isFalse();

    assertThat(store.claim(acme, due.id(), NOW, NOW.plus(LEASE))).isTrue();
    assertThat(store.claim(acme, due.id(), NOW, NOW.plus(LEASE))).isFalse();
    assertThat(store.due(acme, NOW, null, 10)).isEmpty();
    // Whoever claimed it died.
    assertThat(ids(store.due(acme, NOW.plus(LEASE), null, 10))).containsExactly("int-1");
  }

  @Test
  void aSuspendedOrganizationIsNotLookedFor() {
    add(acme, bare(ACME, "int-1", Environment.DEVELOPMENT));
    add(globex, bare(GLOBEX, "int-2", Environment.DEVELOPMENT));
    become(ACME, Organization.Status.SUSPENDED);
    assertThat(store.organizationsDue(NOW, null, 10)).containsExactly(GLOBEX);
    assertThat(store.organizationsDue(NOW, null, 1)).containsExactly(GLOBEX);
    become(ACME, Organization.Status.ACTIVE);
    assertThat(store.organizationsDue(NOW, null, 10)).containsExactly(ACME, GLOBEX);
  }

  @Test
  void ofSeveralClaimsOneGetsIt() throws Exception {
    Integration row = add(acme, bare(ACME, "int-1", Environment.PRODUCTION));
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Boolean>> claims = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Callable<Boolean> claim =
            () -> {
              start.await();
              return store.claim(acme, row.id(), NOW, NOW.plus(LEASE));
            };
        claims.add(threads.submit(claim));
      }
      start.countDown();
      int won = 0;
      for (Future<Boolean> claim : claims) {
        won += claim.get() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anotherTenantsIdIsAnUnknownId() {
    Integration theirs = add(globex, bare(GLOBEX, "int-1", Environment.PRODUCTION));
    IntegrationId unknown = new IntegrationId("int-9");
    List<Object> before = everything(globex);

    for (IntegrationId id : List.of(theirs.id(), unknown)) {
      assertThat(store.find(acme, id)).isEmpty();
      Integration mine = bare(ACME, id.value(), Environment.PRODUCTION);
      assertThat(store.update(acme, mine, 1, true, Optional.of(event(acme, "x")))).isFalse();
      assertThat(store.update(acme, mine, 1, true, Optional.empty())).isFalse();
      assertThat(store.delete(acme, id, 1, event(acme, "x"))).isFalse();
      assertThat(store.claim(acme, id, NOW, NOW.plus(LEASE))).isFalse();
      store.used(acme, id, NOW.plusSeconds(1));
    }
    assertThat(store.list(acme, null, 10)).isEmpty();
    assertThat(store.due(acme, NOW, null, 10)).isEmpty();

    assertThat(store.find(globex, theirs.id())).contains(theirs);
    assertThat(everything(globex)).isEqualTo(before);
    assertThat(trail(acme)).isEmpty();
    // The same id is free in another organization.
    add(acme, bare(ACME, "int-1", Environment.STAGING));
    assertThat(store.find(globex, theirs.id())).contains(theirs);
  }

  @Test
  void aRowOrEventOfAnotherTenantIsRefused() {
    Integration mine = add(acme, row(ACME, "int-1"));
    assertThatThrownBy(() -> store.insert(acme, row(GLOBEX, "int-2"), event(acme, "x")))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> store.insert(acme, row(ACME, "int-2"), samples.event(GLOBEX, "x")))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(
            () -> store.update(acme, mine, 7, true, Optional.of(samples.event(GLOBEX, "x"))))
        .isInstanceOf(TenantkitException.class);
    assertThatThrownBy(() -> store.delete(acme, mine.id(), 7, samples.event(GLOBEX, "x")))
        .isInstanceOf(TenantkitException.class);
    assertThat(store.find(acme, mine.id())).contains(mine);
  }

  @Test
  void verbsJoinTheHostsTransaction() {
    Integration kept = add(acme, row(ACME, "int-1"));
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    joined -> {
                      store.insert(joined, row(ACME, "int-2"), event(acme, "x"));
                      store.delete(joined, kept.id(), kept.version(), event(acme, "x"));
                      store.used(joined, kept.id(), NOW.plusSeconds(1));
                      throw new IllegalStateException("rolled back");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(store.list(acme, null, 10)).containsExactly(kept);
    assertThat(trail(acme)).isEmpty();
  }

  private static List<String> ids(List<Integration> rows) {
    return rows.stream().map(row -> row.id().value()).toList();
  }
}
