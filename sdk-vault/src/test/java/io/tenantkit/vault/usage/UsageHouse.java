package io.tenantkit.vault.usage;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.event.Event;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.SecretUsageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A vault over an in-memory storage whose due work the test runs, and what it tells. */
final class UsageHouse implements AutoCloseable {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final OrganizationId GLOBEX = OrganizationId.of("globex");
  static final Instant START = Instant.parse("2026-03-02T10:15:00Z");
  static final Actor ADA = new Actor(Actor.Kind.USER, "ada");

  final TickingClock clock = TickingClock.at(START);
  final InMemoryStorage storage = InMemoryStorage.create();
  final List<Event> events = new ArrayList<>();
  final ControlPlane plane = open();
  final TenantContext acme = TenantContext.trusted(ACME, ADA);
  final TenantContext globex = TenantContext.trusted(GLOBEX, "globex-host");
  final SecretVault vault;
  final SecretUsage usage;

  UsageHouse() {
    Operator operator = Operator.trusted("operator", "tests");
    plane.organizations().create(operator, ACME, "Acme");
    plane.organizations().create(operator, GLOBEX, "Globex");
    vault = SecretVault.of(plane);
    usage = SecretUsage.of(vault);
  }

  /** Another node on the same rows. */
  ControlPlane open() {
    byte[] key = new byte[32];
    new InsecureFixedRandom(1).nextBytes(key);
    return ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(key)))
        .clock(clock)
        .listener(events::add)
        .manualMaintenance()
        .build();
  }

  static TenantContext as(String user) {
    return TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, user));
  }

  static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  Secret put(String name) {
    return vault.put(acme, ref(name), SecretValue.of("value of " + name));
  }

  void use(TenantContext context, String name) {
    vault.use(context, ref(name), "test", value -> "used");
  }

  void use(TenantContext context, String name, String tool) {
    vault.useFields(
        context,
        ref(name),
        new Purpose(
            "secret.used", "test", Map.of(SecretUses.TOOL, tool, SecretUses.ADDRESS, "192.0.2.7")),
        fields -> "used");
  }

  /** Time passes, and all work is done. */
  void later(Duration duration) {
    clock.tick(duration);
    plane.runDue(clock.instant());
    // What was written is judged with the next.
    clock.tick(UsageUpkeep.INTERVAL);
    plane.runDue(clock.instant());
  }

  void flush() {
    vault.uses().flush();
  }

  SecretUsageStore rows() {
    return InMemoryVaultStores.in(storage).secretUsage();
  }

  List<UsageLine> lines(TenantContext context, UsageQuery.By by) {
    return usage
        .list(
            context,
            UsageQuery.by(
                by, START.minus(Duration.ofDays(400)), START.plus(Duration.ofDays(4_000))),
            PageRequest.first(1_000))
        .items();
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
  }
}
