package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Somebody in a team.
 *
 * @param actor a person, an API key or an agent, as {@link TenantContext#principal} names it: an
 *     API key by the first key of its line of rotations
 * @param addedBy the actor that added it
 * @param addedAt when, microsecond precision
 */
public record TeamMember(Actor actor, String addedBy, Instant addedAt) {
  private static final Set<Actor.Kind> KINDS =
      EnumSet.of(Actor.Kind.USER, Actor.Kind.API_KEY, Actor.Kind.AGENT);

  public TeamMember {
    requireKind(actor);
    Objects.requireNonNull(addedBy, "addedBy");
    Objects.requireNonNull(addedAt, "addedAt");
  }

  /** The host, its operators and the library see everything as it is, so no team needs them. */
  static void requireKind(Actor actor) {
    if (!KINDS.contains(actor.kind())) {
      throw new InvalidInputException("member", "a person, an API key or an agent");
    }
  }
}
