package io.tenantkit.vault.rotation;

/** How far the rotation of a secret has come, as it is kept in the database. */
public enum RotationStep {
  /** No rotation is under way. */
  IDLE,
  /** A node asks the rotator for a new value, and puts it as the pending version. */
  CREATING,
  /** The pending version is there, and is tested. */
  CREATED,
  /** The pending version works, and is promoted. */
  TESTED,
  /** The new version is current; the one before is valid until the overlap ends. */
  PROMOTED,
  /** The pending version is of no use: it is undone at the provider and destroyed. */
  UNDOING
}
