package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JwkSetTest {
  private static final String PAYLOAD = "{}";

  @ParameterizedTest
  @ValueSource(strings = {"4_1.rsa_v15_signature", "4_2.rsa-pss_signature", "4_3.ecdsa_signature"})
  void examplesOfRfc7520AreAccepted(String example) throws IOException {
    JsonNode vector = Vectors.read("/jose-cookbook/" + example + ".json");
    ObjectNode jwk = vector.at("/input/key").deepCopy();
    jwk.remove(java.util.List.of("d", "p", "q", "dp", "dq", "qi"));

    assertThat(Vectors.accepted(vector.at("/output/compact").asText(), Vectors.setOf(jwk)))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void everyRsaAlgorithmIsKnown(String algorithm) throws IOException {
    assertAccepted(TestSigner.rsa(algorithm, "k1", 2_048));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EdDSA", "Ed25519"})
  void edwardsSignaturesAreKnownByBothNames(String algorithm) throws IOException {
    assertAccepted(TestSigner.ed25519(algorithm, "k1"));
  }

  @Test
  void anEdwardsSignatureOfAnotherKeyIsRefused() throws IOException {
    TestSigner one = TestSigner.ed25519("EdDSA", "k1");
    TestSigner other = TestSigner.ed25519("EdDSA", "k1");

    assertThat(Vectors.accepted(one.token(one.header("k1"), PAYLOAD), node(other.set()))).isFalse();
  }

  @Test
  void aSetWithASharedOrPrivateKeyIsRefusedWhole() {
    String good = TestSigner.es256("k1").jwk();

    assertRefusedWhole("{\"keys\":[" + good + ",{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}");
    assertRefusedWhole("{\"keys\":[" + good + ",{\"kty\":\"oct\"}]}");
    assertRefusedWhole("{\"keys\":[" + good.replace("\"x\":", "\"d\":\"AQ\",\"x\":") + "]}");
  }

  @Test
  void aSetWithTwoKeysOfOneIdIsRefusedWhole() {
    String one = TestSigner.es256("k1").jwk();
    String two = TestSigner.es256("k1").jwk();

    assertRefusedWhole("{\"keys\":[" + one + "," + two + "]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "null",
        "{\"keys\":{}}",
        "{\"keys\":[1]}",
        "{\"keys\":[]} trailing",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"EC\",\"kty\":\"EC\"}]}",
        "{\"keys\":[{\"kid\":1}]}",
        "{\"keys\":[{\"alg\":null}]}",
        "<html>"
      })
  void whatIsNoSetIsRefused(String text) {
    assertRefusedWhole(text);
  }

  @Test
  void aSetIsBoundedInKeysAndNesting() {
    assertRefusedWhole("{\"keys\":[" + String.join(",", Collections.nCopies(101, "{}")) + "]}");
    assertRefusedWhole("{\"keys\":" + "[".repeat(20) + "]".repeat(20) + "}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"use\":\"enc\"", "\"use\":null_", "\"key_ops\":[\"sign\"]", "\"key_ops\":[]",
        "\"key_ops\":\"verify\"", "\"alg\":\"ES384\"", "\"alg\":\"HS256\"", "\"alg\":\"none\""
      })
  void aKeyForSomethingElseIsLeftOut(String member) throws IOException {
    TestSigner signer = TestSigner.es256("k1");
    String changed = member.replace("null_", "\"signature\"");
    JsonNode set = node(signer.set().replace("\"kid\":", changed + ",\"kid\":"));

    assertThat(Vectors.accepted(signer.token(signer.header("k1"), PAYLOAD), set)).isFalse();
  }

  @Test
  void aTokenWithoutKeyIdNeedsASetOfOneKey() throws IOException {
    TestSigner signer = TestSigner.es256("k1");
    String token = signer.token("{\"alg\":\"ES256\"}", PAYLOAD);
    String two = "{\"keys\":[" + signer.jwk() + "," + TestSigner.es256("k2").jwk() + "]}";

    assertThat(Vectors.accepted(token, node(signer.set()))).isTrue();
    assertThat(Vectors.accepted(token, node(two))).isFalse();
  }

  @Test
  void rsaKeysAreHeldToSizeAndExponent() throws IOException {
    TestSigner weak = TestSigner.rsa("RS256", "k1", 1_024 + 1_016);
    assertThat(Vectors.accepted(weak.token(weak.header("k1"), PAYLOAD), node(weak.set())))
        .isFalse();

    BigInteger modulus = BigInteger.TWO.pow(2_047).add(BigInteger.valueOf(1_234_567));
    BigInteger f4 = BigInteger.valueOf(65_537);
    assertThat(RsaStrength.isSound(modulus, f4)).isTrue();
    assertThat(RsaStrength.isSound(modulus, BigInteger.ONE)).isFalse();
    assertThat(RsaStrength.isSound(modulus, BigInteger.valueOf(3))).isFalse();
    assertThat(RsaStrength.isSound(modulus, BigInteger.valueOf(65_538))).isFalse();
    assertThat(RsaStrength.isSound(modulus, modulus.subtract(BigInteger.TWO))).isFalse();
    assertThat(RsaStrength.isSound(modulus.add(BigInteger.ONE), f4)).isFalse();
    assertThat(RsaStrength.isSound(BigInteger.TWO.pow(8_192).add(BigInteger.ONE), f4)).isFalse();
  }

  private static void assertAccepted(TestSigner signer) throws IOException {
    String token = signer.token(signer.header("k1"), PAYLOAD);
    JsonNode set = node(signer.set());

    assertThat(Vectors.accepted(token, set)).isTrue();
    assertThat(Vectors.accepted(signer.token(signer.header("k2"), PAYLOAD), set)).isFalse();
    assertThat(Vectors.accepted(token.replace(".e30.", ".e31."), set)).isFalse();
  }

  private static JsonNode node(String json) throws IOException {
    return Vectors.JSON.readTree(json);
  }

  private static void assertRefusedWhole(String set) {
    assertThatThrownBy(() -> JwkSet.parse(set.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DocumentRefused.class);
  }
}
