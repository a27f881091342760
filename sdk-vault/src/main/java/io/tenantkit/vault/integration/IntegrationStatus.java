package io.tenantkit.vault.integration;

import java.util.Locale;

/** Where an integration stands. */
public enum IntegrationStatus {
  /** The provider took its credential when it was last asked and answered. */
  CONNECTED,
  /** The provider has not yet said anything of its credential. */
  VERIFYING,
  /** The provider does not take its credential. */
  ERROR,
  /** Switched off: it is neither used nor checked. */
  DISABLED;

  /** The name as tables and JSON spell it. */
  public String lowerCaseName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
