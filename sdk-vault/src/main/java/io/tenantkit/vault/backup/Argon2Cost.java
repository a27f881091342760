package io.tenantkit.vault.backup;

import io.tenantkit.InvalidInputException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * What a passphrase costs: Argon2id, version 0x13 (RFC 9106).
 *
 * @param memoryKib 8 to {@value #MAX_MEMORY_KIB}, and at least 8 for each lane
 * @param iterations 1 to {@value #MAX_ITERATIONS}
 * @param lanes 1 to {@value #MAX_LANES}
 */
record Argon2Cost(int memoryKib, int iterations, int lanes) {
  static final int MAX_MEMORY_KIB = 256 * 1_024;
  static final int MAX_ITERATIONS = 16;
  static final int MAX_LANES = 16;

  /** RFC 9106, section 4, the second recommended: 64 MiB, 3 iterations, 4 lanes. */
  static final Argon2Cost STANDARD = new Argon2Cost(64 * 1_024, 3, 4);

  Argon2Cost {
    if (!inBounds(memoryKib, iterations, lanes)) {
      throw new InvalidInputException("argon2", "at most 256 MiB, 16 iterations and 16 lanes");
    }
  }

  /** What a header says, which anybody may have written; numbers above 2^31 come as negative. */
  static Argon2Cost read(int memoryKib, int iterations, int lanes) {
    if (!inBounds(memoryKib, iterations, lanes)) {
      throw Rejected.header("its cost is beyond 256 MiB, 16 iterations or 16 lanes");
    }
    return new Argon2Cost(memoryKib, iterations, lanes);
  }

  private static boolean inBounds(int memoryKib, int iterations, int lanes) {
    return lanes >= 1
        && lanes <= MAX_LANES
        && memoryKib >= 8 * lanes
        && memoryKib <= MAX_MEMORY_KIB
        && iterations >= 1
        && iterations <= MAX_ITERATIONS;
  }

  /** 32 bytes, the caller's to wipe. */
  byte[] derive(byte[] passphrase, byte[] salt) {
    Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
    argon2.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] derived = new byte[FileKeys.SECRET_BYTES];
    argon2.generateBytes(passphrase, derived);
    return derived;
  }
}
