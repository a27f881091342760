package io.tenantkit.examples.tokenservice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.livekit.ServiceGrant;
import io.tenantkit.livekit.TokenClaims;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.livekit.VideoGrants;
import java.util.Set;

/** The request and answer of {@code /token/verify}. Stateless. */
final class VerifyShape {
  private static final Set<String> FIELDS = Set.of("token");

  private VerifyShape() {}

  static String token(JsonBody body) {
    body.requireOnly(FIELDS);
    return body.text("token");
  }

  static ObjectNode answer(TokenVerification verification) {
    ObjectNode answer = Answers.object();
    if (verification instanceof TokenVerification.Valid valid) {
      TokenClaims claims = valid.claims();
      answer.put("valid", true);
      claims.identity().ifPresent(identity -> answer.put("identity", identity));
      claims.video().room().ifPresent(room -> answer.put("room", room));
      answer.put("expiresAt", claims.expiresAt().getEpochSecond());
      answer.set("claims", claims(claims));
    } else {
      answer.put("valid", false);
      TokenVerification.Refused refused = (TokenVerification.Refused) verification;
      refused.reasons().forEach(reason -> answer.withArray("reasons").add(reason.name()));
    }
    return answer;
  }

  /** Under the names that they have in the token; times in seconds since 1970. */
  private static ObjectNode claims(TokenClaims claims) {
    ObjectNode all = Answers.object().put("iss", claims.issuer());
    claims.identity().ifPresent(identity -> all.put("sub", identity));
    claims.id().ifPresent(id -> all.put("jti", id));
    claims.issuedAt().ifPresent(at -> all.put("iat", at.getEpochSecond()));
    claims.notBefore().ifPresent(at -> all.put("nbf", at.getEpochSecond()));
    all.put("exp", claims.expiresAt().getEpochSecond());
    claims.name().ifPresent(name -> all.put("name", name));
    claims.metadata().ifPresent(metadata -> all.put("metadata", metadata));
    if (!claims.attributes().isEmpty()) {
      ObjectNode attributes = all.putObject("attributes");
      claims.attributes().forEach(attributes::put);
    }
    all.put("kind", claims.kind().claim());
    all.set("video", video(claims.video()));
    for (ServiceGrant grant : claims.grants()) {
      all.withObject("/" + grant.claim()).put(grant.field(), true);
    }
    claims.roomPreset().ifPresent(preset -> all.put("roomPreset", preset));
    claims.sha256().ifPresent(sha256 -> all.put("sha256", sha256));
    // So that nobody takes a token for weaker than it is.
    claims.otherClaims().forEach(name -> all.withArray("otherClaims").add(name));
    return all;
  }

  private static ObjectNode video(VideoGrants video) {
    ObjectNode all = Answers.object();
    video.room().ifPresent(room -> all.put("room", room));
    video.destinationRoom().ifPresent(room -> all.put("destinationRoom", room));
    video.permissions().forEach((permission, set) -> all.put(permission.claim(), set));
    video
        .canPublishSources()
        .forEach(source -> all.withArray("canPublishSources").add(source.claim()));
    return all;
  }
}
