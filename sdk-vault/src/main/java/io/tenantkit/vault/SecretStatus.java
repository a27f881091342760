package io.tenantkit.vault;

/** What a secret is at some moment. */
public enum SecretStatus {
  /** Neither deleted nor expired. */
  ACTIVE,
  /** Its current version has expired; a new version makes it active again. */
  EXPIRED,
  /** Deleted, and not yet undeleted or destroyed. */
  DELETED
}
