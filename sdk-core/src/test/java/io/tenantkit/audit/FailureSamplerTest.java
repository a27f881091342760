package io.tenantkit.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FailureSamplerTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final TenantContext CONTEXT = TenantContext.trusted(ACME, "test");
  private static final Optional<ApiKeyId> KEY = Optional.of(ApiKeyId.of("key_1"));

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final List<Event> events = new ArrayList<>();
  private final InMemoryStorage storage = InMemoryStorage.create();
  private final CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
  private ControlPlane plane;
  private FailureSampler sampler;

  @BeforeEach
  void open() {
    plane =
        ControlPlane.builder(
                storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .clock(clock)
            .listener(events::add)
            .manualMaintenance()
            .build();
    Samples samples = new Samples();
    for (OrganizationId id : List.of(ACME, GLOBEX)) {
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "test"),
              samples.organization(id, "Name"),
              samples.event(id, "created"));
    }
    sampler = new AuditTrail(plane.runtime(), AuditSettings.DEFAULT).failures();
  }

  @AfterEach
  void close() {
    plane.close();
  }

  @Test
  void floodGivesTenRowsAMinuteAndTheCountOfTheRest() {
    fail(Optional.of(ACME), 1_000);
    assertThat(rows()).as("nothing is written on the way of a verification").isEmpty();

    plane.runDue(clock.instant());
    assertThat(rows()).hasSize(10).allMatch(row -> row.details().get("suppressed").equals("0"));
    assertThat(failures()).hasSize(10);

    clock.tick(Duration.ofMinutes(1));
    fail(Optional.of(ACME), 1);
    clock.tick(Duration.ofSeconds(10));
    plane.runDue(clock.instant());

    AuditEvent last = rows().get(10);
    assertThat(rows()).hasSize(11);
    assertThat(last.action()).isEqualTo("api_key.verification_failed");
    assertThat(last.targetId()).isEqualTo("key_1");
    assertThat(last.details()).containsEntry("suppressed", "990").containsEntry("reasons", "A B");
    assertThat(plane.audit().verify(CONTEXT)).isInstanceOf(ChainVerification.Intact.class);
  }

  @Test
  void organizationsAndUnknownKeysHaveBudgetsOfTheirOwn() {
    fail(Optional.of(ACME), 100);
    fail(Optional.of(GLOBEX), 3);
    fail(Optional.empty(), 100);
    plane.runDue(clock.instant());

    assertThat(failures()).hasSize(23);
    assertThat(failures().stream().filter(event -> event.organization().isEmpty())).hasSize(10);
  }

  @Test
  void threadsShareOneBudgetExactly() {
    Race.of(
        8,
        10_000,
        i -> {
          fail(Optional.of(ACME), 1);
          return true;
        });
    clock.tick(Duration.ofMinutes(1));
    fail(Optional.of(ACME), 1);
    plane.runDue(clock.instant());

    assertThat(rows()).hasSize(11);
    assertThat(
            rows().stream().mapToLong(row -> Long.parseLong(row.details().get("suppressed"))).sum())
        .isEqualTo(9_990);
  }

  @Test
  void manyOrganizationsAreBoundedInMemoryAndStillSampled() {
    IntStream.range(0, FailureSampler.MAX_ORGANIZATIONS + 1_000)
        .forEach(i -> fail(Optional.of(OrganizationId.of("org-" + i)), 1));

    assertThat(sampler.counted()).isEqualTo(FailureSampler.MAX_ORGANIZATIONS);
    clock.tick(Duration.ofMinutes(1));
    plane.runDue(clock.instant());
    assertThat(sampler.counted()).isZero();
  }

  @Test
  void tenantOverItsLimitHidesNoRevokedKeyAndWritesNoRows() {
    refuse(Optional.of(ACME), 1_000, "RATE_LIMITED");
    refuse(Optional.of(ACME), 1_000, "QUOTA_EXCEEDED", "RATE_LIMITED");
    refuse(Optional.of(ACME), 1, "REVOKED");
    refuse(Optional.of(ACME), 1, "RATE_LIMITED", "EXPIRED");
    plane.runDue(clock.instant());

    assertThat(failures()).hasSize(12);
    assertThat(rows())
        .extracting(row -> row.details().get("reasons"))
        .containsExactly("REVOKED", "EXPIRED RATE_LIMITED");

    clock.tick(Duration.ofMinutes(1));
    refuse(Optional.of(ACME), 1, "QUOTA_EXCEEDED");
    plane.runDue(clock.instant());
    assertThat(failures().get(12).details())
        .containsEntry("suppressed", "1990")
        .containsEntry("reasons", "QUOTA_EXCEEDED");
    assertThat(rows()).hasSize(2);
  }

  @Test
  void clockSetBackOpensNoSecondBudget() {
    fail(Optional.of(ACME), 10);
    clock.tick(Duration.ofMinutes(-5));
    fail(Optional.of(ACME), 10);
    plane.runDue(clock.instant());

    assertThat(rows()).hasSize(10);
  }

  @Test
  void closingWritesWhatWaits() {
    fail(Optional.of(ACME), 2);

    plane.close();

    assertThat(rows()).hasSize(2);
  }

  private void fail(Optional<OrganizationId> organization, int times) {
    refuse(organization, times, "B", "A");
  }

  private void refuse(Optional<OrganizationId> organization, int times, String... reasons) {
    for (int i = 0; i < times; i++) {
      sampler.failed(
          organization, organization.flatMap(any -> KEY), Set.of(reasons), clock.millis());
    }
  }

  private List<Event> failures() {
    return events.stream().filter(event -> event.type() == EventType.VERIFICATION_FAILED).toList();
  }

  private List<AuditEvent> rows() {
    return stores.audit().list(CONTEXT, null, 10_000).stream()
        .filter(event -> !event.action().equals("created"))
        .toList();
  }
}
