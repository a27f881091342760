package io.tenantkit.vault.integration;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.JsonText;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Compact JSON web signatures (RFC 7515) that a check sends; only what is needed to make them. */
final class SignedToken {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private SignedToken() {}

  /** RS256. */
  static String rs256(PrivateKey key, Optional<String> keyId, String claims) {
    Map<String, String> header = new TreeMap<>(Map.of("alg", "RS256", "typ", "JWT"));
    keyId.ifPresent(id -> header.put("kid", id));
    String content = content(JsonText.object(header), claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw failed();
    }
  }

  /** HS256. */
  static String hs256(String secret, String claims) {
    String content = content(JsonText.object(Map.of("alg", "HS256")), claims);
    byte[] key = secret.getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return content
          + "."
          + BASE64.encodeToString(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw failed();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static String content(String header, String claims) {
    return BASE64.encodeToString(header.getBytes(StandardCharsets.US_ASCII))
        + "."
        + BASE64.encodeToString(claims.getBytes(StandardCharsets.US_ASCII));
  }

  /** Without a cause: what the platform says may quote a key. */
  private static TenantkitException failed() {
    return new TenantkitException(ErrorCode.INTERNAL, "the platform cannot sign");
  }
}
