package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.ObservedStorage;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A control plane over an observed in-memory storage, with two organizations. */
abstract class ApiKeyTestBase {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final OrganizationId GLOBEX = OrganizationId.of("globex");
  static final Instant START = Instant.parse("2026-11-21T12:00:00.123456Z");

  final TickingClock clock = TickingClock.at(START);
  final ObservedStorage storage = new ObservedStorage(Storage.inMemory());

  /** What the planes' hosts were told. */
  final List<Event> heard = new CopyOnWriteArrayList<>();

  final Operator operator = Operator.trusted("ops", "unit test");
  final TenantContext acme = TenantContext.trusted(ACME, "host");
  final TenantContext globex = TenantContext.trusted(GLOBEX, "host");

  ControlPlane plane;
  ApiKeyManager keys;

  @BeforeEach
  final void openPlane() {
    plane = newPlane();
    keys = plane.apiKeys();
    plane.organizations().create(operator, ACME, "Acme");
    plane.organizations().create(operator, GLOBEX, "Globex");
  }

  @AfterEach
  final void closePlane() {
    plane.close();
    storage.close();
  }

  /** Another node on the same storage and clock. */
  final ControlPlane newPlane() {
    return ControlPlane.builder(storage, masterKeys())
        .clock(clock)
        .listener(heard::add)
        .manualMaintenance()
        .build();
  }

  /** Time passes, and each plane does what is due, as its thread would about every second. */
  final void live(Duration span, ControlPlane... planes) {
    Duration step = Duration.ofMillis(500);
    for (Duration lived = Duration.ZERO; lived.compareTo(span) < 0; lived = lived.plus(step)) {
      clock.tick(step);
      for (ControlPlane each : planes) {
        each.runDue(clock.instant());
      }
    }
  }

  /** Not a key of anything: the bytes 0 to 31. */
  static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) i);
    return MasterKeys.of(MasterKey.of(bytes));
  }

  final IssuedApiKey create(String... scopes) {
    return keys.create(acme, NewApiKey.live("sample").scopes(scopes));
  }

  static String text(IssuedApiKey issued) {
    return issued.secret().string(SecretAccess.get());
  }

  final Verdict verify(IssuedApiKey issued) {
    return keys.verify(text(issued), ScopeQuery.none());
  }

  static void assertValid(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Valid.class);
  }

  static void assertRefused(Verdict verdict, Verdict.Reason... reasons) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.reasons()).containsExactly(reasons));
  }

  /** The events of keys in a tenant's trail. */
  final List<AuditEvent> trail(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(1_000)).items().stream()
        .filter(event -> event.targetType().equals("api_key"))
        .toList();
  }

  final List<String> actions(TenantContext context) {
    return trail(context).stream().map(AuditEvent::action).toList();
  }
}
