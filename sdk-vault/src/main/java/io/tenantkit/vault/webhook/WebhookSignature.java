package io.tenantkit.vault.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signatures of Standard Webhooks: {@code v1,} and base64 of HMAC-SHA256 over the message's id, a
 * dot, the attempt's time in seconds, a dot, and the payload. Stateless.
 */
final class WebhookSignature {
  static final String ID = "webhook-id";
  static final String TIMESTAMP = "webhook-timestamp";
  static final String SIGNATURE = "webhook-signature";
  static final String SECRET_PREFIX = "whsec_";
  static final String VERSION = "v1,";
  static final int KEY_BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private WebhookSignature() {}

  static String of(byte[] key, String id, long seconds, byte[] payload) {
    return VERSION + Base64.getEncoder().encodeToString(mac(key, id, seconds, payload));
  }

  static byte[] mac(byte[] key, String id, long seconds, byte[] payload) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(payload);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
