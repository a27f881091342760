package io.tenantkit.vault.spi;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.AccessLevel;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Who looks at secrets: the one place where access levels are decided. Every verb of {@link
 * SecretStore} that finds secrets for a context finds those that its viewer sees and no others; a
 * storage that lets its database decide writes {@link #sees} as SQL, and a contract holds the two
 * together. Immutable.
 *
 * @param principal whom owners and teams name
 * @param agent whether an agent acts
 * @param manages whether it holds {@code secrets:manage}
 */
public record Viewer(Actor principal, boolean agent, boolean manages) {
  public Viewer {
    Objects.requireNonNull(principal, "principal");
  }

  /** The viewer that a context is. */
  public static Viewer of(TenantContext context) {
    Actor principal = context.principal();
    boolean agent =
        principal.kind() == Actor.Kind.AGENT || context.actor().kind() == Actor.Kind.AGENT;
    return new Viewer(principal, agent, context.scopes().covers(Scopes.SECRETS_MANAGE));
  }

  /**
   * Whether it sees a secret of its organization.
   *
   * @param level whom the secret is for
   * @param owner whose it is
   * @param member whether the viewer is in a team that the secret is shared with; asked only when
   *     that decides
   * @param enterprise whether the organization's plan is enterprise; asked only when that decides
   */
  public boolean sees(
      AccessLevel level, Actor owner, BooleanSupplier member, BooleanSupplier enterprise) {
    if (manages || (level != AccessLevel.ADMIN && owns(owner))) {
      return true;
    }
    return switch (level) {
      case PRIVATE, ADMIN -> false;
      case TEAM -> member.getAsBoolean();
      case AUTHENTICATED -> !agent;
      case PUBLIC -> true;
      case ENTERPRISE -> !agent && enterprise.getAsBoolean();
    };
  }

  /** Whether a secret is its own. */
  public boolean owns(Actor owner) {
    return principal.equals(owner);
  }
}
