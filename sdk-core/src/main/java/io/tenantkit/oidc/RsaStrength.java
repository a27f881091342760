package io.tenantkit.oidc;

import java.math.BigInteger;

/** Which RSA keys are good enough. */
final class RsaStrength {
  /** RFC 7518 §3.3. */
  private static final int MIN_BITS = 2_048;

  /** What is longer costs whoever checks it more than it is worth. */
  private static final int MAX_BITS = 8_192;

  private static final int MAX_EXPONENT_BITS = 32;
  private static final BigInteger F4 = BigInteger.valueOf(65_537);

  /** The primes whose product is the ROCA generator's modulus for keys of its smallest size. */
  private static final int[] ROCA_PRIMES = {
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167
  };

  private RsaStrength() {}

  /** 2,048 to 8,192 bits, an odd exponent from 65,537, and not of the ROCA generator. */
  static boolean isSound(BigInteger modulus, BigInteger exponent) {
    return modulus.bitLength() >= MIN_BITS
        && modulus.bitLength() <= MAX_BITS
        && modulus.testBit(0)
        && exponent.compareTo(F4) >= 0
        && exponent.bitLength() <= MAX_EXPONENT_BITS
        && exponent.testBit(0)
        && !hasRocaFingerprint(modulus);
  }

  /**
   * CVE-2017-15361: such a modulus is a power of 65,537 modulo each of the primes. A sound one is
   * so by chance in fewer than one of 2^27 cases.
   */
  private static boolean hasRocaFingerprint(BigInteger modulus) {
    for (int prime : ROCA_PRIMES) {
      if (!isPowerOfF4(modulus.mod(BigInteger.valueOf(prime)).intValue(), prime)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPowerOfF4(int rest, int prime) {
    int step = F4.intValue() % prime;
    int power = 1;
    do {
      if (power == rest) {
        return true;
      }
      power = power * step % prime;
    } while (power != 1);
    return false;
  }
}
