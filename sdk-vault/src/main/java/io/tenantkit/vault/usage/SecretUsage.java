package io.tenantkit.vault.usage;

import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.integration.IntegrationId;
import java.time.Instant;
import java.util.Optional;

/**
 * Answers who used which secret, how often, when and at what cost. Needs {@link
 * io.tenantkit.tenant.Scopes#USAGE_READ}, and tells of the environments that the context reaches
 * and no others. Use shows about ten seconds after it happened, findings about ten minutes. All
 * days and hours are UTC's. Safe for use by several threads; blocks on the storage.
 */
public interface SecretUsage {

  /** The usage of a vault's secrets. */
  static SecretUsage of(SecretVault vault) {
    return new StoredSecretUsage(vault);
  }

  /** Sums of uses, by key. */
  Page<UsageLine> list(TenantContext context, UsageQuery query, PageRequest page);

  /** When a secret was used first and last; empty when it never was, or is not known. */
  Optional<UseTimes> times(TenantContext context, SecretId secret);

  /**
   * Cost by secret, day, unit and currency.
   *
   * @param secret of this one only
   */
  Page<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      Optional<SecretId> secret,
      PageRequest page);

  /**
   * Cost of an integration, by day, unit and currency: that of its credential, through all of its
   * versions. What a deleted one cost stays under its credential's id.
   *
   * @throws io.tenantkit.NotFoundException when there is no such integration that the context sees
   */
  Page<CostLine> costs(
      TenantContext context,
      Instant from,
      Instant until,
      IntegrationId integration,
      PageRequest page);

  /** What was unusual, by day; days that the time touches count whole. */
  Page<Finding> findings(TenantContext context, Instant from, Instant until, PageRequest page);

  /**
   * Notes what a call with a secret consumed. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_USE}
   * and the secret's environment in reach. It is written as uses are, so it does not block, and a
   * process that is killed loses what was not written.
   *
   * @param secret as the vault gave it
   */
  void reportUnits(TenantContext context, Secret secret, ReportedUnits units);

  /**
   * As with the secret itself, which is looked up first: that needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ} too, and blocks.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  void reportUnits(TenantContext context, SecretRef ref, ReportedUnits units);

  /**
   * Notes what a call with an integration's credential consumed. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_USE}, as its use does, and blocks.
   *
   * @throws io.tenantkit.NotFoundException when there is no such integration that the context sees
   */
  void reportUnits(TenantContext context, IntegrationId integration, ReportedUnits units);
}
