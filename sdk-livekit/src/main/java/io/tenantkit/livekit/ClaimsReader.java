package io.tenantkit.livekit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token, read before anybody knows who made it. A claim of the wrong type makes the
 * token malformed, null counts as absent (as for LiveKit's server), and repeated names are refused
 * at every level. For one thread.
 */
final class ClaimsReader {
  /** The end of the year 9999, the last that {@link Instant#toString} writes without a sign. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private @Nullable String issuer;
  private @Nullable String subject;
  private @Nullable String id;
  private @Nullable Instant issuedAt;
  private @Nullable Instant notBefore;
  private @Nullable Instant expiresAt;
  private @Nullable String name;
  private @Nullable String metadata;
  private @Nullable String kind;
  private Map<String, String> attributes = Map.of();
  private VideoGrants video = VideoGrants.none();
  private final Set<String> kindDetails = new TreeSet<>();
  private final Set<ServiceGrant> grants = EnumSet.noneOf(ServiceGrant.class);
  private @Nullable String roomPreset;
  private @Nullable String sha256;
  private final Set<String> otherClaims = new TreeSet<>();

  private ClaimsReader() {}

  static ClaimsReader read(byte[] payload) throws TokenRefusal {
    ClaimsReader plain = new ClaimsReader();
    return plain.readPlain(new PlainJson(payload)) ? plain : strict(payload);
  }

  /** Whatever the form. */
  static ClaimsReader strict(byte[] payload) throws TokenRefusal {
    ClaimsReader claims = new ClaimsReader();
    try (JsonParser json = CompactJws.parser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw TokenRefusal.malformed();
      }
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        json.nextToken();
        claims.readClaim(field, json);
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw TokenRefusal.malformed();
      }
    } catch (IOException e) {
      throw TokenRefusal.malformed();
    }
    return claims;
  }

  Optional<String> issuer() {
    return Optional.ofNullable(issuer);
  }

  Optional<Instant> notBefore() {
    return Optional.ofNullable(notBefore);
  }

  Optional<Instant> expiresAt() {
    return Optional.ofNullable(expiresAt);
  }

  Optional<String> sha256() {
    return Optional.ofNullable(sha256);
  }

  /** The claims of a token that was found genuine. */
  TokenClaims verified(String verifiedIssuer, Instant verifiedExpiry) {
    return new TokenClaims(
        verifiedIssuer,
        Optional.ofNullable(subject),
        Optional.ofNullable(id),
        Optional.ofNullable(issuedAt),
        notBefore(),
        verifiedExpiry,
        Optional.ofNullable(name),
        Optional.ofNullable(metadata),
        attributes,
        kind == null ? ParticipantKind.STANDARD : ParticipantKind.ofClaim(kind),
        kindDetails,
        video,
        grants,
        Optional.ofNullable(roomPreset),
        Optional.ofNullable(sha256),
        otherClaims);
  }

  /** The claims that most tokens have, each once, in plain form; of others it tells nothing. */
  private boolean readPlain(PlainJson json) {
    if (!json.take('{')) {
      return false;
    }
    do {
      @Nullable String field = json.text();
      if (field == null || !json.take(':') || !readPlain(field, json)) {
        return false;
      }
    } while (json.take(','));
    return json.take('}') && json.isAtEnd();
  }

  private boolean readPlain(String field, PlainJson json) {
    switch (field) {
      case "iss" -> {
        return issuer == null && (issuer = json.text()) != null;
      }
      case "sub" -> {
        return subject == null && (subject = json.text()) != null;
      }
      case "jti" -> {
        return id == null && (id = json.text()) != null;
      }
      case "name" -> {
        return name == null && (name = json.text()) != null;
      }
      case "metadata" -> {
        return metadata == null && (metadata = json.text()) != null;
      }
      case "kind" -> {
        return kind == null && (kind = json.text()) != null;
      }
      case "iat" -> {
        return issuedAt == null && (issuedAt = plainTime(json)) != null;
      }
      case "nbf" -> {
        return notBefore == null && (notBefore = plainTime(json)) != null;
      }
      case "exp" -> {
        return expiresAt == null && (expiresAt = plainTime(json)) != null;
      }
      case "video" -> {
        if (!video.equals(VideoGrants.none())) {
          return false;
        }
        @Nullable VideoGrants read = plainVideo(json);
        video = read == null ? video : read;
        return read != null;
      }
      default -> {
        return false;
      }
    }
  }

  private static @Nullable Instant plainTime(PlainJson json) {
    long seconds = json.number();
    return seconds < 0 || seconds > MAX_SECONDS ? null : Instant.ofEpochSecond(seconds);
  }

  private static @Nullable VideoGrants plainVideo(PlainJson json) {
    if (!json.take('{')) {
      return null;
    }
    @Nullable String room = null;
    Map<VideoPermission, Boolean> permissions = new EnumMap<>(VideoPermission.class);
    do {
      @Nullable String field = json.text();
      if (field == null || !json.take(':')) {
        return null;
      }
      if (field.equals("room")) {
        if (room != null || (room = json.text()) == null) {
          return null;
        }
      } else {
        @Nullable VideoPermission permission = permission(field);
        @Nullable Boolean value = permission == null ? null : json.flag();
        if (permission == null || value == null || permissions.put(permission, value) != null) {
          return null;
        }
      }
    } while (json.take(','));
    return json.take('}')
        ? new VideoGrants(Optional.ofNullable(room), Optional.empty(), permissions, Set.of())
        : null;
  }

  private void readClaim(String field, JsonParser json) throws IOException, TokenRefusal {
    switch (field) {
      case "iss" -> issuer = text(json);
      case "sub" -> subject = text(json);
      case "jti" -> id = text(json);
      case "iat" -> issuedAt = time(json);
      case "nbf" -> notBefore = time(json);
      case "exp" -> expiresAt = time(json);
      case "name" -> name = text(json);
      case "metadata" -> metadata = text(json);
      case "kind" -> kind = text(json);
      case "attributes" -> attributes = texts(json);
      case "video" -> video = video(json);
      case "kindDetails" -> readTexts(json, kindDetails);
      case "sip", "agent", "inference", "observability" -> readGrants(field, json);
      case "roomPreset" -> roomPreset = text(json);
      case "sha256" -> sha256 = text(json);
      default -> {
        otherClaims.add(requireWellFormed(field));
        json.skipChildren();
      }
    }
  }

  private static @Nullable String text(JsonParser json) throws IOException, TokenRefusal {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw TokenRefusal.malformed();
    }
    return requireWellFormed(json.getText());
  }

  /** JSON can spell half a surrogate pair; what comes out of here can always be encoded. */
  private static String requireWellFormed(String text) throws TokenRefusal {
    if (BoundedText.utf8Length(text) < 0) {
      throw TokenRefusal.malformed();
    }
    return text;
  }

  private static @Nullable Instant time(JsonParser json) throws IOException, TokenRefusal {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw TokenRefusal.malformed();
    }
    long seconds = json.getLongValue(); // Refuses what does not fit.
    if (seconds < 0 || seconds > MAX_SECONDS) {
      throw TokenRefusal.malformed();
    }
    return Instant.ofEpochSecond(seconds);
  }

  private static Map<String, String> texts(JsonParser json) throws IOException, TokenRefusal {
    Map<String, String> texts = new TreeMap<>();
    if (objectBegins(json)) {
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        json.nextToken();
        @Nullable String value = text(json);
        if (value == null) {
          throw TokenRefusal.malformed();
        }
        texts.put(requireWellFormed(field), value);
      }
      requireObjectEnd(json);
    }
    return texts;
  }

  private VideoGrants video(JsonParser json) throws IOException, TokenRefusal {
    @Nullable String room = null;
    @Nullable String destinationRoom = null;
    Map<VideoPermission, Boolean> permissions = new EnumMap<>(VideoPermission.class);
    Set<TrackSource> sources = EnumSet.noneOf(TrackSource.class);
    if (objectBegins(json)) {
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        json.nextToken();
        @Nullable VideoPermission permission = permission(field);
        if (permission != null) {
          putIfSet(permissions, permission, json);
        } else if (field.equals("room")) {
          room = text(json);
        } else if (field.equals("destinationRoom")) {
          destinationRoom = text(json);
        } else if (field.equals("canPublishSources")) {
          readSources(json, sources);
        } else {
          otherClaims.add("video." + requireWellFormed(field));
          json.skipChildren();
        }
      }
      requireObjectEnd(json);
    }
    return new VideoGrants(
        Optional.ofNullable(room), Optional.ofNullable(destinationRoom), permissions, sources);
  }

  private static @Nullable VideoPermission permission(String field) {
    for (VideoPermission permission : VideoPermission.values()) {
      if (permission.claim().equals(field)) {
        return permission;
      }
    }
    return null;
  }

  private static void putIfSet(
      Map<VideoPermission, Boolean> permissions, VideoPermission permission, JsonParser json)
      throws TokenRefusal {
    switch (json.currentToken()) {
      case VALUE_TRUE -> permissions.put(permission, true);
      case VALUE_FALSE -> permissions.put(permission, false);
      case VALUE_NULL -> {}
      default -> throw TokenRefusal.malformed();
    }
  }

  /** Grants outside of {@code video}: those that say yes, and the names of unknown ones. */
  private void readGrants(String claim, JsonParser json) throws IOException, TokenRefusal {
    if (!objectBegins(json)) {
      return;
    }
    for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
      json.nextToken();
      @Nullable ServiceGrant grant = grant(claim, field);
      if (grant == null) {
        otherClaims.add(claim + "." + requireWellFormed(field));
        json.skipChildren();
      } else if (isYes(json)) {
        grants.add(grant);
      }
    }
    requireObjectEnd(json);
  }

  private static @Nullable ServiceGrant grant(String claim, String field) {
    for (ServiceGrant grant : ServiceGrant.values()) {
      if (grant.claim().equals(claim) && grant.field().equals(field)) {
        return grant;
      }
    }
    return null;
  }

  private static boolean isYes(JsonParser json) throws TokenRefusal {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default -> throw TokenRefusal.malformed();
    };
  }

  private static void readTexts(JsonParser json, Set<String> texts)
      throws IOException, TokenRefusal {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw TokenRefusal.malformed();
    }
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      texts.add(requireWellFormed(json.getText()));
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw TokenRefusal.malformed();
    }
  }

  /** An unknown source would leave an empty set, which means all sources: so it is refused. */
  private static void readSources(JsonParser json, Set<TrackSource> sources)
      throws IOException, TokenRefusal {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw TokenRefusal.malformed();
    }
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      sources.add(source(json.getText()));
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw TokenRefusal.malformed();
    }
  }

  private static TrackSource source(String claim) throws TokenRefusal {
    for (TrackSource source : TrackSource.values()) {
      if (source.claim().equals(claim)) {
        return source;
      }
    }
    throw TokenRefusal.malformed();
  }

  private static boolean objectBegins(JsonParser json) throws TokenRefusal {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return false;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw TokenRefusal.malformed();
    }
    return true;
  }

  private static void requireObjectEnd(JsonParser json) throws TokenRefusal {
    if (json.currentToken() != JsonToken.END_OBJECT) {
      throw TokenRefusal.malformed();
    }
  }
}
