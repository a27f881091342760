package io.tenantkit;

/**
 * Something about the set-up that is not fit for production.
 *
 * @param code a stable name, for example {@code storage.in-memory}
 * @param message what it means and what would mend it
 */
public record ReadinessIssue(String code, String message) {}
