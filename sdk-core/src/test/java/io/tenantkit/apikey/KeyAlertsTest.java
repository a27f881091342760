package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.OrganizationSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Notices on keys, from two planes on one storage: each is given once. */
class KeyAlertsTest extends ApiKeyTestBase {
  private static final Duration DAY = Duration.ofDays(1);

  private ControlPlane one;
  private ControlPlane two;

  @BeforeEach
  void openTwoPlanes() {
    one = listening().build();
    two = listening().build();
  }

  @AfterEach
  void closeTwoPlanes() {
    one.close();
    two.close();
  }

  private ControlPlane.Builder listening() {
    return ControlPlane.builder(storage, masterKeys())
        .clock(clock)
        .listener(heard::add)
        .manualMaintenance();
  }

  /** What both planes tell of now. */
  private List<Event> due() {
    heard.clear();
    one.runDue(clock.instant());
    two.runDue(clock.instant());
    return heard.stream().filter(event -> event.type().name().contains("KEY")).toList();
  }

  private void ask(KeyPolicy policy) {
    plane
        .organizations()
        .configure(operator, ACME, OrganizationSettings.defaults().withKeys(policy));
  }

  private void assertOne(
      List<Event> events, EventType type, ApiKey key, String detail, String value) {
    assertThat(events).hasSize(1);
    Event event = events.get(0);
    assertThat(event.type()).isEqualTo(type);
    assertThat(event.at()).isEqualTo(clock.instant());
    assertThat(event.organization()).contains(ACME);
    assertThat(event.subject()).isEqualTo(key.id().value());
    assertThat(event.details()).containsEntry("name", key.name()).containsEntry(detail, value);
  }

  @Test
  void keyThatEndsSoonIsToldOfOnce() {
    ApiKey key = keys.create(acme, NewApiKey.live("ending").lifetime(DAY.multipliedBy(10))).key();
    create();
    clock.tick(DAY.multipliedBy(3).minusSeconds(1));
    assertThat(due()).isEmpty();
    clock.tick(Duration.ofMinutes(10));

    assertOne(
        due(), EventType.KEY_NEAR_EXPIRY, key, "expiresAt", key.expiresAt().orElseThrow() + "");
    for (int day = 0; day < 9; day++) {
      clock.tick(DAY);
      assertThat(due()).as("day %s", day).isEmpty();
    }
  }

  @Test
  void howSoonIsTheHostsSetting() {
    keys.create(acme, NewApiKey.live("ending").lifetime(DAY.multipliedBy(10)));
    try (ControlPlane early = listening().expiryNotice(DAY.multipliedBy(10)).build()) {
      early.runDue(clock.instant());
    }

    assertThat(heard).extracting(Event::type).containsOnlyOnce(EventType.KEY_NEAR_EXPIRY);
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(366))) {
      assertThatThrownBy(() -> listening().expiryNotice(wrong))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void keyOlderThanThePolicyWantsIsToldOfOnceADay() {
    ApiKey key = create().key();
    ask(KeyPolicy.none().withRotateAfter(DAY.multipliedBy(30)));
    clock.tick(DAY.multipliedBy(30).minusSeconds(1));
    assertThat(due()).isEmpty();
    clock.tick(Duration.ofMinutes(10));

    assertOne(
        due(),
        EventType.KEY_ROTATION_DUE,
        key,
        "dueAt",
        START.plus(DAY.multipliedBy(30)).toString());
    clock.tick(DAY.minusSeconds(1));
    assertThat(due()).isEmpty();
    clock.tick(Duration.ofMinutes(10));
    assertThat(due()).extracting(Event::type).containsExactly(EventType.KEY_ROTATION_DUE);
    keys.rotate(acme, key.id(), Rotation.withGrace(DAY.multipliedBy(20)));
    clock.tick(DAY.multipliedBy(2));
    assertThat(due()).isEmpty();
  }

  @Test
  void keyThatNobodyUsesIsToldOfOnceADay() {
    ApiKey key = create().key();
    keys.disable(acme, create().key().id());
    ask(KeyPolicy.none().withUnusedAfter(DAY));
    clock.tick(DAY);
    assertThat(due()).isEmpty();
    clock.tick(Duration.ofMinutes(10));

    assertOne(due(), EventType.KEY_UNUSED, key, "lastUsedAt", START.toString());
    clock.tick(Duration.ofHours(23));
    assertThat(due()).isEmpty();
    clock.tick(Duration.ofHours(1));
    assertThat(due()).extracting(Event::type).containsExactly(EventType.KEY_UNUSED);
  }

  @Test
  void manyOrganizationsAndKeysAreAllWalked() {
    for (int i = 0; i < 230; i++) {
      io.tenantkit.tenant.OrganizationId id = io.tenantkit.tenant.OrganizationId.of("many-" + i);
      plane.organizations().create(operator, id, "Many");
      keys.create(
          io.tenantkit.tenant.TenantContext.trusted(id, "host"),
          NewApiKey.live("ending").lifetime(DAY));
    }
    for (int i = 0; i < 230; i++) {
      keys.create(acme, NewApiKey.live("ending").lifetime(DAY));
    }

    assertThat(due()).hasSize(460).extracting(Event::subject).doesNotHaveDuplicates();
    clock.tick(Duration.ofMinutes(10));
    assertThat(due()).isEmpty();
  }

  @Test
  void useOfAnOldKeyInItsGraceIsToldOfOnceAnHour() {
    IssuedApiKey old = create();
    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofHours(3)));
    for (ControlPlane each : List.of(one, two)) {
      for (int i = 0; i < 10; i++) {
        assertValid(each.apiKeys().verify(text(old), ScopeQuery.none()));
        assertValid(each.apiKeys().verify(text(next), ScopeQuery.none()));
      }
    }

    List<Event> events = due();
    assertThat(events).hasSize(1);
    assertThat(events.get(0).type()).isEqualTo(EventType.OLD_KEY_USED);
    assertThat(events.get(0).subject()).isEqualTo(old.key().id().value());
    assertThat(events.get(0).details())
        .containsEntry("successor", next.key().id().value())
        .containsEntry("endsAt", START.plus(Duration.ofHours(3)).toString());
    for (int i = 0; i < 3; i++) {
      clock.tick(Duration.ofMinutes(20).minusSeconds(1));
      assertValid(one.apiKeys().verify(text(old), ScopeQuery.none()));
      assertThat(due()).isEmpty();
    }
    clock.tick(Duration.ofMinutes(1));
    assertValid(one.apiKeys().verify(text(old), ScopeQuery.none()));
    assertValid(two.apiKeys().verify(text(old), ScopeQuery.none()));
    assertThat(due()).hasSize(1);
    // Nobody used it again.
    clock.tick(Duration.ofHours(1));
    assertThat(due()).isEmpty();
  }

  @Test
  void refusedUseOfAnOldKeyIsNotUse() {
    IssuedApiKey old = create();
    keys.rotate(acme, old.key().id(), Rotation.withGrace(Duration.ofHours(3)));
    assertRefused(
        one.apiKeys().verify(text(old), ScopeQuery.of("agents:read")),
        Verdict.Reason.INSUFFICIENT_SCOPE);

    assertThat(due()).isEmpty();
  }
}
