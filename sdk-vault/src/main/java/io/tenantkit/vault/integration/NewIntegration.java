package io.tenantkit.vault.integration;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.Texts;
import io.tenantkit.tenant.Environment;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An integration to be created. The values stay the caller's to close.
 *
 * @param provider whose template it follows
 * @param environment where it belongs
 * @param name for people, 1 to 128 characters
 * @param credential the template's secret fields
 * @param config the template's other fields, and settings of the host's own: at most 48 in all, of
 *     1,024 characters, never secret
 */
public record NewIntegration(
    String provider,
    Environment environment,
    String name,
    Map<String, SecretValue> credential,
    Map<String, String> config) {

  public NewIntegration {
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(environment, "environment");
    Texts.require("name", name, 128);
    credential = Collections.unmodifiableMap(new TreeMap<>(credential));
    ConfigRules.require(config);
    config = Collections.unmodifiableMap(new TreeMap<>(config));
  }

  /** Provider, environment and the names of fields. */
  @Override
  public String toString() {
    return "NewIntegration["
        + provider
        + ", "
        + environment
        + ", "
        + credential.size()
        + " secret fields, config "
        + config.keySet()
        + "]";
  }
}
