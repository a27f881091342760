package io.tenantkit.livekit;

/**
 * A wish for a person's token: it joins one room and nothing more. What would reach beyond that
 * room or be hidden in it (create and list rooms, moderate, record, be invisible or an agent)
 * cannot be asked for here.
 *
 * <pre>{@code
 * ParticipantToken.join("standup", "ada").name("Ada").ttl(Duration.ofMinutes(10)).canPublish(false)
 * }</pre>
 */
public final class ParticipantToken extends TokenRequest<ParticipantToken> {
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

  @Override
  ParticipantToken with(TokenSpec changed) {
    return new ParticipantToken(changed);
  }
}
