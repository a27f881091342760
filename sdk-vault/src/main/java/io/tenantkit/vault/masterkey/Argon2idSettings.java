package io.tenantkit.vault.masterkey;

import io.tenantkit.InvalidInputException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How dear one guess at a passphrase is, and the salt that makes it dear for each installation
 * anew. Nothing in it is secret, and all of it must stay: other settings make another key of the
 * same passphrase.
 *
 * <p>The text form is that of the reference implementation, without a hash: {@code
 * $argon2id$v=19$m=65536,t=3,p=4$} and the salt in base64 without padding. Immutable, safe for use
 * by several threads.
 */
public final class Argon2idSettings {
  /** The least memory, in KiB: 64 MiB, RFC 9106's second recommendation. */
  public static final int MIN_MEMORY_KIB = 65_536;

  /** The most memory, in KiB: 1 GiB, all of it taken from the Java heap for a moment. */
  public static final int MAX_MEMORY_KIB = 1_048_576;

  /** The fewest passes over the memory. */
  public static final int MIN_ITERATIONS = 3;

  /** The most passes over the memory. */
  public static final int MAX_ITERATIONS = 16;

  /** The most lanes. */
  public static final int MAX_PARALLELISM = 16;

  /** The shortest salt, in bytes. */
  public static final int MIN_SALT_BYTES = 16;

  /** The longest salt, in bytes. */
  public static final int MAX_SALT_BYTES = 64;

  private static final int RECOMMENDED_PARALLELISM = 4;
  private static final Pattern TEXT =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([1-9][0-9]{0,8}),t=([1-9][0-9]{0,8}),p=([1-9][0-9]{0,8})"
              + "\\$([A-Za-z0-9+/]{1,128})");

  private final int memoryKib;
  private final int iterations;
  private final int parallelism;
  private final byte[] salt;

  private Argon2idSettings(int memoryKib, int iterations, int parallelism, byte[] salt) {
    requireBound("argon2id memory", memoryKib, MIN_MEMORY_KIB, MAX_MEMORY_KIB, "KiB");
    requireBound("argon2id iterations", iterations, MIN_ITERATIONS, MAX_ITERATIONS, "passes");
    requireBound("argon2id parallelism", parallelism, 1, MAX_PARALLELISM, "lanes");
    requireBound("argon2id salt", salt.length, MIN_SALT_BYTES, MAX_SALT_BYTES, "bytes");
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    this.parallelism = parallelism;
    this.salt = salt.clone();
  }

  /** RFC 9106's second recommendation, 64 MiB, 3 passes, 4 lanes, with a salt of 16 bytes. */
  public static Argon2idSettings generate(SecureRandom random) {
    byte[] salt = new byte[MIN_SALT_BYTES];
    random.nextBytes(salt);
    return recommended(salt);
  }

  /**
   * RFC 9106's second recommendation, with the host's own salt.
   *
   * @throws InvalidInputException if the salt is not {@value #MIN_SALT_BYTES} to {@value
   *     #MAX_SALT_BYTES} bytes
   */
  public static Argon2idSettings recommended(byte[] salt) {
    return new Argon2idSettings(MIN_MEMORY_KIB, MIN_ITERATIONS, RECOMMENDED_PARALLELISM, salt);
  }

  /**
   * Settings of the host's own, at least as dear as RFC 9106's second recommendation.
   *
   * @param memoryKib {@value #MIN_MEMORY_KIB} to {@value #MAX_MEMORY_KIB}
   * @param iterations {@value #MIN_ITERATIONS} to {@value #MAX_ITERATIONS}
   * @param parallelism 1 to {@value #MAX_PARALLELISM}; lanes run one after the other here, so more
   *     of them make nothing faster
   * @param salt {@value #MIN_SALT_BYTES} to {@value #MAX_SALT_BYTES} bytes, which are copied
   * @throws InvalidInputException naming the one that is out of its bound
   */
  public static Argon2idSettings of(int memoryKib, int iterations, int parallelism, byte[] salt) {
    return new Argon2idSettings(memoryKib, iterations, parallelism, salt);
  }

  /**
   * Reads the text form.
   *
   * @throws InvalidInputException if it is another text, or a number or the salt is out of its
   *     bound; the message does not quote it, in case it is the passphrase
   */
  public static Argon2idSettings parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw notTheForm();
    }
    byte[] salt;
    try {
      salt = Base64.getDecoder().decode(matcher.group(4));
    } catch (IllegalArgumentException e) {
      throw notTheForm();
    }
    Argon2idSettings settings =
        of(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            salt);
    if (!settings.text().equals(text)) {
      // Stray low bits in the salt: two texts for one key.
      throw notTheForm();
    }
    return settings;
  }

  /** Memory, in KiB. */
  public int memoryKib() {
    return memoryKib;
  }

  /** Passes over the memory. */
  public int iterations() {
    return iterations;
  }

  /** Lanes. */
  public int parallelism() {
    return parallelism;
  }

  /** A copy of the salt. */
  public byte[] salt() {
    return salt.clone();
  }

  /** The text form, which {@link #parse} reads: what a host keeps in its configuration. */
  public String text() {
    return "$argon2id$v=19$m="
        + memoryKib
        + ",t="
        + iterations
        + ",p="
        + parallelism
        + "$"
        + Base64.getEncoder().withoutPadding().encodeToString(salt);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Argon2idSettings that
        && memoryKib == that.memoryKib
        && iterations == that.iterations
        && parallelism == that.parallelism
        && Arrays.equals(salt, that.salt);
  }

  @Override
  public int hashCode() {
    return text().hashCode();
  }

  /** The text form. */
  @Override
  public String toString() {
    return text();
  }

  private static void requireBound(String property, int value, int least, int most, String unit) {
    if (value < least || value > most) {
      throw new InvalidInputException(property, least + " to " + most + " " + unit);
    }
  }

  private static InvalidInputException notTheForm() {
    return new InvalidInputException(
        "argon2id settings",
        "$argon2id$v=19$m=65536,t=3,p=4$ and the salt, base64 without padding");
  }
}
