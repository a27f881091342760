package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * A wish for a person's token: it joins one room. What gives power over others in it, or hides from
 * them, needs {@link io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN} when it is issued; what would reach
 * beyond that room cannot be asked for here.
 *
 * <pre>{@code
 * ParticipantToken.join("standup", "ada").name("Ada").ttl(Duration.ofMinutes(10)).canPublish(false)
 * }</pre>
 */
public final class ParticipantToken extends JoinToken<ParticipantToken> {
  private ParticipantToken(TokenSpec spec) {
    super(spec);
  }

  /**
   * A token that joins this room under this identity.
   *
   * @param room 1 to 256 bytes of UTF-8 without control characters. It is always in the token: with
   *     none, older servers let the bearer choose any room, and newer ones refuse the join
   * @param identity likewise; who joins under an identity that is in the room already puts that one
   *     out
   */
  public static ParticipantToken join(String room, String identity) {
    return new ParticipantToken(TokenSpec.join(ParticipantKind.STANDARD, room, identity));
  }

  /**
   * For something that stands in for a person: a telephone, an ingress, a connector. Needs {@link
   * io.tenantkit.tenant.Scopes#LIVEKIT_ADMIN}.
   *
   * @param kind any but an agent, which {@link AgentToken} is for
   * @param details as LiveKit's {@code kindDetails}, at most 8 of 1 to 64 of a-z, 0-9 and _
   */
  public ParticipantToken kind(ParticipantKind kind, String... details) {
    if (kind == ParticipantKind.AGENT) {
      throw new InvalidInputException("kind", "any but an agent; see AgentToken");
    }
    return with(spec.withKind(kind, new TreeSet<>(Arrays.asList(details))));
  }

  @Override
  ParticipantToken with(TokenSpec changed) {
    return new ParticipantToken(changed);
  }
}
