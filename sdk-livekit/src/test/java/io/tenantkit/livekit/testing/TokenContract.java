package io.tenantkit.livekit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which tokens a server takes, and with what words it refuses the others. */
abstract class TokenContract {
  private static final String JOIN = "\"sub\":\"a\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}";
  private static final String OK = "200 success";
  private static final String INVALID = "401 invalid authorization token";
  private static final String SIGNATURE =
      "401 invalid token: TOKEN, error: token signature is invalid: ";
  private static final String CLAIMS =
      "401 invalid token: TOKEN, error: token has invalid claims: ";
  private static final String MALFORMED = "401 invalid token: TOKEN, error: token is malformed: ";
  private static final String NO_ACCESS = "401 no permissions to access the room";
  private static final String DENIED = "401 permissions denied";
  private static final String HS256 = "{\"alg\":\"HS256\"}";

  private Wire wire;

  abstract ServerUnderTest server();

  private Wire wire() {
    if (wire == null) {
      wire = new Wire(server());
    }
    return wire;
  }

  private String validate(String token, String query) {
    String answer =
        wire().get("/rtc/validate?access_token=" + Wire.encoded(token) + query, Map.of());
    return answer.replace(token, "TOKEN").replaceFirst(" could not JSON decode claim: .*", "");
  }

  private String token(String more) {
    return wire().token("{" + more + "}");
  }

  private String join(String more) {
    return token(JOIN + "," + more);
  }

  private String video(String more) {
    return token("\"sub\":\"a\",\"video\":{" + more + "}");
  }

  private String signed(String header, String payload) {
    return Wire.sign(header, payload, server().apiSecret());
  }

  private String claims() {
    return wire().claims("{" + JOIN + "}").toString();
  }

  /** A token and what is said of it. */
  private record Case(String token, String answer) {}

  @TestFactory
  Stream<DynamicTest> claimsAreHeeded() {
    long now = wire().now();
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("join", new Case(token(JOIN), OK));
    cases.put(
        "no identity",
        new Case(
            token("\"video\":{\"roomJoin\":true,\"room\":\"v\"}"), "400 identity cannot be empty"));
    cases.put(
        "jti is an identity",
        new Case(token("\"jti\":\"a\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}"), OK));
    cases.put(
        "the claim identity is none",
        new Case(
            token("\"identity\":\"a\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}"),
            "400 identity cannot be empty"));
    cases.put("no video", new Case(token("\"sub\":\"a\""), NO_ACCESS));
    cases.put("video null", new Case(token("\"sub\":\"a\",\"video\":null"), NO_ACCESS));
    cases.put("video empty", new Case(video(""), DENIED));
    cases.put("no join", new Case(video("\"room\":\"v\""), DENIED));
    cases.put("join is no", new Case(video("\"room\":\"v\",\"roomJoin\":false"), DENIED));
    cases.put("no room", new Case(video("\"roomJoin\":true"), "400 no room name"));
    cases.put(
        "identity of 256",
        new Case(
            token(
                "\"sub\":\"" + "a".repeat(256) + "\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}"),
            OK));
    cases.put(
        "identity of 257",
        new Case(
            token(
                "\"sub\":\"" + "a".repeat(257) + "\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}"),
            "400 participant identity length exceeds limits: max length 256"));
    cases.put(
        "identity of 258 bytes",
        new Case(
            token(
                "\"sub\":\"" + "ü".repeat(129) + "\",\"video\":{\"roomJoin\":true,\"room\":\"v\"}"),
            "400 participant identity length exceeds limits: max length 256"));
    cases.put(
        "room of 256",
        new Case(video("\"roomJoin\":true,\"room\":\"" + "r".repeat(256) + "\""), OK));
    cases.put(
        "room of 257",
        new Case(
            video("\"roomJoin\":true,\"room\":\"" + "r".repeat(257) + "\""),
            "400 room name length exceeds limits: max length 256"));
    cases.put("name of 300", new Case(join("\"name\":\"" + "n".repeat(300) + "\""), OK));
    cases.put(
        "attributes of 70,000",
        new Case(join("\"attributes\":{\"a\":\"" + "v".repeat(70_000) + "\"}"), OK));
    cases.put(
        "metadata of 250,000", new Case(join("\"metadata\":\"" + "m".repeat(250_000) + "\""), OK));
    cases.put("expired", new Case(join("\"exp\":" + (now - 300)), CLAIMS + "token is expired"));
    cases.put("expired within the leeway", new Case(join("\"exp\":" + (now - 30)), OK));
    cases.put("exp 0", new Case(join("\"exp\":0"), CLAIMS + "token is expired"));
    cases.put("exp below 0", new Case(join("\"exp\":-5"), CLAIMS + "token is expired"));
    cases.put("exp null", new Case(join("\"exp\":null"), OK));
    cases.put("exp far away", new Case(join("\"exp\":1000000000000000000"), OK));
    cases.put("exp with a fraction", new Case(join("\"exp\":" + (now + 60) + ".5"), OK));
    cases.put("exp as the text of a number", new Case(join("\"exp\":\"" + (now + 60) + "\""), OK));
    cases.put("exp as another text", new Case(join("\"exp\":\"x\""), INVALID));
    cases.put("nbf to come within the leeway", new Case(join("\"nbf\":" + (now + 30)), OK));
    cases.put(
        "nbf to come", new Case(join("\"nbf\":" + (now + 300)), CLAIMS + "token is not valid yet"));
    cases.put("nbf below 0", new Case(join("\"nbf\":-5"), OK));
    cases.put("iat to come", new Case(join("\"iat\":" + (now + 300)), OK));
    cases.put("iat as a text", new Case(join("\"iat\":\"x\""), INVALID));
    cases.put(
        "expired and to come",
        new Case(
            join("\"exp\":" + (now - 300) + ",\"nbf\":" + (now + 300)),
            CLAIMS + "token is expired, token is not valid yet"));
    cases.put(
        "another key", new Case(join("\"iss\":\"APIother\""), "401 invalid API key: APIother"));
    cases.put("no key", new Case(join("\"iss\":null"), "401 invalid API key: "));
    cases.put("iss a number", new Case(join("\"iss\":5"), INVALID));
    cases.put("sub a number", new Case(join("\"sub\":5"), INVALID));
    cases.put("aud", new Case(join("\"aud\":\"x\""), OK));
    cases.put("aud twice", new Case(join("\"aud\":[\"x\",\"y\"]"), OK));
    cases.put("video a text", new Case(join("\"video\":\"x\""), MALFORMED.strip()));
    cases.put(
        "a grant as a text",
        new Case(video("\"roomJoin\":\"true\",\"room\":\"v\""), MALFORMED.strip()));
    cases.put(
        "a permission null",
        new Case(video("\"roomJoin\":true,\"room\":\"v\",\"canPublish\":null"), OK));
    cases.put(
        "a source that nobody knows",
        new Case(video("\"roomJoin\":true,\"room\":\"v\",\"canPublishSources\":[\"x\"]"), OK));
    cases.put(
        "attributes of a number", new Case(join("\"attributes\":{\"a\":1}"), MALFORMED.strip()));
    cases.put("attributes as a list", new Case(join("\"attributes\":[]"), MALFORMED.strip()));
    cases.put("a kind that nobody knows", new Case(join("\"kind\":\"x\""), OK));
    cases.put("kind a number", new Case(join("\"kind\":5"), MALFORMED.strip()));
    cases.put("metadata an object", new Case(join("\"metadata\":{}"), MALFORMED.strip()));
    cases.put("a claim that nobody knows", new Case(join("\"x\":{}"), OK));
    cases.put("roomConfig null", new Case(join("\"roomConfig\":null"), OK));
    cases.put("roomConfig a text", new Case(join("\"roomConfig\":\"x\""), MALFORMED.strip()));
    cases.put(
        "roomConfig of a wrong type",
        new Case(join("\"roomConfig\":{\"emptyTimeout\":\"x\"}"), MALFORMED.strip()));
    cases.put(
        "roomConfig with tags as a list",
        new Case(join("\"roomConfig\":{\"tags\":[]}"), MALFORMED.strip()));
    cases.put(
        "roomConfig with a field that nobody knows",
        new Case(join("\"roomConfig\":{\"x\":1}"), OK));
    cases.put(
        "roomConfig with credentials",
        new Case(join("\"roomConfig\":{\"egress\":{\"tracks\":{\"s3\":{\"secret\":\"x\"}}}}"), OK));
    cases.put("roomPreset that nobody knows", new Case(join("\"roomPreset\":\"x\""), OK));
    return run(cases);
  }

  @TestFactory
  Stream<DynamicTest> formAndSignatureAreHeeded() {
    String good = token(JOIN);
    String[] parts = good.split("\\.", -1);
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put(
        "wrong secret",
        new Case(Wire.sign(HS256, claims(), "x".repeat(40)), SIGNATURE + "signature is invalid"));
    cases.put(
        "wrong secret and wrong claims",
        new Case(
            Wire.sign(HS256, wire().claims("{\"video\":5}").toString(), "x".repeat(40)),
            MALFORMED.strip()));
    cases.put(
        "wrong secret and expired",
        new Case(
            Wire.sign(HS256, wire().claims("{\"exp\":1}").toString(), "x".repeat(40)),
            SIGNATURE + "signature is invalid"));
    cases.put(
        "alg none",
        new Case(
            Wire.base64url("{\"alg\":\"none\"}") + "." + parts[1] + ".",
            SIGNATURE + "signing method none is invalid"));
    for (String algorithm :
        new String[] {"none", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"}) {
      cases.put(
          "alg " + algorithm + ", signed",
          new Case(
              signed("{\"alg\":\"" + algorithm + "\"}", claims()),
              SIGNATURE + "signing method " + algorithm + " is invalid"));
    }
    for (String header :
        new String[] {
          "{\"alg\":\"hs256\"}",
          "{\"alg\":\"X\"}",
          "{\"alg\":5}",
          "{\"typ\":\"JWT\"}",
          "[]",
          "{",
          "null"
        }) {
      cases.put("header " + header, new Case(signed(header, claims()), INVALID));
    }
    cases.put("another typ", new Case(signed("{\"alg\":\"HS256\",\"typ\":\"x\"}", claims()), OK));
    cases.put("crit", new Case(signed("{\"alg\":\"HS256\",\"crit\":[\"x\"]}", claims()), OK));
    for (String payload : new String[] {"[]", "\"x\"", "{", claims() + " x", ""}) {
      cases.put(
          "payload " + payload.substring(0, Math.min(3, payload.length())) + payload.length(),
          new Case(signed(HS256, payload), INVALID));
    }
    cases.put("payload null", new Case(signed(HS256, "null"), "401 invalid API key: "));
    cases.put(
        "a claim twice", new Case(signed(HS256, "{\"iss\":\"x\"," + claims().substring(1)), OK));
    cases.put(
        "a claim in another case",
        new Case(signed(HS256, claims().replace("\"video\"", "\"Video\"")), OK));
    cases.put("two parts", new Case("a.b", INVALID));
    cases.put("four parts", new Case(good + ".a", INVALID));
    cases.put("garbage", new Case("garbage", INVALID));
    cases.put(
        "no signature",
        new Case(parts[0] + "." + parts[1] + ".", SIGNATURE + "signature is invalid"));
    cases.put("padding", new Case(good + "=", INVALID));
    cases.put("a blank", new Case(good + " ", INVALID));
    cases.put("a line feed after it", new Case(good + "\n", OK));
    cases.put(
        "a line feed in the signature",
        new Case(
            good.substring(0, good.length() - 5) + "\n" + good.substring(good.length() - 5), OK));
    cases.put(
        "a line feed in the header",
        new Case(
            good.substring(0, 9) + "\r\n" + good.substring(9), SIGNATURE + "signature is invalid"));
    cases.put("unused bits changed", new Case(withOtherUnusedBits(good), OK));
    cases.put(
        "the signature changed",
        new Case(
            parts[0]
                + "."
                + parts[1]
                + "."
                + (parts[2].charAt(0) == 'A' ? 'B' : 'A')
                + parts[2].substring(1),
            SIGNATURE + "signature is invalid"));
    cases.put(
        "the signature cut to 41 characters",
        new Case(good.substring(0, good.length() - 2), INVALID));
    cases.put(
        "the signature cut to 40 characters",
        new Case(good.substring(0, good.length() - 3), SIGNATURE + "signature is invalid"));
    cases.put(
        "the claims of another token",
        new Case(
            parts[0] + "." + token(JOIN + ",\"name\":\"x\"").split("\\.", -1)[1] + "." + parts[2],
            SIGNATURE + "signature is invalid"));
    return run(cases);
  }

  private static String withOtherUnusedBits(String token) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = token.length() - 1;
    return token.substring(0, last) + alphabet.charAt(alphabet.indexOf(token.charAt(last)) ^ 1);
  }

  private Stream<DynamicTest> run(Map<String, Case> cases) {
    return cases.entrySet().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.getKey(),
                    () ->
                        assertThat(validate(each.getValue().token(), ""))
                            .isEqualTo(each.getValue().answer())));
  }

  @Test
  void whatAClientAsksForBesideItsTokenIsHeeded() {
    String plain = token(JOIN);
    String mayUpdate = video("\"roomJoin\":true,\"room\":\"v\",\"canUpdateOwnMetadata\":true");
    String attributes = "&attributes=" + Wire.base64url("{\"a\":\"b\"}");
    Map<String, String> said = new LinkedHashMap<>();
    said.put("attributes", validate(plain, attributes));
    said.put("attributes, allowed", validate(mayUpdate, attributes));
    said.put("attributes, garbage", validate(mayUpdate, "&attributes=!!"));
    said.put("publish", validate(plain, "&publish=x"));
    said.put(
        "publish, not allowed",
        validate(video("\"roomJoin\":true,\"room\":\"v\",\"canPublish\":false"), "&publish=x"));
    said.put("a room in the URL", validate(video("\"roomJoin\":true"), "&room=v&room_name=v"));
    said.put("another room in the URL", validate(plain, "&room=w"));
    said.put("no token", wire().get("/rtc/validate", Map.of()));
    said.put(
        "v1 without a request", wire().get("/rtc/v1/validate?access_token=" + plain, Map.of()));
    said.put(
        "v1, garbage",
        wire().get("/rtc/v1/validate?join_request=!&access_token=" + plain, Map.of()));

    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("attributes", NO_ACCESS);
    expected.put("attributes, allowed", OK);
    expected.put("attributes, garbage", "400 cannot decode attributes");
    expected.put("publish", OK);
    expected.put("publish, not allowed", NO_ACCESS);
    expected.put("a room in the URL", "400 no room name");
    expected.put("another room in the URL", OK);
    expected.put("no token", NO_ACCESS);
    expected.put("v1 without a request", "400 join_request is required");
    expected.put("v1, garbage", "400 cannot base64 decode wrapped join request");
    assertThat(said).isEqualTo(expected);
  }

  @Test
  void aTokenComesInTheHeaderOrInTheUrl() {
    String good = token(JOIN);
    Map<String, String> inHeader = Map.of("Authorization", "Bearer " + good);
    String prefix = "401 invalid authorization header. Must start with Bearer ";

    assertThat(wire().get("/rtc/validate", inHeader)).isEqualTo(OK);
    assertThat(wire().get("/rtc/validate?access_token=bad", inHeader))
        .as("the header counts")
        .isEqualTo(OK);
    for (String header : new String[] {"bearer " + good, "Basic x", good, "Bearer"}) {
      assertThat(wire().get("/rtc/validate", Map.of("Authorization", header))).isEqualTo(prefix);
      assertThat(wire().get("/", Map.of("Authorization", header))).isEqualTo(prefix);
    }
    assertThat(wire().get("/?access_token=bad", Map.of())).isEqualTo(INVALID);
    assertThat(wire().get("/", Map.of())).isEqualTo("200 OK");
    assertThat(wire().get("/nowhere", Map.of())).isEqualTo("404 404 page not found\n");
    assertThat(wire().get("/rtc?access_token=" + good, Map.of())).as("no socket").isEqualTo("404 ");
    assertThat(wire().call("RoomService", "ListRooms", Optional.of("bad"), "{}"))
        .isEqualTo(INVALID);
  }
}
