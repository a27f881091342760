package io.tenantkit.livekit;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import java.util.Objects;

/**
 * What a host has kept of a tenant: a JSON text whose member {@code livekit} has {@code
 * server_url}, {@code api_key} and {@code api_secret}.
 *
 * @param organization whose
 * @param environment where they hold
 * @param json the text, which stays the caller's to close
 */
public record TenantSettings(
    OrganizationId organization, Environment environment, SecretValue json) {
  /** The most of one import. */
  public static final int MAX_BATCH = 10_000;

  /** Checks that all is there. */
  public TenantSettings {
    Objects.requireNonNull(organization, "organization");
    Objects.requireNonNull(environment, "environment");
    Objects.requireNonNull(json, "json");
  }

  /** Of production. */
  public static TenantSettings of(OrganizationId organization, SecretValue json) {
    return new TenantSettings(organization, Environment.PRODUCTION, json);
  }
}
