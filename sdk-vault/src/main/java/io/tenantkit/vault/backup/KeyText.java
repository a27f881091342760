package io.tenantkit.vault.backup;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Keys of 32 bytes as text: a prefix, then the key and four bytes of SHA-256 of prefix and key, in
 * base64url without padding. Works on bytes, for one kind of them is secret. Immutable.
 */
final class KeyText {
  private static final int KEY_BYTES = 32;
  private static final int CHECK_BYTES = 4;
  private static final int CODED_BYTES = 48;

  private final byte[] prefix;

  KeyText(String prefix) {
    this.prefix = prefix.getBytes(StandardCharsets.US_ASCII);
  }

  byte[] write(byte[] key) {
    byte[] checked = checked(key);
    byte[] coded = Base64.getUrlEncoder().withoutPadding().encode(checked);
    byte[] text = Arrays.copyOf(prefix, prefix.length + CODED_BYTES);
    System.arraycopy(coded, 0, text, prefix.length, CODED_BYTES);
    Arrays.fill(checked, (byte) 0);
    Arrays.fill(coded, (byte) 0);
    return text;
  }

  /** The key, or null when the text is any other than the one that {@link #write} gives. */
  byte @Nullable [] read(byte[] text) {
    if (text.length != prefix.length + CODED_BYTES) {
      return null;
    }
    byte[] coded = Arrays.copyOfRange(text, prefix.length, text.length);
    byte[] key = new byte[KEY_BYTES];
    byte[] again = new byte[0];
    try {
      byte[] checked = Base64.getUrlDecoder().decode(coded);
      System.arraycopy(checked, 0, key, 0, KEY_BYTES);
      Arrays.fill(checked, (byte) 0);
      again = write(key);
      if (MessageDigest.isEqual(again, text)) {
        return key;
      }
    } catch (IllegalArgumentException e) {
      // Not base64url; its message names a character, so that it stays here.
    } finally {
      Arrays.fill(coded, (byte) 0);
      Arrays.fill(again, (byte) 0);
    }
    Arrays.fill(key, (byte) 0);
    return null;
  }

  private byte[] checked(byte[] key) {
    MessageDigest sha256 = sha256();
    sha256.update(prefix);
    byte[] check = sha256.digest(key);
    byte[] checked = Arrays.copyOf(key, KEY_BYTES + CHECK_BYTES);
    System.arraycopy(check, 0, checked, KEY_BYTES, CHECK_BYTES);
    return checked;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no SHA-256", e);
    }
  }
}
