package io.tenantkit.vault.rotation;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** One run of due work: how long it may take, and whose providers are slow. For one thread. */
final class RotationTurn {
  private final long endsAt;
  private final Set<String> slow = new HashSet<>();

  RotationTurn(Duration length) {
    this.endsAt = System.nanoTime() + length.toNanos();
  }

  /** Whether nothing new may begin. */
  boolean isOver() {
    return System.nanoTime() - endsAt >= 0;
  }

  /** A type whose rotator did not answer in time is not called again in this run. */
  void slow(String type) {
    slow.add(type);
  }

  boolean mayBegin(String type) {
    return !isOver() && !slow.contains(type);
  }
}
