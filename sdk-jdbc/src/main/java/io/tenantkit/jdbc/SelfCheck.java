package io.tenantkit.jdbc;

import io.tenantkit.ReadinessIssue;
import java.util.List;
import org.jspecify.annotations.Nullable;

final class SelfCheck {
  private SelfCheck() {}

  static List<ReadinessIssue> run(
      Schema.Installation installation,
      ConnectionSource application,
      @Nullable ConnectionSource admin) {
    return List.of();
  }
}
