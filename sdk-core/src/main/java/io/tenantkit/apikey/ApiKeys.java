package io.tenantkit.apikey;

import io.tenantkit.audit.FailureSampler;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.OrganizationId;

/**
 * The API key room as a control plane assembles it. Hosts call {@link
 * io.tenantkit.ControlPlane#apiKeys()}.
 */
public final class ApiKeys {
  private final KeyVerifier verifier;
  private final ApiKeyManager manager;
  private final LeakedKeys leakedKeys;

  /**
   * The room over this runtime.
   *
   * @param failures takes refused verifications
   */
  public ApiKeys(PlaneRuntime runtime, FailureSampler failures) {
    this.verifier = new KeyVerifier(runtime, failures);
    this.manager = new DefaultApiKeyManager(runtime, verifier);
    this.leakedKeys = new DefaultLeakedKeys(runtime, verifier);
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

  /** Forgets what is cached of this organization, because it was suspended or activated. */
  public void organizationChanged(OrganizationId organization) {
    verifier.evict(organization);
  }
}
