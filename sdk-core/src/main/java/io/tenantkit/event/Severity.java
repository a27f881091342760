package io.tenantkit.event;

/** How soon somebody should look at an event. */
public enum Severity {
  /** For the record. */
  INFO,
  /** Somebody should look at it. */
  WARNING,
  /** Somebody should look at it now. */
  CRITICAL
}
