package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What a token shall say, before it has an issuer, an id and times. The bounds are those of
 * LiveKit's server (its configuration's defaults), which refuses the join otherwise. Immutable.
 *
 * <p>Each part is checked when it is set, and no other with it: a wish is made for each token, in
 * several steps.
 */
final class TokenSpec {
  private final ParticipantKind kind;
  private final String room;
  private final String identity;
  private final Optional<String> name;
  private final Optional<String> metadata;
  private final Map<String, String> attributes;
  private final Optional<Duration> wantedTtl;
  private final VideoGrants video;
  private final ServerClaims more;

  /** Of parts that were checked. */
  private TokenSpec(
      ParticipantKind kind,
      String room,
      String identity,
      Optional<String> name,
      Optional<String> metadata,
      Map<String, String> attributes,
      Optional<Duration> wantedTtl,
      VideoGrants video,
      ServerClaims more) {
    this.kind = kind;
    this.room = room;
    this.identity = identity;
    this.name = name;
    this.metadata = metadata;
    this.attributes = attributes;
    this.wantedTtl = wantedTtl;
    this.video = video;
    this.more = more;
  }

  static TokenSpec join(ParticipantKind kind, String room, String identity) {
    BoundedText.requireName("room", room, TokenRequest.MAX_NAME_BYTES);
    return first(kind, room, identity, VideoGrants.joining(room));
  }

  /** For the server's API, in a room or in none, which is an empty name. */
  static TokenSpec api(String room, String identity) {
    if (!room.isEmpty()) {
      BoundedText.requireName("room", room, TokenRequest.MAX_NAME_BYTES);
    }
    return first(ParticipantKind.STANDARD, room, identity, VideoGrants.none().inRoom(room));
  }

  private static TokenSpec first(
      ParticipantKind kind, String room, String identity, VideoGrants video) {
    return new TokenSpec(
        kind,
        room,
        BoundedText.requireName("identity", identity, TokenRequest.MAX_NAME_BYTES),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        video,
        ServerClaims.NONE);
  }

  ParticipantKind kind() {
    return kind;
  }

  /** Empty when it names none. */
  String room() {
    return room;
  }

  String identity() {
    return identity;
  }

  Optional<String> name() {
    return name;
  }

  Optional<String> metadata() {
    return metadata;
  }

  /** By name. */
  Map<String, String> attributes() {
    return attributes;
  }

  Optional<Duration> wantedTtl() {
    return wantedTtl;
  }

  VideoGrants video() {
    return video;
  }

  ServerClaims more() {
    return more;
  }

  /** How long it lives when no policy says otherwise. */
  Duration ttl() {
    return wantedTtl.orElse(TokenRequest.DEFAULT_TTL);
  }

  /** The characters of all texts that a caller chose. */
  int textLength() {
    // Within the bounds above, hence far from overflow.
    int length = room.length() + identity.length();
    length += name.isPresent() ? name.get().length() : 0;
    length += metadata.isPresent() ? metadata.get().length() : 0;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      length += attribute.getKey().length() + attribute.getValue().length();
    }
    return length;
  }

  TokenSpec withKind(ParticipantKind changed, SortedSet<String> details) {
    return new TokenSpec(
        changed,
        room,
        identity,
        name,
        metadata,
        attributes,
        wantedTtl,
        video,
        more.withKindDetails(details));
  }

  TokenSpec withName(String changed) {
    BoundedText.requireName("name", changed, TokenRequest.MAX_NAME_BYTES);
    return new TokenSpec(
        kind, room, identity, Optional.of(changed), metadata, attributes, wantedTtl, video, more);
  }

  TokenSpec withMetadata(String changed) {
    BoundedText.requireData("metadata", changed, TokenRequest.MAX_METADATA_BYTES);
    return new TokenSpec(
        kind, room, identity, name, Optional.of(changed), attributes, wantedTtl, video, more);
  }

  TokenSpec withAttributes(Map<String, String> added) {
    Map<String, String> all = new HashMap<>(attributes);
    all.putAll(added);
    return new TokenSpec(
        kind,
        room,
        identity,
        name,
        metadata,
        BoundedText.requireAttributes("attributes", all),
        wantedTtl,
        video,
        more);
  }

  TokenSpec withTtl(Duration changed) {
    // Compared as durations: nothing is multiplied or added before the bounds hold.
    if (changed.compareTo(TokenRequest.MIN_TTL) < 0
        || changed.compareTo(TokenRequest.MAX_TTL) > 0) {
      throw new InvalidInputException("ttl", "1 second to 24 hours");
    }
    return new TokenSpec(
        kind, room, identity, name, metadata, attributes, Optional.of(changed), video, more);
  }

  TokenSpec withVideo(VideoGrants changed) {
    return new TokenSpec(
        kind, room, identity, name, metadata, attributes, wantedTtl, changed, more);
  }

  TokenSpec with(ServerClaims changed) {
    return new TokenSpec(
        kind, room, identity, name, metadata, attributes, wantedTtl, video, changed);
  }
}
