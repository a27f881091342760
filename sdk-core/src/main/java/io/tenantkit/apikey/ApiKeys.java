package io.tenantkit.apikey;

import io.tenantkit.audit.FailureSampler;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;

/**
 * The API key room as a control plane assembles it. Hosts call {@link
 * io.tenantkit.ControlPlane#apiKeys()}.
 */
public final class ApiKeys {
  /** How often keys that are used in their grace are reported, when there are any. */
  private static final Duration GRACE_INTERVAL = Duration.ofMinutes(1);

  private final KeyVerifier verifier;
  private final KeyPolicies policies;
  private final ApiKeyManager manager;
  private final LeakedKeys leakedKeys;

  /**
   * The room over this runtime.
   *
   * @param failures takes refused verifications
   * @param expiryNotice how long before its end a key is reported
   */
  public ApiKeys(PlaneRuntime runtime, FailureSampler failures, Duration expiryNotice) {
    GraceReporter grace = new GraceReporter(runtime);
    this.verifier = new KeyVerifier(runtime, failures, grace);
    this.policies = new KeyPolicies(runtime);
    this.manager =
        new DefaultApiKeyManager(
            runtime.coreStores(), verifier, new KeyWriter(runtime, verifier, policies));
    this.leakedKeys = new DefaultLeakedKeys(runtime, verifier);
    runtime.maintenance().every("api-keys.grace", GRACE_INTERVAL, grace);
    runtime
        .maintenance()
        .every("api-keys.alerts", KeyAlerts.INTERVAL, new KeyAlerts(runtime, expiryNotice));
    // The last first: once no key is verified any more, what was seen of those in grace is told.
    runtime.onClose().accept(() -> grace.run(runtime.now()));
    runtime.onClose().accept(verifier::close);
  }

  /** What hosts see. */
  public ApiKeyManager manager() {
    return manager;
  }

  /** What takes scanners' reports. */
  public LeakedKeys leakedKeys() {
    return leakedKeys;
  }

  /** Forgets what is cached of this organization, because it was suspended or configured. */
  public void organizationChanged(OrganizationId organization) {
    policies.evict(organization);
    verifier.evict(organization);
  }
}
