package io.tenantkit.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import io.tenantkit.oidc.SigningAlgorithm.Family;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One public key of an issuer, good for checking signatures. Safe for use by several threads. */
final class VerificationKey {
  /** Whether a signature is this key's. */
  private interface Check {
    boolean holds(SigningAlgorithm algorithm, byte[] input, byte[] signature)
        throws JOSEException, GeneralSecurityException;
  }

  private final @Nullable String id;
  private final Family family;
  private final Optional<SigningAlgorithm> only;
  private final Check check;

  private VerificationKey(
      @Nullable String id, Family family, Optional<SigningAlgorithm> only, Check check) {
    this.id = id;
    this.family = family;
    this.only = only;
    this.check = check;
  }

  /**
   * A key that Nimbus knows how to use.
   *
   * @param only the one algorithm that the issuer meant it for, if it said so
   */
  static VerificationKey of(
      @Nullable String id, Family family, Optional<SigningAlgorithm> only, JWSVerifier verifier) {
    return new VerificationKey(
        id,
        family,
        only,
        (algorithm, input, signature) ->
            verifier.verify(
                new JWSHeader(JWSAlgorithm.parse(algorithm.joseName())),
                input,
                Base64URL.encode(signature)));
  }

  /** A key on edwards25519, which the platform itself checks: Nimbus would want Tink for it. */
  static VerificationKey ed25519(
      @Nullable String id, Optional<SigningAlgorithm> only, PublicKey key) {
    return new VerificationKey(
        id,
        Family.ED25519,
        only,
        (algorithm, input, signature) -> {
          Signature platform = Signature.getInstance("Ed25519");
          platform.initVerify(key);
          platform.update(input);
          return platform.verify(signature);
        });
  }

  @Nullable String id() {
    return id;
  }

  /** Whether the key may be used so (RFC 8725 §3.1: one algorithm for one key). */
  boolean fits(SigningAlgorithm algorithm) {
    return algorithm.family() == family && (only.isEmpty() || only.get() == algorithm);
  }

  boolean verifies(SigningAlgorithm algorithm, byte[] input, byte[] signature) {
    try {
      return fits(algorithm) && check.holds(algorithm, input, signature);
    } catch (JOSEException | GeneralSecurityException e) {
      // Of the wrong length, or not a signature at all.
      return false;
    }
  }
}
