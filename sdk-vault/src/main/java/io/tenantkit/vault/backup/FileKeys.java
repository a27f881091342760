package io.tenantkit.vault.backup;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/** The keys of one file, made of its secret and bound to its header. For one thread. */
final class FileKeys implements AutoCloseable {
  static final int SECRET_BYTES = 32;
  static final int PREFIX_BYTES = 7;

  private static final String LABEL = "tenantkit backup 1 ";

  private final BytesKey macKey;
  private final BytesKey chunkKey;
  private final byte[] prefix;

  /**
   * @param secret 32 bytes, which stay the caller's to wipe
   * @param unsigned the header without its MAC
   */
  FileKeys(byte[] secret, byte[] unsigned) {
    this.macKey = new BytesKey("HmacSHA256", expand(secret, unsigned, "mac", 32));
    this.chunkKey = new BytesKey("AES", expand(secret, unsigned, "chunks", 32));
    this.prefix = expand(secret, unsigned, "nonce", PREFIX_BYTES);
  }

  private static byte[] expand(byte[] secret, byte[] salt, String purpose, int length) {
    HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
    hkdf.init(
        new HKDFParameters(secret, salt, (LABEL + purpose).getBytes(StandardCharsets.US_ASCII)));
    byte[] key = new byte[length];
    hkdf.generateBytes(key, 0, length);
    return key;
  }

  byte[] mac(byte[] unsigned) {
    try {
      Mac mac = Mac.getInstance(macKey.getAlgorithm());
      mac.init(macKey);
      return mac.doFinal(unsigned);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HmacSHA256", e);
    }
  }

  BytesKey chunkKey() {
    return chunkKey;
  }

  byte[] prefix() {
    return prefix.clone();
  }

  /** Wipes them. */
  @Override
  public void close() {
    macKey.destroy();
    chunkKey.destroy();
    Arrays.fill(prefix, (byte) 0);
  }

  @Override
  public String toString() {
    return "FileKeys[redacted]";
  }
}
