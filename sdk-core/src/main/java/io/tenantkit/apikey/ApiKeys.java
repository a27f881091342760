package io.tenantkit.apikey;

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

  /** The room over this runtime. */
  public ApiKeys(PlaneRuntime runtime) {
    this(runtime, KeyAlerts.DEFAULT_EXPIRY_NOTICE);
  }

  /**
   * The room over this runtime.
   *
   * @param expiryNotice how long before its end a key is reported
   */
  public ApiKeys(PlaneRuntime runtime, Duration expiryNotice) {
    GraceReporter grace = new GraceReporter(runtime);
    this.verifier = new KeyVerifier(runtime, grace);
    this.policies = new KeyPolicies(runtime);
    this.manager =
        new DefaultApiKeyManager(
            runtime.coreStores(), verifier, new KeyWriter(runtime, verifier, policies));
    runtime.maintenance().every("api-keys.grace", GRACE_INTERVAL, grace);
    runtime
        .maintenance()
        .every("api-keys.alerts", KeyAlerts.INTERVAL, new KeyAlerts(runtime, expiryNotice));
    runtime.onClose().accept(verifier::close);
  }

  /** What hosts see. */
  public ApiKeyManager manager() {
    return manager;
  }

  /** Forgets what is cached of this organization, because it was suspended or configured. */
  public void organizationChanged(OrganizationId organization) {
    policies.evict(organization);
    verifier.evict(organization);
  }
}
