package io.tenantkit.tenant;

/**
 * The environments of a project. They are fully apart: a context that reaches one does not thereby
 * reach another.
 */
public enum Environment {
  /** Developers' machines and experiments. */
  DEVELOPMENT,
  /** Rehearsal before production. */
  STAGING,
  /** The real thing. */
  PRODUCTION
}
