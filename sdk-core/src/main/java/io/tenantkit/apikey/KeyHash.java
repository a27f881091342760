package io.tenantkit.apikey;

import io.tenantkit.InvalidInputException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * SHA-256 of a full API key. A key has at least 190 random bits, so its plain hash cannot be
 * searched and needs no salt; it is also why two hashes may be compared without care for timing.
 *
 * @param a the first eight bytes, big-endian
 * @param b the second eight
 * @param c the third eight
 * @param d the last eight
 */
public record KeyHash(long a, long b, long c, long d) {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final HexFormat HEX = HexFormat.of();

  /** From the 32 bytes of a digest. */
  public static KeyHash of(byte[] digest) {
    if (digest.length != 32) {
      throw new InvalidInputException("keyHash", "32 bytes");
    }
    return new KeyHash(
        (long) LONG.get(digest, 0),
        (long) LONG.get(digest, 8),
        (long) LONG.get(digest, 16),
        (long) LONG.get(digest, 24));
  }

  /** From 64 lower-case hexadecimal characters, the form in which it is stored. */
  public static KeyHash parse(String hex) {
    try {
      return of(HEX.parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("keyHash", "64 hexadecimal characters");
    }
  }

  /** 64 lower-case hexadecimal characters. */
  public String hex() {
    return HEX.toHexDigits(a) + HEX.toHexDigits(b) + HEX.toHexDigits(c) + HEX.toHexDigits(d);
  }

  @Override
  public int hashCode() {
    // The bits are uniform already.
    return (int) a;
  }

  /** Only a beginning, so that logs hold nothing to look a key up by. */
  @Override
  public String toString() {
    return "KeyHash[" + HEX.toHexDigits(a).substring(0, 8) + "…]";
  }
}
