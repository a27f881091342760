package io.tenantkit.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PartlyFailingStorage;
import io.tenantkit.StorageException;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
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

/** The trail of one organization, the first by its id, is locked or damaged. */
final class OneBadOrganizationTest {
  private static final OrganizationId BAD = OrganizationId.of("a-bad");
  private static final OrganizationId GOOD = OrganizationId.of("b-good");
  private static final OrganizationId LAST = OrganizationId.of("c-last");
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private final StorageException locked =
      new StorageException(ErrorCode.STORAGE_BUSY, "the trail is locked");

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final List<Event> events = new ArrayList<>();
  private final PartlyFailingStorage storage = new PartlyFailingStorage(InMemoryStorage.create());
  private final CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
  private final Samples samples = new Samples();
  private ControlPlane plane;
  private FailureSampler sampler;

  @BeforeEach
  void open() {
    plane =
        ControlPlane.builder(
                storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .clock(clock)
            .listener(events::add)
            .audit(AuditSettings.DEFAULT.withRetention(Duration.ofDays(1)))
            .manualMaintenance()
            .build();
    List.of(BAD, GOOD, LAST).forEach(this::insert);
    sampler = new AuditTrail(plane.runtime(), AuditSettings.DEFAULT).failures();
  }

  @AfterEach
  void close() {
    storage.heal();
    plane.close();
  }

  @Test
  void signingGoesOnAndTheFirstFailureIsReported() {
    storage.fail(BAD, locked);

    plane.runDue(clock.instant());

    assertThat(of(EventType.AUDIT_CHECKPOINT))
        .flatExtracting(event -> event.organization().stream().toList())
        .contains(GOOD, LAST)
        .doesNotContain(BAD);
    assertThat(reported("audit.checkpoints")).isEqualTo("STORAGE_BUSY");

    storage.heal();
    clock.tick(Duration.ofMinutes(5));
    plane.runDue(clock.instant());
    assertThat(of(EventType.AUDIT_CHECKPOINT))
        .flatExtracting(event -> event.organization().stream().toList())
        .contains(BAD);
  }

  @Test
  void retentionGoesOn() {
    plane.runDue(clock.instant());
    clock.tick(Duration.ofDays(2));
    storage.fail(BAD, new IllegalStateException("a damaged row"));

    plane.runDue(clock.instant());

    assertThat(actions(GOOD)).containsExactly("audit.pruned");
    assertThat(actions(LAST)).containsExactly("audit.pruned");
    assertThat(reported("audit.retention")).isEqualTo("java.lang.IllegalStateException");
    storage.heal();
    assertThat(actions(BAD)).containsExactly("created");
  }

  @Test
  void samplesOfTheOthersAreWrittenAndItsOwnLater() {
    plane.runDue(clock.instant());
    fail(BAD);
    fail(BAD);
    fail(GOOD);
    storage.fail(BAD, locked);
    int before = storage.failed();

    clock.tick(Duration.ofSeconds(10));
    plane.runDue(clock.instant());

    assertThat(actions(GOOD)).containsExactly("created", "api_key.verification_failed");
    assertThat(storage.failed() - before).as("a locked trail is waited for once only").isOne();
    assertThat(reported("audit.failures")).isEqualTo("STORAGE_BUSY");

    storage.heal();
    clock.tick(Duration.ofSeconds(10));
    plane.runDue(clock.instant());
    assertThat(actions(BAD))
        .containsExactly("created", "api_key.verification_failed", "api_key.verification_failed");
  }

  @Test
  void databaseThatCannotBeReachedIsAskedOnceOnly() {
    StorageException down =
        new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "the database cannot be reached");
    List.of(BAD, GOOD, LAST).forEach(each -> storage.fail(each, down));
    CheckpointSigner signer = signer();

    assertThat(catchThrowable(() -> signer.signDue(clock.instant()))).isSameAs(down);
    assertThat(storage.failed()).isOne();
  }

  @Test
  void fiveThousandCheckpointsAreAllHeard() {
    List<OrganizationId> many =
        IntStream.range(0, 5_000).mapToObj(i -> OrganizationId.of("org-" + i)).toList();
    many.forEach(this::insert);

    plane.runDue(clock.instant());

    assertThat(of(EventType.AUDIT_CHECKPOINT))
        .flatExtracting(event -> event.organization().stream().toList())
        .containsAll(many);
  }

  private CheckpointSigner signer() {
    AuditKeys keys = new AuditKeys(plane.runtime());
    return new CheckpointSigner(plane.runtime(), keys, new ChainVerifier(stores, keys));
  }

  private void insert(OrganizationId id) {
    stores
        .organizations()
        .insert(OPERATOR, samples.organization(id, "Name"), samples.event(id, "created"));
  }

  private void fail(OrganizationId organization) {
    sampler.failed(Optional.of(organization), Optional.empty(), Set.of("REVOKED"), clock.millis());
  }

  private List<Event> of(EventType type) {
    return events.stream().filter(event -> event.type() == type).toList();
  }

  /** The one error that this piece of work was reported with, by the plane's trail or ours. */
  private String reported(String work) {
    List<String> errors =
        of(EventType.MAINTENANCE_FAILED).stream()
            .filter(event -> event.subject().equals(work))
            .map(event -> event.details().get("error"))
            .distinct()
            .toList();
    assertThat(errors).hasSize(1);
    return errors.get(0);
  }

  private List<String> actions(OrganizationId organization) {
    return stores.audit().list(TenantContext.trusted(organization, "test"), null, 100).stream()
        .map(AuditEvent::action)
        .toList();
  }
}
