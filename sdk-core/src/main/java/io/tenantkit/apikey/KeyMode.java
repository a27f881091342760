package io.tenantkit.apikey;

import io.tenantkit.tenant.Environment;
import java.util.Set;

/** Live and test keys are apart: a test key never reaches what production keeps. */
public enum KeyMode {
  /** For production. */
  LIVE("ak_live_", Environment.PRODUCTION),
  /** For development and staging. */
  TEST("ak_test_", Environment.DEVELOPMENT, Environment.STAGING);

  private final String prefix;

  /** One set for all keys of the mode. */
  @SuppressWarnings("ImmutableEnumChecker") // Set.of is.
  private final Set<Environment> environments;

  KeyMode(String prefix, Environment... environments) {
    this.prefix = prefix;
    this.environments = Set.of(environments);
  }

  /** What the keys of this mode begin with. */
  public String prefix() {
    return prefix;
  }

  /** What the keys of this mode begin with in an organization whose keys have this name. */
  String prefix(String name) {
    return name + prefix.substring(prefix.indexOf('_'));
  }

  /** The environments that such a key reaches. */
  public Set<Environment> environments() {
    return environments;
  }

  /** The mode that a key's first characters tell; what is not plainly live counts as test. */
  public static KeyMode ofPrefix(String keyPrefix) {
    return keyPrefix.startsWith(LIVE.prefix) ? LIVE : TEST;
  }
}
