package io.tenantkit.vault.rotation;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.NewSecret;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Rotators that need no provider. */
public final class Rotators {
  /** Letters and digits, 62 of them. */
  public static final String ALPHANUMERIC =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private static final int LONGEST = 4_096;
  private static final int LEAST_BITS = 128;

  private Rotators() {}

  /**
   * For secrets that nobody but the host decides, for example keys with which it signs: the field
   * {@code value} gets random characters, all other fields stay as they are.
   *
   * @param length how many characters, at most 4,096, and so many that there are 128 bits
   * @param alphabet 2 to 94 different printable ASCII characters, without the space
   */
  public static SecretRotator random(int length, String alphabet) {
    long different = alphabet.chars().distinct().count();
    if (different < 2
        || different != alphabet.length()
        || alphabet.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new InvalidInputException("alphabet", "2 to 94 different printable ASCII characters");
    }
    double bits = length * (Math.log((double) different) / Math.log(2));
    if (length > LONGEST || bits < LEAST_BITS) {
      throw new InvalidInputException("length", "at most 4,096 and enough for 128 bits");
    }
    return new RandomRotator(length, alphabet);
  }

  private static final class RandomRotator implements SecretRotator {
    private final int length;
    private final String alphabet;

    RandomRotator(int length, String alphabet) {
      this.length = length;
      this.alphabet = alphabet;
    }

    @Override
    public Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current) {
      Map<String, SecretValue> created = new HashMap<>(current);
      created.put(NewSecret.VALUE, random(call.random()));
      return created;
    }

    private SecretValue random(SecureRandom random) {
      byte[] bytes = new byte[length];
      try {
        for (int i = 0; i < length; i++) {
          bytes[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
        }
        return SecretValue.copyOf(bytes);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }

    /** Nobody else has to accept it. */
    @Override
    public boolean test(RotationCall call, Map<String, SecretValue> created) {
      return true;
    }
  }
}
