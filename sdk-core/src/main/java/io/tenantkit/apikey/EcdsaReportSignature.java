package io.tenantkit.apikey;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A signature in one header, by the key that another header names. */
final class EcdsaReportSignature implements ReportSignature {
  /** A P-256 signature has at most 72 bytes, which are 96 characters. */
  private static final int MAX_SIGNATURE = 128;

  private static final int MAX_IDENTIFIER = 128;

  private final String identifierHeader;
  private final String signatureHeader;
  private final Function<String, Optional<PublicKey>> keys;

  EcdsaReportSignature(
      String identifierHeader, String signatureHeader, Function<String, Optional<PublicKey>> keys) {
    this.identifierHeader = identifierHeader;
    this.signatureHeader = signatureHeader;
    this.keys = Objects.requireNonNull(keys, "keys");
  }

  @Override
  public boolean holds(byte[] body, Function<String, @Nullable String> headers) {
    String identifier = headers.apply(identifierHeader);
    String encoded = headers.apply(signatureHeader);
    if (identifier == null
        || identifier.isEmpty()
        || identifier.length() > MAX_IDENTIFIER
        || encoded == null
        || encoded.length() > MAX_SIGNATURE) {
      return false;
    }
    byte[] signature;
    try {
      signature = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      return false;
    }
    // A key of another kind would bring another algorithm with it; the keys are the host's to get.
    return keys.apply(identifier)
        .filter(ReportKeys::onP256)
        .filter(key -> verifies(key, body, signature))
        .isPresent();
  }

  private static boolean verifies(PublicKey key, byte[] body, byte[] signature) {
    try {
      Signature ecdsa = Signature.getInstance("SHA256withECDSA");
      ecdsa.initVerify(key);
      ecdsa.update(body);
      return ecdsa.verify(signature);
    } catch (GeneralSecurityException e) {
      // What is no signature at all.
      return false;
    }
  }
}
