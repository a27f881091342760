package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What a token shall say, before it has an issuer, an id and times. The bounds are those of
 * LiveKit's server (its configuration's defaults), which refuses the join otherwise.
 */
record TokenSpec(
    ParticipantKind kind,
    String room,
    String identity,
    Optional<String> name,
    Optional<String> metadata,
    Map<String, String> attributes,
    Optional<Duration> wantedTtl,
    VideoGrants video,
    ServerClaims more) {

  TokenSpec {
    if (!room.isEmpty() || video.isJoin()) {
      BoundedText.requireName("room", room, TokenRequest.MAX_NAME_BYTES);
    }
    BoundedText.requireName("identity", identity, TokenRequest.MAX_NAME_BYTES);
    name.ifPresent(text -> BoundedText.requireName("name", text, TokenRequest.MAX_NAME_BYTES));
    metadata.ifPresent(
        text -> BoundedText.requireData("metadata", text, TokenRequest.MAX_METADATA_BYTES));
    attributes = checked(attributes);
    // Compared as durations: nothing is multiplied or added before the bounds hold.
    if (wantedTtl.isPresent()
        && (wantedTtl.get().compareTo(TokenRequest.MIN_TTL) < 0
            || wantedTtl.get().compareTo(TokenRequest.MAX_TTL) > 0)) {
      throw new InvalidInputException("ttl", "1 second to 24 hours");
    }
  }

  static TokenSpec join(ParticipantKind kind, String room, String identity) {
    return new TokenSpec(
        kind,
        room,
        identity,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        VideoGrants.joining(room),
        ServerClaims.NONE);
  }

  /** For the server's API, in a room or in none, which is an empty name. */
  static TokenSpec api(String room, String identity) {
    return new TokenSpec(
        ParticipantKind.STANDARD,
        room,
        identity,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        VideoGrants.none().inRoom(room),
        ServerClaims.NONE);
  }

  /** How long it lives when no policy says otherwise. */
  Duration ttl() {
    return wantedTtl.orElse(TokenRequest.DEFAULT_TTL);
  }

  private static Map<String, String> checked(Map<String, String> attributes) {
    if (attributes.isEmpty()) {
      return Map.of();
    }
    if (attributes.size() > TokenRequest.MAX_ATTRIBUTES) {
      throw new InvalidInputException(
          "attributes", "at most " + TokenRequest.MAX_ATTRIBUTES + " entries");
    }
    long total = 0;
    TreeMap<String, String> sorted = new TreeMap<>();
    for (Map.Entry<String, String> entry : attributes.entrySet()) {
      String key = entry.getKey();
      String value = entry.getValue();
      BoundedText.requireName("attributes", key, TokenRequest.MAX_NAME_BYTES);
      BoundedText.requireData("attributes", value, TokenRequest.MAX_ATTRIBUTES_BYTES);
      total += BoundedText.utf8Length(key) + (long) BoundedText.utf8Length(value);
      sorted.put(key, value);
    }
    if (total > TokenRequest.MAX_ATTRIBUTES_BYTES) {
      throw new InvalidInputException(
          "attributes",
          "at most " + TokenRequest.MAX_ATTRIBUTES_BYTES + " bytes of UTF-8, names and values");
    }
    return Collections.unmodifiableMap(sorted);
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
    return new TokenSpec(
        kind, room, identity, Optional.of(changed), metadata, attributes, wantedTtl, video, more);
  }

  TokenSpec withMetadata(String changed) {
    return new TokenSpec(
        kind, room, identity, name, Optional.of(changed), attributes, wantedTtl, video, more);
  }

  TokenSpec withAttributes(Map<String, String> added) {
    TreeMap<String, String> all = new TreeMap<>(attributes);
    all.putAll(added);
    return new TokenSpec(kind, room, identity, name, metadata, all, wantedTtl, video, more);
  }

  TokenSpec withTtl(Duration changed) {
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
