package io.tenantkit.apikey;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A scanner with a fresh key on a curve. */
final class ReportSigner {
  static final String ID = "Github-Public-Key-Identifier";
  static final String SIGNATURE = "Github-Public-Key-Signature";

  private final KeyPair keys;

  ReportSigner(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  PublicKey publicKey() {
    return keys.getPublic();
  }

  ReportSignature signature() {
    return ReportSignature.github(
        id -> id.equals("k1") ? Optional.of(keys.getPublic()) : Optional.empty());
  }

  /** The headers of a report, found without regard to case. */
  Function<String, @Nullable String> headers(byte[] body) {
    return headers("k1", Base64.getEncoder().encodeToString(sign(body)));
  }

  static Function<String, @Nullable String> headers(String id, String signature) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("GITHUB-PUBLIC-KEY-IDENTIFIER", id);
    headers.put("github-public-key-signature", signature);
    return headers::get;
  }

  byte[] sign(byte[] body) {
    try {
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(keys.getPrivate());
      signer.update(body);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  String pem() {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }
}
