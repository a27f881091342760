package io.tenantkit.examples.benchmarks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The floor of a LiveKit token: the claims put together as text, Base64, one HMAC-SHA256. For one
 * thread.
 *
 * <p>Left out: every check, JSON escapes, an id for each token, the audit trail, the vault. {@link
 * #mintAsText} is what one writes without a thought of speed, with a Mac of its own for each token;
 * the others spare what can be spared: their Mac is made once, and keyed once or for each token.
 */
final class HandMint {
  private static final String HEADER =
      Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(
                  "{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.US_ASCII))
          + '.';

  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;
  private final SecretKeySpec key;

  HandMint(byte[] secret) {
    try {
      mac = Mac.getInstance(ALGORITHM);
      key = new SecretKeySpec(secret, ALGORITHM);
      mac.init(key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keys the Mac first, as whoever keeps one for all tenants has to. */
  byte[] mintKeyed(
      String issuer, String identity, String name, String room, String id, long now, long ttl) {
    try {
      mac.init(key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return mint(issuer, identity, name, room, id, now, ttl);
  }

  byte[] mint(
      String issuer, String identity, String name, String room, String id, long now, long ttl) {
    String claims = claims(issuer, identity, name, room, id, now, ttl);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    byte[] payload = base64.encode(claims.getBytes(StandardCharsets.UTF_8));
    byte[] token = new byte[HEADER.length() + payload.length + 1 + 43];
    byte[] header = HEADER.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(header, 0, token, 0, header.length);
    System.arraycopy(payload, 0, token, header.length, payload.length);
    int signed = header.length + payload.length;
    mac.update(token, 0, signed);
    token[signed] = '.';
    byte[] signature = base64.encode(mac.doFinal());
    System.arraycopy(signature, 0, token, signed + 1, signature.length);
    return token;
  }

  private static String claims(
      String issuer, String identity, String name, String room, String id, long now, long ttl) {
    return "{\"iss\":\""
            + issuer
            + "\",\"sub\":\""
            + identity
            + "\",\"jti\":\""
            + id
            + "\",\"iat\":"
            + now
            + ",\"nbf\":"
            + now
            + ",\"exp\":"
            + (now + ttl)
            + ",\"name\":\""
            + name
            + "\",\"video\":{\"room\":\""
            + room
            + "\",\"roomJoin\":true,\"canPublish\":true}}";
  }

  /** A token as text. */
  String mintAsText(
      String issuer, String identity, String name, String room, String id, long now, long ttl) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String claims = claims(issuer, identity, name, room, id, now, ttl);
    String signed = HEADER + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    try {
      Mac own = Mac.getInstance(ALGORITHM);
      own.init(key);
      byte[] signature = own.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + '.' + base64.encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
