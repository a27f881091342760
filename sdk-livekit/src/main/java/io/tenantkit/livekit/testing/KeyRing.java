package io.tenantkit.livekit.testing;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The server's key pairs, in the order in which they were given. Closing wipes them. */
final class KeyRing implements AutoCloseable {
  private static final String ALGORITHM = "HmacSHA256";

  private final Map<String, SecretValue> secrets;

  /** Over copies, so that a builder can start more than one server. */
  KeyRing(Map<String, SecretValue> given) {
    secrets = new LinkedHashMap<>();
    given.forEach(
        (key, secret) -> secrets.put(key, SecretValue.takeOver(secret.bytes(SecretAccess.get()))));
  }

  String first() {
    return secrets.keySet().iterator().next();
  }

  boolean has(String apiKey) {
    return secrets.containsKey(apiKey);
  }

  SecretValue secret(String apiKey) {
    @Nullable SecretValue secret = secrets.get(apiKey);
    if (secret == null) {
      throw new IllegalArgumentException("the fake has no key " + apiKey);
    }
    return secret;
  }

  byte[] sign(String apiKey, byte[] input) {
    byte[] bytes = secret(apiKey).bytes(SecretAccess.get());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      return mac.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no usable HmacSHA256", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public void close() {
    secrets.values().forEach(SecretValue::close);
  }
}
