package io.tenantkit.livekit;

import static io.tenantkit.livekit.TokenVerification.Reason.BAD_SIGNATURE;
import static io.tenantkit.livekit.TokenVerification.Reason.EXPIRED;
import static io.tenantkit.livekit.TokenVerification.Reason.MALFORMED;
import static io.tenantkit.livekit.TokenVerification.Reason.MISSING_EXPIRY;
import static io.tenantkit.livekit.TokenVerification.Reason.NOT_YET_VALID;
import static io.tenantkit.livekit.TokenVerification.Reason.UNKNOWN_ISSUER;
import static io.tenantkit.livekit.TokenVerification.Reason.WRONG_ALGORITHM;
import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.TokenVerification.Reason;
import io.tenantkit.livekit.TokenVerification.Refused;
import io.tenantkit.livekit.TokenVerification.Valid;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verifier without the vault: what it takes, and above all what it does not. */
final class ReceivedTokenTest {
  private static final String KEY = "APIacme";
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final long EXP = NOW.getEpochSecond() + 600;
  private static final String GOOD = "\"iss\":\"APIacme\",\"exp\":" + EXP;

  @Test
  void a_token_of_our_own_says_what_was_asked_for() {
    ParticipantToken request =
        ParticipantToken.join("standup", "grüße 👋")
            .name("Ada")
            .metadata("{\"a\":1}\n")
            .attributes(Map.of("b", "2", "a", "1"))
            .canPublish(false)
            .canPublishSources(TrackSource.CAMERA);
    String jwt = Tokens.sign(request.spec, KEY, SECRET, NOW);

    TokenClaims claims = ((Valid) verify(jwt, NOW)).claims();

    assertThat(claims)
        .isEqualTo(
            new TokenClaims(
                KEY,
                Optional.of("grüße 👋"),
                Optional.of("tok_test"),
                Optional.of(NOW),
                Optional.of(NOW),
                NOW.plusSeconds(3_600),
                Optional.of("Ada"),
                Optional.of("{\"a\":1}\n"),
                Map.of("a", "1", "b", "2"),
                ParticipantKind.STANDARD,
                Set.of(),
                new VideoGrants(
                    Optional.of("standup"),
                    Optional.empty(),
                    Map.of(VideoPermission.ROOM_JOIN, true, VideoPermission.CAN_PUBLISH, false),
                    Set.of(TrackSource.CAMERA)),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Set.of()));
  }

  @Test
  void claims_that_are_not_shown_are_named() {
    String claims =
        "{"
            + GOOD
            + ",\"sip\":{\"admin\":true,\"teleport\":true},\"roomConfig\":{\"tags\":{\"a\":\"b\"}},"
            + "\"video\":{\"roomCreate\":true,\"roomOfMirrors\":\"x\"},\"kind\":\"martian\"}";
    TokenClaims read = ((Valid) verify(forged(claims), NOW)).claims();

    assertThat(read.otherClaims())
        .containsExactly("roomConfig", "sip.teleport", "video.roomOfMirrors");
    assertThat(read.video().allows(VideoPermission.ROOM_CREATE)).isTrue();
    assertThat(read.grants()).containsExactly(ServiceGrant.SIP_ADMIN);
    assertThat(read.kind()).isEqualTo(ParticipantKind.STANDARD);
    assertThat(read.identity()).isEmpty();
  }

  @Test
  void null_counts_as_absent() {
    String claims =
        "{"
            + GOOD
            + ",\"sub\":null,\"jti\":null,\"iat\":null,\"nbf\":null,\"name\":null,"
            + "\"metadata\":null,\"kind\":null,\"attributes\":null,\"video\":{\"room\":null,"
            + "\"canPublish\":null,\"canPublishSources\":null}}";
    TokenClaims read = ((Valid) verify(forged(claims), NOW)).claims();

    assertThat(read.video()).isEqualTo(VideoGrants.none());
    assertThat(((Valid) verify(forged("{" + GOOD + ",\"video\":null}"), NOW)).claims().video())
        .isEqualTo(VideoGrants.none());
  }

  @Test
  void sixty_seconds_of_leeway_and_not_one_more() {
    String jwt = forged("{" + GOOD + ",\"nbf\":" + NOW.getEpochSecond() + "}");
    Instant exp = Instant.ofEpochSecond(EXP);

    assertThat(verify(jwt, exp.plusSeconds(60).minusNanos(1))).isInstanceOf(Valid.class);
    assertRefused(verify(jwt, exp.plusSeconds(60)), EXPIRED);
    assertThat(verify(jwt, NOW.minusSeconds(60))).isInstanceOf(Valid.class);
    assertRefused(verify(jwt, NOW.minusSeconds(60).minusNanos(1)), NOT_YET_VALID);
  }

  @Test
  void an_expiry_is_demanded() {
    assertRefused(verify(forged("{\"iss\":\"APIacme\"}"), NOW), MISSING_EXPIRY);
    assertRefused(verify(forged("{\"iss\":\"APIacme\",\"exp\":null}"), NOW), MISSING_EXPIRY);
    assertRefused(
        verify(forged("{\"iss\":\"APIacme\",\"nbf\":" + (EXP + 1) + "}"), NOW),
        MISSING_EXPIRY,
        NOT_YET_VALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"exp\":1}",
        "{\"iss\":null,\"exp\":1}",
        "{\"iss\":\"\",\"exp\":1}",
        "{\"iss\":\"apiacme\",\"exp\":1}",
        "{\"iss\":\"APIacme \",\"exp\":1}",
        "{\"iss\":\"APIglobex\",\"exp\":1}"
      })
  void the_issuer_is_this_tenants_key_to_the_letter(String claims) {
    assertRefused(verify(forged(claims), NOW), UNKNOWN_ISSUER);
  }

  @Test
  void nothing_about_time_is_said_of_a_token_that_is_not_genuine() {
    String expired = "{\"iss\":\"APIacme\",\"exp\":1}";
    assertRefused(verify(forged(expired), NOW), EXPIRED);
    assertRefused(verify(Tokens.forge(Tokens.HEADER, expired, SECRET + "x"), NOW), BAD_SIGNATURE);
    assertRefused(
        verify(Tokens.forge(Tokens.HEADER, "{\"iss\":\"APIacme\"}", "other"), NOW), BAD_SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS256 \"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":\"\"}",
        "{\"alg\":null}",
        "{\"alg\":[\"HS256\"]}",
        "{\"typ\":\"JWT\"}",
        "{\"ALG\":\"HS256\"}"
      })
  void no_other_algorithm_even_with_a_right_signature(String header) {
    assertRefused(verify(Tokens.forge(header, "{" + GOOD + "}", SECRET), NOW), WRONG_ALGORITHM);
  }

  @Test
  void an_unsigned_token_is_refused() {
    String none = Tokens.base64url(Tokens.utf8("{\"alg\":\"none\"}"));
    String payload = Tokens.base64url(Tokens.utf8("{" + GOOD + "}"));
    assertRefused(verify(none + "." + payload + ".", NOW), WRONG_ALGORITHM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"HS256\"",
        "{",
        "{\"alg\":\"HS256\"",
        "{\"alg\":\"HS256\"}{}",
        "{\"alg\":\"HS256\"} x",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":1}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"crit\":[]}",
        "{\"alg\":\"HS256\",\"b64\":false}",
        "{\"alg\":\"HS256\",\"zip\":\"DEF\"}",
        "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"\"}}",
        "{\"alg\":\"HS256\",\"jku\":\"https://evil.example\"}",
        "{\"alg\":\"HS256\",\"x5c\":[]}",
        "{'alg':'HS256'}",
        "{\"alg\":\"HS256\",}",
        "{\"alg\":\"HS256\"/**/}"
      })
  void bad_headers_are_refused_even_with_a_right_signature(String header) {
    assertRefused(verify(Tokens.forge(header, "{" + GOOD + "}", SECRET), NOW), MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
        "{\"typ\":\"JWT\",\"kid\":\"../../etc/passwd\",\"alg\":\"HS256\"}",
        " {\n\t\"alg\" : \"HS256\" } "
      })
  void these_headers_are_fine_and_a_key_id_is_not_looked_at(String header) {
    assertThat(verify(Tokens.forge(header, "{" + GOOD + "}", SECRET), NOW))
        .isInstanceOf(Valid.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"iss\":1",
        "\"iss\":[\"APIacme\"]",
        "\"exp\":\"1795262400\"",
        "\"exp\":1795262400.0",
        "\"exp\":1e10",
        "\"exp\":-1",
        "\"exp\":253402300800",
        "\"exp\":9223372036854775808",
        "\"exp\":true",
        "\"exp\":{}",
        "\"nbf\":\"soon\"",
        "\"iat\":\"now\"",
        "\"sub\":1",
        "\"sub\":\"\\ud83d\"",
        "\"name\":{}",
        "\"kind\":4",
        "\"metadata\":{\"a\":1}",
        "\"attributes\":[]",
        "\"attributes\":{\"a\":1}",
        "\"attributes\":{\"a\":null}",
        "\"attributes\":{\"a\":\"1\",\"a\":\"2\"}",
        "\"video\":[]",
        "\"video\":\"all\"",
        "\"video\":{\"roomJoin\":\"true\"}",
        "\"video\":{\"roomJoin\":1}",
        "\"video\":{\"room\":1}",
        "\"video\":{\"room\":\"a\",\"room\":\"b\"}",
        "\"video\":{\"canPublishSources\":\"camera\"}",
        "\"video\":{\"canPublishSources\":[\"telepathy\"]}",
        "\"video\":{\"canPublishSources\":[1]}",
        "\"unknown\":{\"a\":1,\"a\":2}",
        "\"unknown\":1,\"unknown\":1"
      })
  void bad_claims_are_refused_even_with_a_right_signature(String claim) {
    String name = claim.substring(0, claim.indexOf(':'));
    String good = GOOD.contains(name + ":") ? rest(name) : GOOD;
    assertRefused(verify(forged("{" + good + "," + claim + "}"), NOW), MALFORMED);
    if (!good.equals(GOOD)) {
      assertRefused(verify(forged("{" + GOOD + "," + claim + "}"), NOW), MALFORMED);
    }
  }

  private static String rest(String name) {
    return name.equals("\"iss\"") ? "\"exp\":" + EXP : "\"iss\":\"APIacme\"";
  }

  @Test
  void depth_and_size_are_bounded() {
    assertThat(verify(forged("{" + GOOD + ",\"x\":" + nested(30) + "}"), NOW))
        .isInstanceOf(Valid.class);
    assertRefused(verify(forged("{" + GOOD + ",\"x\":" + nested(40) + "}"), NOW), MALFORMED);
    assertRefused(verify(forged("{" + GOOD + ",\"x\":" + nested(100_000) + "}"), NOW), MALFORMED);
    assertRefused(verify(forged("{" + GOOD + ",\"x\":" + "9".repeat(5_000) + "}"), NOW), MALFORMED);
    String big = "{" + GOOD + ",\"x\":\"" + "x".repeat(750_000) + "\"}";
    assertRefused(verify(forged(big), NOW), MALFORMED);
    assertRefused(verify("x".repeat(10_000_000), NOW), MALFORMED);
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  @Test
  void only_utf8_is_read() {
    String claims = "{" + GOOD + ",\"name\":\"ä\"}";
    byte[] header = Tokens.utf8(Tokens.HEADER);
    assertThat(verify(Tokens.forge(header, Tokens.utf8(claims), SECRET), NOW))
        .isInstanceOf(Valid.class);
    for (byte[] other :
        new byte[][] {
          claims.getBytes(StandardCharsets.UTF_16),
          claims.getBytes(StandardCharsets.UTF_16LE),
          claims.getBytes(StandardCharsets.ISO_8859_1),
          withMark(claims)
        }) {
      assertRefused(verify(Tokens.forge(header, other, SECRET), NOW), MALFORMED);
    }
  }

  private static byte[] withMark(String claims) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
    out.writeBytes(Tokens.utf8(claims));
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "Bearer a.b.c", "é.é.é"})
  void what_is_no_token_is_malformed(String text) {
    assertRefused(verify(text, NOW), MALFORMED);
  }

  @Test
  void other_spellings_of_one_token_are_refused_even_when_signed_as_spelled() {
    String header = Tokens.base64url(Tokens.utf8(Tokens.HEADER));
    // One byte more makes the last character of the payload carry unused bits.
    String claims = "{" + GOOD + ",\"x\":\"" + "1".repeat((3 - (GOOD.length() + 9) % 3 + 1) % 3);
    String payload = Tokens.base64url(Tokens.utf8(claims + "\"}"));
    assertThat(payload.length() % 4).isNotZero();
    assertThat(verify(Tokens.resign(header + "." + payload, SECRET), NOW))
        .isInstanceOf(Valid.class);

    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char last = payload.charAt(payload.length() - 1);
    char twin = alphabet.charAt(alphabet.indexOf(last) + 1);
    for (String spelled :
        new String[] {
          payload.substring(0, payload.length() - 1) + twin,
          payload + "=",
          payload + "==",
          payload + "\n",
          " " + payload,
          payload.substring(0, 4) + "\r\n" + payload.substring(4),
          payload.replace('-', '+').replace('_', '/') + "+",
        }) {
      assertRefused(verify(Tokens.resign(header + "." + spelled, SECRET), NOW), MALFORMED);
    }
    assertRefused(verify(Tokens.resign(header + "=." + payload, SECRET), NOW), MALFORMED);
  }

  private static String forged(String claims) {
    return Tokens.forge(Tokens.HEADER, claims, SECRET);
  }

  private static TokenVerification verify(String jwt, Instant now) {
    try (SigningKey key = SigningKey.takeOver(Tokens.utf8(SECRET))) {
      return ReceivedToken.parse(jwt).verify(KEY, key, now);
    } catch (TokenRefusal refusal) {
      return new Refused(EnumSet.of(refusal.reason()));
    }
  }

  private static void assertRefused(TokenVerification verification, Reason... reasons) {
    assertThat(verification).isInstanceOf(Refused.class);
    assertThat(((Refused) verification).reasons()).containsExactly(reasons);
  }
}
