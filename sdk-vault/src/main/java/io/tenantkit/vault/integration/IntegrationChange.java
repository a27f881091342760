package io.tenantkit.vault.integration;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.Texts;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is to change of an integration; what is not named stays. The values stay the caller's to
 * close. Immutable.
 */
public final class IntegrationChange {
  private final Optional<String> name;
  private final Optional<Map<String, String>> config;
  private final Optional<Map<String, SecretValue>> credential;

  private IntegrationChange(
      Optional<String> name,
      Optional<Map<String, String>> config,
      Optional<Map<String, SecretValue>> credential) {
    this.name = name;
    this.config = config;
    this.credential = credential;
  }

  /** Nothing yet. */
  public static IntegrationChange none() {
    return new IntegrationChange(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Another name. */
  public IntegrationChange name(String newName) {
    return new IntegrationChange(
        Optional.of(Texts.require("name", newName, 128)), config, credential);
  }

  /**
   * Other settings instead of all there are. Fields of the template that are left out keep what
   * they are; they change only together with the credential, for they say where it goes.
   */
  public IntegrationChange config(Map<String, String> newConfig) {
    ConfigRules.require(newConfig);
    return new IntegrationChange(
        name, Optional.of(Collections.unmodifiableMap(new TreeMap<>(newConfig))), credential);
  }

  /** Another credential: all its secret fields. */
  public IntegrationChange credential(Map<String, SecretValue> newCredential) {
    return new IntegrationChange(
        name, config, Optional.of(Collections.unmodifiableMap(new TreeMap<>(newCredential))));
  }

  Optional<String> name() {
    return name;
  }

  Optional<Map<String, String>> config() {
    return config;
  }

  Optional<Map<String, SecretValue>> credential() {
    return credential;
  }

  /** What changes, without values. */
  @Override
  public String toString() {
    return "IntegrationChange[name "
        + name.isPresent()
        + ", config "
        + config.map(Map::keySet)
        + ", credential "
        + credential.isPresent()
        + "]";
  }
}
