package io.tenantkit.livekit.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import livekit.LivekitRtc.JoinRequest;
import livekit.LivekitRtc.WrappedJoinRequest;
import org.jspecify.annotations.Nullable;

/** Whether a client may join, as {@code /rtc/validate} and the join itself check it. */
final class JoinCheck {
  private static final String NO_ACCESS = "no permissions to access the room";
  private static final int MAX_JOIN_REQUEST = 1 << 20;

  private final World world;

  JoinCheck(World world) {
    this.world = world;
  }

  /**
   * Gives the grants with which the client joins.
   *
   * @param query what the client asks for beside its token
   * @param wrapped whether the request of a newer client must be among it
   */
  Grants check(Optional<Grants> token, Map<String, String> query, boolean wrapped) throws Refusal {
    if (token.isEmpty() || token.get().video().isEmpty()) {
      throw Refusal.unauthorized(NO_ACCESS);
    }
    @Nullable String joinRequest = query.get("join_request");
    if (joinRequest != null && !joinRequest.isEmpty()) {
      JoinRequest request = unwrap(joinRequest);
      return check(token.get(), "", request.getMetadata(), request.getParticipantAttributesMap());
    }
    if (wrapped) {
      throw new Refusal(400, "join_request is required");
    }
    String attributes = query.getOrDefault("attributes", "");
    return check(
        token.get(),
        query.getOrDefault("publish", ""),
        "",
        attributes.isEmpty() ? Map.of() : attributes(attributes));
  }

  private Grants check(
      Grants token, String publish, String metadata, Map<String, String> attributes)
      throws Refusal {
    Video video = token.videoOrNone();
    if (!video.is("roomJoin")) {
      throw Refusal.unauthorized("permissions denied");
    }
    if (token.identity().isEmpty()) {
      throw new Refusal(400, "identity cannot be empty");
    }
    requireName(token.identity(), "participant identity");
    if (video.room().isEmpty()) {
      throw new Refusal(400, "no room name");
    }
    requireName(video.room(), "room name");
    Grants grants = token;
    if (!publish.isEmpty()) {
      if (!video.canPublish()) {
        throw Refusal.unauthorized(NO_ACCESS);
      }
      grants = grants.with(token.identity() + "#" + publish, video.with("canSubscribe", false));
    }
    if (!world.autoCreate
        && !video.is("roomCreate")
        && !world.locked(() -> world.rooms.containsKey(video.room()))) {
      throw new Refusal(404, "requested room does not exist");
    }
    if (!metadata.isEmpty() || !attributes.isEmpty()) {
      if (!video.is("canUpdateOwnMetadata")) {
        throw Refusal.unauthorized(NO_ACCESS);
      }
      // An empty value takes nothing away here.
      Map<String, String> set = new TreeMap<>(attributes);
      set.values().removeIf(String::isEmpty);
      grants = grants.with("", metadata, set);
    }
    return grants;
  }

  private static void requireName(String name, String what) throws Refusal {
    if (Limits.tooLong(name, World.MAX_NAME)) {
      throw new Refusal(400, what + " length exceeds limits: max length " + World.MAX_NAME);
    }
  }

  private static Map<String, String> attributes(String encoded) throws Refusal {
    try {
      return ClaimsJson.texts(padded(encoded));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal(400, "cannot decode attributes");
    }
  }

  /** Here, unlike in tokens, padding must be there. */
  private static byte[] padded(String encoded) {
    String text = encoded.replace("\n", "").replace("\r", "");
    if (text.length() % 4 != 0) {
      throw new IllegalArgumentException("no padding");
    }
    return Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static JoinRequest unwrap(String encoded) throws Refusal {
    WrappedJoinRequest wrapped;
    try {
      wrapped = WrappedJoinRequest.parseFrom(padded(encoded));
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "cannot base64 decode wrapped join request");
    } catch (InvalidProtocolBufferException e) {
      throw new Refusal(400, "cannot unmarshal wrapped join request");
    }
    ByteString bytes = wrapped.getJoinRequest();
    if (wrapped.getCompression() == WrappedJoinRequest.Compression.GZIP) {
      try (GZIPInputStream in =
          new GZIPInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        bytes = ByteString.copyFrom(in.readNBytes(MAX_JOIN_REQUEST + 1));
      } catch (IOException e) {
        throw new Refusal(400, "cannot read decompressed join request");
      }
    }
    if (bytes.size() > MAX_JOIN_REQUEST) {
      throw new Refusal(400, "join request too large");
    }
    try {
      return JoinRequest.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new Refusal(400, "cannot unmarshal join request");
    }
  }
}
