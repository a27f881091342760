package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.security.SecureRandom;
import java.time.Duration;

/** A control plane with one organization, as every benchmark needs it. */
final class Fixture {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final TenantContext CONTEXT = TenantContext.trusted(ACME, "benchmark");

  private static final Duration LONG = Duration.ofMinutes(5);

  private Fixture() {}

  /** Opens a control plane whose cached keys outlive the longest run, and adds the organization. */
  static ControlPlane open(Storage storage) {
    return open(storage, LONG);
  }

  /** Opens a control plane whose keys are looked up again after so long, and adds the organization. */
  static ControlPlane open(Storage storage, Duration revocationBound) {
    ControlPlane plane = plane(storage, revocationBound);
    plane.organizations().create(Operator.trusted("benchmark", "measuring"), ACME, "Acme");
    return plane;
  }

  /** As {@link #open(Storage)}, and it does nothing by itself: no change feed evicts a key. */
  static ControlPlane still(Storage storage) {
    return still(storage, LONG);
  }

  /** As {@link #open(Storage, Duration)}, and it does nothing by itself. */
  static ControlPlane still(Storage storage, Duration revocationBound) {
    ControlPlane plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(random(32))))
            .revocationBound(revocationBound)
            .manualMaintenance()
            .build();
    plane.organizations().create(Operator.trusted("benchmark", "measuring"), ACME, "Acme");
    return plane;
  }

  /** Opens a control plane whose cached keys outlive the longest run. */
  static ControlPlane plane(Storage storage) {
    return plane(storage, LONG);
  }

  private static ControlPlane plane(Storage storage, Duration revocationBound) {
    return ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(random(32))))
        .revocationBound(revocationBound)
        .build();
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}
