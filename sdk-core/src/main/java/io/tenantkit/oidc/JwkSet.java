package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import io.tenantkit.oidc.SigningAlgorithm.Family;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.spi.StrictJson.MalformedJsonException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An issuer's keys (RFC 7517 §5). A set that mixes in a shared secret or a private key, or that
 * names two keys alike, is refused whole, since nobody can say what its maker meant; a key that is
 * weak or for something else is left out. Immutable.
 */
final class JwkSet {
  /** The longest document that is read, in bytes. */
  static final int MAX_BYTES = 256 * 1024;

  private static final int MAX_KEYS = 100;
  private static final int MAX_DEPTH = 8;
  private static final int ED25519_BYTES = 32;
  private static final StrictJson JSON = StrictJson.bounded(MAX_BYTES, MAX_DEPTH);

  /** RFC 8410: what stands before the 32 bytes in a SubjectPublicKeyInfo. */
  private static final byte[] ED25519_PREFIX = {
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private static final Map<String, Curve> CURVES =
      Map.of("P-256", Curve.P_256, "P-384", Curve.P_384, "P-521", Curve.P_521);
  private static final Map<String, Family> CURVE_FAMILIES =
      Map.of("P-256", Family.P256, "P-384", Family.P384, "P-521", Family.P521);

  private static final List<String> TEXTS = List.of("kty", "kid", "use", "alg", "crv");

  private final List<VerificationKey> keys;

  private JwkSet(List<VerificationKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads a set.
   *
   * @throws DocumentRefused when it is not one, or must be refused whole
   */
  static JwkSet parse(byte[] json) throws DocumentRefused {
    JsonNode listed;
    try {
      listed = JSON.parse(json).get("keys");
    } catch (MalformedJsonException e) {
      throw new DocumentRefused("not strict JSON");
    }
    if (listed == null || !listed.isArray() || listed.size() > MAX_KEYS) {
      throw new DocumentRefused("not a set of at most " + MAX_KEYS + " keys");
    }
    Set<String> ids = new HashSet<>();
    List<VerificationKey> usable = new ArrayList<>();
    for (JsonNode jwk : listed) {
      requireDecent(jwk);
      @Nullable String id = text(jwk, "kid");
      if (id != null && !ids.add(id)) {
        throw new DocumentRefused("two keys of one id");
      }
      key(jwk, id).ifPresent(usable::add);
    }
    return new JwkSet(usable);
  }

  /** The key that a token's header means: by its id, or the only one when it names none. */
  Optional<VerificationKey> find(@Nullable String id) {
    if (id == null) {
      return keys.size() == 1 ? Optional.of(keys.get(0)) : Optional.empty();
    }
    return keys.stream().filter(key -> id.equals(key.id())).findFirst();
  }

  private static void requireDecent(JsonNode jwk) throws DocumentRefused {
    if (!jwk.isObject()) {
      throw new DocumentRefused("a key that is no object");
    }
    for (String name : TEXTS) {
      if (jwk.has(name) && !jwk.get(name).isTextual()) {
        throw new DocumentRefused("a key with a member that is no text");
      }
    }
    if (jwk.has("d") || jwk.has("k") || "oct".equals(text(jwk, "kty"))) {
      throw new DocumentRefused("a private or shared key among public ones");
    }
  }

  /** The key, or nothing when it is weak, broken, unknown or not for checking signatures. */
  private static Optional<VerificationKey> key(JsonNode jwk, @Nullable String id) {
    if (!isForSignatures(jwk)) {
      return Optional.empty();
    }
    @Nullable String named = text(jwk, "alg");
    Optional<SigningAlgorithm> only =
        named == null ? Optional.empty() : SigningAlgorithm.ofJoseName(named);
    if (named != null && only.isEmpty()) {
      return Optional.empty();
    }
    @Nullable VerificationKey key;
    try {
      key =
          switch (String.valueOf(text(jwk, "kty"))) {
            case "RSA" -> rsa(jwk, id, only);
            case "EC" -> ec(jwk, id, only);
            case "OKP" -> ed25519(jwk, id, only);
            default -> null;
          };
    } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
      // Nimbus answers a point off the curve and the like with unchecked exceptions.
      return Optional.empty();
    }
    return Optional.ofNullable(key).filter(made -> only.isEmpty() || made.fits(only.get()));
  }

  private static boolean isForSignatures(JsonNode jwk) {
    JsonNode use = jwk.get("use");
    if (use != null && !"sig".equals(use.textValue())) {
      return false;
    }
    JsonNode operations = jwk.get("key_ops");
    if (operations == null) {
      return true;
    }
    for (JsonNode operation : operations) {
      if ("verify".equals(operation.textValue())) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable VerificationKey rsa(
      JsonNode jwk, @Nullable String id, Optional<SigningAlgorithm> only) throws JOSEException {
    Base64URL modulus = number(jwk, "n");
    Base64URL exponent = number(jwk, "e");
    if (!RsaStrength.isSound(modulus.decodeToBigInteger(), exponent.decodeToBigInteger())) {
      return null;
    }
    RSAKey key = new RSAKey.Builder(modulus, exponent).build();
    return VerificationKey.of(id, Family.RSA, only, new RSASSAVerifier(key));
  }

  private static @Nullable VerificationKey ec(
      JsonNode jwk, @Nullable String id, Optional<SigningAlgorithm> only) throws JOSEException {
    @Nullable String name = text(jwk, "crv");
    Curve curve = name == null ? null : CURVES.get(name);
    Family family = name == null ? null : CURVE_FAMILIES.get(name);
    if (curve == null || family == null) {
      return null;
    }
    ECKey key = new ECKey.Builder(curve, number(jwk, "x"), number(jwk, "y")).build();
    return VerificationKey.of(id, family, only, new ECDSAVerifier(key));
  }

  private static @Nullable VerificationKey ed25519(
      JsonNode jwk, @Nullable String id, Optional<SigningAlgorithm> only)
      throws GeneralSecurityException {
    byte[] point = Base64.getUrlDecoder().decode(number(jwk, "x").toString());
    if (!"Ed25519".equals(text(jwk, "crv")) || point.length != ED25519_BYTES) {
      return null;
    }
    byte[] encoded = new byte[ED25519_PREFIX.length + ED25519_BYTES];
    System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
    System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, ED25519_BYTES);
    return VerificationKey.ed25519(
        id,
        only,
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
  }

  private static Base64URL number(JsonNode jwk, String name) {
    @Nullable String value = text(jwk, name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(name);
    }
    return new Base64URL(value);
  }

  private static @Nullable String text(JsonNode jwk, String name) {
    JsonNode value = jwk.get(name);
    return value == null ? null : value.textValue();
  }
}
