package io.tenantkit.jdbc;

import org.junit.jupiter.api.Assumptions;

/** What happens when a real part is not on this machine. */
final class AbsentTool {
  private AbsentTool() {}

  /**
   * Skips the test, or fails it in CI: there, a test that does not run is a fault of the set-up.
   */
  static RuntimeException skipOrFail(String howToGetIt) {
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError("CI must have it: " + howToGetIt);
    }
    System.err.println("[skipped] " + howToGetIt);
    return Assumptions.abort(howToGetIt);
  }
}
