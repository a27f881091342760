package io.tenantkit.audit;

import io.tenantkit.InvalidInputException;
import java.util.HexFormat;

/**
 * A link of an organization's audit chain: a SHA-256. Not secret. Immutable.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record ChainHash(String hex) {
  private static final int DIGITS = 64;
  private static final HexFormat HEX = HexFormat.of();

  public ChainHash {
    if (hex.length() != DIGITS || !isDigits(hex)) {
      throw new InvalidInputException("hash", "64 lower-case hexadecimal digits");
    }
  }

  /** From the 32 bytes of a digest. */
  public static ChainHash of(byte[] digest) {
    return new ChainHash(HEX.formatHex(digest));
  }

  /** The 32 bytes. */
  public byte[] bytes() {
    return HEX.parseHex(hex);
  }

  /** A plain loop, since whoever verifies a trail makes one for each row. */
  private static boolean isDigits(String hex) {
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /** The digits. */
  @Override
  public String toString() {
    return hex;
  }
}
