package io.tenantkit.ratelimit;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.metric.Metrics;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;

/**
 * Nodes on one storage and one clock, which is their steady counter too. Nothing runs by itself.
 */
final class Nodes {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final OrganizationId GLOBEX = OrganizationId.of("globex");

  final TickingClock clock = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));
  final Storage storage = InMemoryStorage.create();
  private final MasterKeys masterKeys;

  Nodes() {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (7 * i + 1);
    }
    masterKeys = MasterKeys.of(MasterKey.of(key));
    try (ControlPlane plane = plane(Metrics.none())) {
      for (OrganizationId id : new OrganizationId[] {ACME, GLOBEX}) {
        plane.organizations().create(Operator.trusted("test", "limits"), id, "Name");
      }
    }
  }

  ControlPlane plane(Metrics metrics) {
    return ControlPlane.builder(storage, masterKeys)
        .clock(clock)
        .metrics(metrics)
        .manualMaintenance()
        .build();
  }

  RateLimitStore store() {
    return storage.stores(CoreStores.class).orElseThrow().rateLimits();
  }

  /** A node whose leases are fetched at once, by the thread that uses them. */
  DefaultRateLimiter limiter(ControlPlane plane) {
    return limiter(plane, store());
  }

  DefaultRateLimiter limiter(ControlPlane plane, RateLimitStore store) {
    return DefaultRateLimiter.of(plane.runtime(), store, this::now, Runnable::run);
  }

  DefaultRateLimiter limiter() {
    return limiter(plane(Metrics.none()));
  }

  long now() {
    return RateLimiter.nanos(clock.instant());
  }

  void tick(long nanos) {
    clock.tick(Duration.ofNanos(nanos));
  }
}
