package io.tenantkit.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSSignerOption;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An issuer's signing key, which also signs headers that no library would make. */
final class TestSigner {
  private interface Sign {
    byte[] bytes(byte[] input) throws JOSEException, GeneralSecurityException;
  }

  /** Making an RSA key takes its time; no test needs one of its own. */
  private static final Map<Integer, RSAKey> RSA_KEYS = new ConcurrentHashMap<>();

  private static final Set<JWSSignerOption> WEAK = Set.of(AllowWeakRSAKey.getInstance());

  private final String algorithm;
  private final String jwk;
  private final Sign sign;

  private TestSigner(String algorithm, String jwk, Sign sign) {
    this.algorithm = algorithm;
    this.jwk = jwk;
    this.sign = sign;
  }

  static TestSigner es256(String kid) {
    try {
      ECKey key = new ECKeyGenerator(Curve.P_256).keyID(kid).generate();
      return nimbus("ES256", key, input -> sign(new ECDSASigner(key), "ES256", input));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static TestSigner rsa(String algorithm, String kid, int bits) {
    RSAKey pair = RSA_KEYS.computeIfAbsent(bits, TestSigner::newRsa);
    RSAKey key = new RSAKey.Builder(pair).keyID(kid).build();
    return nimbus(
        algorithm,
        key,
        input -> sign(new RSASSASigner(key.toRSAPrivateKey(), WEAK), algorithm, input));
  }

  static TestSigner ed25519(String algorithm, String kid) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      String x =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
      return new TestSigner(
          algorithm,
          "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"" + kid + "\",\"x\":\"" + x + "\"}",
          input -> {
            Signature platform = Signature.getInstance("Ed25519");
            platform.initSign(pair.getPrivate());
            platform.update(input);
            return platform.sign();
          });
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RSAKey newRsa(int bits) {
    try {
      return new RSAKeyGenerator(bits, true).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TestSigner nimbus(String algorithm, JWK key, Sign sign) {
    return new TestSigner(algorithm, key.toPublicJWK().toJSONString(), sign);
  }

  private static byte[] sign(JWSSigner signer, String algorithm, byte[] input)
      throws JOSEException {
    return signer.sign(new JWSHeader(JWSAlgorithm.parse(algorithm)), input).decode();
  }

  /** The public key. */
  String jwk() {
    return jwk;
  }

  String set() {
    return "{\"keys\":[" + jwk + "]}";
  }

  String header(String kid) {
    return "{\"alg\":\"" + algorithm + "\",\"typ\":\"at+jwt\",\"kid\":\"" + kid + "\"}";
  }

  /** A token of these very texts. */
  String token(String header, String payload) {
    String input = base64(header) + "." + base64(payload);
    try {
      return input + "." + Base64URL.encode(sign.bytes(input.getBytes(StandardCharsets.US_ASCII)));
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(String text) {
    return Base64URL.encode(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
