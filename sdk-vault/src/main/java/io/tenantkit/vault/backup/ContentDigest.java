package io.tenantkit.vault.backup;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import javax.crypto.Mac;

/**
 * Tells whether a secret here and one of the backup are the same, all versions and values, without
 * holding either in the clear: HMAC-SHA-256 under a key of this run alone. For one thread.
 */
final class ContentDigest implements AutoCloseable {
  private final BytesKey key;

  ContentDigest(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    this.key = new BytesKey("HmacSHA256", bytes);
  }

  /**
   * @param teams that it is shared with, by what they are here
   */
  Sum begin(Secret secret, SortedSet<String> teams) {
    Sum sum = new Sum(key);
    sum.add(SecretJson.compared(secret, teams).getBytes(StandardCharsets.UTF_8));
    return sum;
  }

  /** The sum of one secret. */
  static final class Sum {
    private final Mac mac;

    private Sum(BytesKey key) {
      try {
        mac = Mac.getInstance(key.getAlgorithm());
        mac.init(key);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JVM has no HmacSHA256", e);
      }
    }

    void add(SecretVersion version, Map<String, SecretValue> fields) {
      add(SecretJson.compared(version).toString().getBytes(StandardCharsets.UTF_8));
      new TreeMap<>(fields)
          .forEach(
              (name, value) -> {
                add(name.getBytes(StandardCharsets.UTF_8));
                byte[] bytes = value.bytes(SecretAccess.get());
                add(bytes);
                Arrays.fill(bytes, (byte) 0);
              });
    }

    /** With its length, so that no two contents have one sum. */
    private void add(byte[] part) {
      mac.update(ByteBuffer.allocate(4).putInt(part.length).array());
      mac.update(part);
    }

    /** Ends both; takes the same time wherever they differ. */
    boolean isSameAs(Sum other) {
      return MessageDigest.isEqual(mac.doFinal(), other.mac.doFinal());
    }
  }

  @Override
  public void close() {
    key.destroy();
  }
}
