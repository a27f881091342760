package io.tenantkit.oidc;

import java.util.Arrays;
import java.util.Optional;

/**
 * How an issuer may sign (RFC 7518, RFC 8037, RFC 9864). There is no {@code none} and no HMAC here,
 * so neither can be allowed: who could check an HMAC could also make it.
 */
public enum SigningAlgorithm {
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  RS256("RS256", Family.RSA),
  /** RSASSA-PKCS1-v1_5 with SHA-384. */
  RS384("RS384", Family.RSA),
  /** RSASSA-PKCS1-v1_5 with SHA-512. */
  RS512("RS512", Family.RSA),
  /** RSASSA-PSS with SHA-256. */
  PS256("PS256", Family.RSA),
  /** RSASSA-PSS with SHA-384. */
  PS384("PS384", Family.RSA),
  /** RSASSA-PSS with SHA-512. */
  PS512("PS512", Family.RSA),
  /** ECDSA on P-256 with SHA-256. */
  ES256("ES256", Family.P256),
  /** ECDSA on P-384 with SHA-384. */
  ES384("ES384", Family.P384),
  /** ECDSA on P-521 with SHA-512. */
  ES512("ES512", Family.P521),
  /** EdDSA on edwards25519, by the older name. */
  EDDSA("EdDSA", Family.ED25519),
  /** EdDSA on edwards25519, by the name that says so. */
  ED25519("Ed25519", Family.ED25519);

  /** The kinds of key. */
  enum Family {
    RSA,
    P256,
    P384,
    P521,
    ED25519
  }

  private final String joseName;
  private final Family family;

  SigningAlgorithm(String joseName, Family family) {
    this.joseName = joseName;
    this.family = family;
  }

  static Optional<SigningAlgorithm> ofJoseName(String name) {
    return Arrays.stream(values()).filter(each -> each.joseName.equals(name)).findFirst();
  }

  /** The name in a token's header. */
  public String joseName() {
    return joseName;
  }

  Family family() {
    return family;
  }
}
