package io.tenantkit.vault;

/**
 * Where a version of a secret stands while one value takes over from another. Each stage sits on
 * one version at the most, and a version has one stage or none.
 */
public enum Stage {
  /** Put, but not yet in force: to be tried, then promoted. */
  PENDING,
  /** In force: what reveal and use read unless they say otherwise. */
  CURRENT,
  /** What was current before, kept so that both work for a while and the change can be undone. */
  PREVIOUS
}
