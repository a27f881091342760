package io.tenantkit.secret;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One master key: 32 bytes, known outside by its id and its check value.
 *
 * <p>The check value is {@code HKDF-SHA-256(salt = empty, input key = the 32 bytes, info =
 * "tenantkit/v1/master/check", 32 bytes)} in lower-case hex. It may be stored beside the data: from
 * it nothing that encrypts can be computed, though a key that a person made up can be tried against
 * it, as against any ciphertext. The id is {@code mk-} and the first 16 digits of the check value,
 * so that another key always has another id.
 *
 * <p>Written as text, a key says in which form it is; the form is never guessed:
 *
 * <ul>
 *   <li>{@code base64:} and 44 characters, padding included, all of the standard alphabet (RFC 4648
 *       §4) or all of the one for URLs (§5);
 *   <li>{@code hex:} and 64 digits in either case;
 *   <li>{@code raw:} and exactly 32 printable ASCII characters, 0x21 to 0x7E, so no blanks. Each
 *       carries less than 7 bits: let a generator make them, a sentence is not a key.
 * </ul>
 *
 * <p>Nothing may stand before or behind, not even a line feed. A fourth form, {@code passphrase:},
 * needs Argon2id and a salt, which core has not: the vault's room {@code masterkey} reads it and
 * makes a key of this type. Immutable, safe for use by several threads. The text form, Java
 * serialization and JSON never show the bytes.
 */
public final class MasterKey {
  private static final int KEY_BYTES = SealingKey.KEY_BYTES;
  private static final byte[] NO_SALT = {};
  private static final String CHECK_LABEL = "tenantkit/v1/master/check";

  private final transient RawKey key;
  private final transient byte[] check;

  private MasterKey(byte[] bytes) {
    this.key = new RawKey("AES", bytes);
    Hkdf hkdf = new Hkdf();
    byte[] prk = hkdf.extract(NO_SALT, bytes);
    try {
      this.check =
          hkdf.expand(prk, CHECK_LABEL.getBytes(StandardCharsets.US_ASCII), Hkdf.HASH_BYTES);
    } finally {
      Arrays.fill(prk, (byte) 0);
    }
  }

  /**
   * Reads a key from its text form, for instance out of an environment variable.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if the form is not named,
   *     the key is not exactly 32 bytes in it, or all its bytes are the same; the message never
   *     holds a part of the text
   */
  public static MasterKey parse(CharSequence text) {
    byte[] bytes = decode(text);
    try {
      return of(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /**
   * A key from its 32 bytes, which are copied; the caller wipes its own.
   *
   * @throws TenantkitException with {@link ErrorCode#MASTER_KEY_INVALID} if there are not exactly
   *     32, or all are the same
   */
  public static MasterKey of(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw invalid("exactly 32 bytes, not " + bytes.length);
    }
    if (SealingKeys.isOneByteRepeated(bytes)) {
      throw invalid("32 random bytes, not one byte repeated");
    }
    return new MasterKey(bytes);
  }

  /** {@code mk-} and 16 hex digits; not secret. */
  public String id() {
    return "mk-" + checkValue().substring(0, 16);
  }

  /** 64 hex digits that tell this key from others; safe to store. */
  public String checkValue() {
    return HexFormat.of().formatHex(check);
  }

  /** The key that wraps, identified in records by the first 16 bytes of the check value. */
  SealingKey sealingKey(SealingKeys keys) {
    byte[] bytes = key.getEncoded();
    try {
      return keys.key(KeyLayer.MASTER, Arrays.copyOf(check, SealingKey.ID_BYTES), bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Whether both are the same key. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof MasterKey that && MessageDigest.isEqual(check, that.check));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(check);
  }

  /** The id only. */
  @Override
  public String toString() {
    return "MasterKey[" + id() + ", redacted]";
  }

  /** Found by Jackson 2 and 3 alike, ahead of fields and getters. */
  @JsonValue
  private String refuseJsonOutput() {
    throw new UnsupportedOperationException("a MasterKey is never written as JSON");
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  private static MasterKey refuseJsonInput(Object ignored) {
    throw new UnsupportedOperationException("a MasterKey is never read from JSON");
  }

  private static byte[] decode(CharSequence text) {
    if (startsWith(text, "base64:")) {
      return decodeBase64(text.subSequence(7, text.length()));
    }
    if (startsWith(text, "hex:")) {
      return decodeHex(text.subSequence(4, text.length()));
    }
    if (startsWith(text, "raw:")) {
      return decodeRaw(text.subSequence(4, text.length()));
    }
    if (startsWith(text, "passphrase:")) {
      throw invalid("passphrase: is read by the vault's PassphraseKey; here exactly 32 bytes");
    }
    throw invalid("begins with base64:, hex: or raw: and holds exactly 32 bytes");
  }

  private static byte[] decodeBase64(CharSequence encoded) {
    String bound = "base64: one alphabet, with its padding, exactly 32 bytes, nothing else";
    byte[] ascii = ascii(encoded, bound);
    boolean forUrls = isForUrls(ascii);
    byte[] bytes = {};
    byte[] again = {};
    try {
      bytes = (forUrls ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(ascii);
      again = (forUrls ? Base64.getUrlEncoder() : Base64.getEncoder()).encode(bytes);
      // The JDK overlooks missing padding and stray low bits; two texts for one key are one too
      // many when people compare them.
      if (!MessageDigest.isEqual(ascii, again)) {
        Arrays.fill(bytes, (byte) 0);
        throw invalid(bound);
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      // Not passed on: the JDK's message quotes a character of the key.
      throw invalid(bound);
    } finally {
      Arrays.fill(ascii, (byte) 0);
      Arrays.fill(again, (byte) 0);
    }
  }

  private static boolean isForUrls(byte[] encoded) {
    for (byte b : encoded) {
      if (b == '-' || b == '_') {
        return true;
      }
    }
    return false;
  }

  private static byte[] decodeHex(CharSequence digits) {
    if (digits.length() != 2 * KEY_BYTES) {
      throw invalid("hex: 64 digits, that is exactly 32 bytes, not " + digits.length());
    }
    try {
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      // Not passed on: the JDK's message quotes the text.
      throw invalid("hex: 64 digits, that is exactly 32 bytes, nothing else");
    }
  }

  private static byte[] decodeRaw(CharSequence characters) {
    byte[] bytes = ascii(characters, "raw: exactly 32 bytes, printable ASCII without blanks");
    if (bytes.length != KEY_BYTES) {
      Arrays.fill(bytes, (byte) 0);
      throw invalid("raw: exactly 32 bytes, printable ASCII, not " + characters.length());
    }
    return bytes;
  }

  private static byte[] ascii(CharSequence characters, String bound) {
    byte[] bytes = new byte[characters.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = characters.charAt(i);
      if (c < 0x21 || c > 0x7e) {
        Arrays.fill(bytes, (byte) 0);
        throw invalid(bound);
      }
      bytes[i] = (byte) c;
    }
    return bytes;
  }

  private static boolean startsWith(CharSequence text, String prefix) {
    return text.length() >= prefix.length()
        && prefix.contentEquals(text.subSequence(0, prefix.length()));
  }

  private static TenantkitException invalid(String bound) {
    return new TenantkitException(ErrorCode.MASTER_KEY_INVALID, "master key: " + bound);
  }
}
