package io.tenantkit.tenant;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who a call acts for and what it may do: one organization, an actor, granted scopes and the
 * environments in reach. It is the first argument of every tenant operation.
 *
 * <p>A context comes from a verified API key or login. It can be narrowed, never widened. {@link
 * #trusted} is the one way to make one by hand, so that a search for that word finds every place
 * where the host vouches for itself. Immutable and safe for use by several threads, except one that
 * carries the host's transaction, which belongs to the thread that joined it.
 */
public sealed interface TenantContext permits DefaultTenantContext {

  /**
   * A context that the host vouches for: every scope and every environment of this organization.
   *
   * @param actor a name for the audit trail, 1 to 255 characters
   */
  static TenantContext trusted(OrganizationId organization, String actor) {
    return trusted(organization, Actor.host(actor));
  }

  /** A context that the host vouches for, acting for somebody it has itself authenticated. */
  static TenantContext trusted(OrganizationId organization, Actor actor) {
    return trusted(organization, actor, actor);
  }

  /**
   * A context that the host vouches for, acting for somebody it has itself authenticated, who is
   * known to teams and to what it owns under another name than to the audit trail.
   *
   * @param principal see {@link #principal}
   */
  static TenantContext trusted(OrganizationId organization, Actor actor, Actor principal) {
    return DefaultTenantContext.trusted(organization, actor, principal);
  }

  /** The tenant. */
  OrganizationId organization();

  /** Who acts. */
  Actor actor();

  /**
   * Whom teams and owners name when they mean the actor. That is the actor itself, but for an API
   * key the first key of its line of rotations: a key that was rotated stays in its teams and keeps
   * what it owns.
   */
  Actor principal();

  /** What the actor may do. */
  ScopeSet scopes();

  /** The environments in reach. */
  Set<Environment> environments();

  /**
   * The environment meant when a call names none: production when in reach, else development, else
   * staging.
   */
  Environment environment();

  /** The host's transaction that this context's calls take part in, if it joined one. */
  Optional<HostTransaction> transaction();

  /** What the caller's own key is held to, and with it all that the caller creates. */
  List<Ceiling> ceilings();

  /** The same context held to this too. */
  TenantContext under(Ceiling ceiling);

  /** The same context with no more than these scopes. */
  TenantContext limitedTo(ScopeSet scopes);

  /**
   * The same context with no more than these environments.
   *
   * @throws io.tenantkit.AccessDeniedException when none of them is in reach
   */
  TenantContext within(Set<Environment> environments);

  /** The same context inside the host's transaction. Called by storages when they join. */
  TenantContext joining(HostTransaction transaction);

  /**
   * Demands a scope.
   *
   * @throws io.tenantkit.AccessDeniedException naming the scope when it is not granted
   */
  void require(Scope scope);

  /**
   * Demands an environment.
   *
   * @throws io.tenantkit.AccessDeniedException naming the environment when it is out of reach
   */
  void require(Environment environment);

  /**
   * Demands that no host transaction is joined, because a rollback would erase the evidence of what
   * follows.
   *
   * @param operation what was asked for, for the message
   * @throws io.tenantkit.TenantkitException with {@link
   *     io.tenantkit.ErrorCode#JOINED_TRANSACTION_REFUSED}
   */
  void requireOwnTransaction(String operation);
}
