package io.tenantkit.vault;

/**
 * Whom a secret is for. It is one dimension: what a caller may do with a secret that it sees, its
 * scopes and environments say. What a caller does not see is to it as if it were not there.
 *
 * <table>
 * <caption>Who sees a secret</caption>
 * <tr><th>access level<th>holder of {@code secrets:manage}<th>its owner<th>member of a named team<th>anybody else but agents<th>other agents
 * <tr><td>{@code PRIVATE}<td>yes<td>yes<td>no<td>no<td>no
 * <tr><td>{@code TEAM}<td>yes<td>yes<td>yes<td>no<td>no
 * <tr><td>{@code AUTHENTICATED}<td>yes<td>yes<td>yes<td>yes<td>no
 * <tr><td>{@code PUBLIC}<td>yes<td>yes<td>yes<td>yes<td>yes
 * <tr><td>{@code ADMIN}<td>yes<td>no<td>no<td>no<td>no
 * <tr><td>{@code ENTERPRISE}<td>yes<td>yes<td>enterprise<td>enterprise<td>no
 * </table>
 *
 * <p>"Anybody" is of the organization, always. "enterprise": while the organization's plan is
 * {@link io.tenantkit.tenant.Plans#ENTERPRISE}. Teams are named at {@link #TEAM} alone; in the
 * other rows that column is about a member who is not an agent. The owner is who created the
 * secret, as {@link io.tenantkit.tenant.TenantContext#principal} names it: a key that was rotated
 * keeps its secrets.
 */
public enum AccessLevel {
  /** Its owner alone. What a secret is unless it is shared. */
  PRIVATE,
  /** The members of the teams it is shared with, agents too when they are members. */
  TEAM,
  /** Everybody of the organization except agents. */
  AUTHENTICATED,
  /** Everybody of the organization, agents too. */
  PUBLIC,
  /** Those who hold {@code secrets:manage} and nobody else, its owner neither. */
  ADMIN,
  /**
   * As {@link #AUTHENTICATED} while the organization's plan is enterprise, else its owner alone.
   */
  ENTERPRISE
}
