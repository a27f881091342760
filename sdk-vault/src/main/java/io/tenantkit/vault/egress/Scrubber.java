package io.tenantkit.vault.egress;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Takes secrets out of texts that outside services answered, before these go into a status, an
 * error or a log.
 *
 * <p>A sighting is the secret as it is, in base64 or base64url (at any position within a longer
 * text, hence in {@code Basic} credentials too), in hexadecimal, or any of these percent-encoded,
 * escaped as in JSON or HTML, or broken by white space. A part of {@value ScrubIndex#GRAM} bytes is
 * enough, so that a secret that was cut is found as well. Secrets shorter than {@value
 * #MIN_SECRET_BYTES} bytes are not looked for, and of one longer than {@value #MAX_SECRET_BYTES}
 * bytes only the beginning.
 *
 * <p>The secrets are referred to, not copied: they must be open while {@link #scrub} runs.
 * Immutable and safe for use by several threads.
 */
public final class Scrubber {
  /** Shorter secrets are not looked for: they are in every text. */
  public static final int MIN_SECRET_BYTES = 4;

  /** So much of a secret is looked for. */
  public static final int MAX_SECRET_BYTES = 16_384;

  /** So much of a text is read; the rest is left out. */
  public static final int MAX_INPUT = 65_536;

  /** What stands in the place of a secret. */
  public static final String REDACTED = "[redacted]";

  private final List<SecretValue> secrets;

  private Scrubber(Collection<SecretValue> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  /** For these secrets. */
  public static Scrubber of(SecretValue... secrets) {
    return new Scrubber(List.of(secrets));
  }

  /** For these secrets. */
  public static Scrubber of(Collection<SecretValue> secrets) {
    return new Scrubber(secrets);
  }

  /**
   * The text without the secrets and without control characters, cut to a length after that.
   *
   * @param utf8 the text; what is not UTF-8 becomes U+FFFD
   * @param maxLength the most characters of the result, 0 or more
   */
  public String scrub(byte[] utf8, int maxLength) {
    // A character has at most four bytes; a decoder must not be given a whole megabyte for this.
    int length = Math.min(utf8.length, 4 * MAX_INPUT);
    return scrub(new String(utf8, 0, length, StandardCharsets.UTF_8), maxLength);
  }

  /**
   * The text without the secrets and without control characters, cut to a length after that.
   *
   * @param maxLength the most characters of the result, 0 or more
   * @throws IllegalStateException when a secret was closed
   */
  public String scrub(String text, int maxLength) {
    if (maxLength < 0) {
      throw new InvalidInputException("maxLength", "0 or more");
    }
    // Where a text is cut, fewer bytes of a secret may be left than are looked for.
    String read =
        text.length() <= MAX_INPUT ? text : text.substring(0, MAX_INPUT - ScrubIndex.GRAM);
    boolean[] found = new boolean[read.length()];
    for (SecretValue secret : secrets) {
      byte[] bytes = secret.bytes(SecretAccess.get());
      try {
        mark(bytes, read, found);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }
    return redacted(read, found, maxLength);
  }

  private static void mark(byte[] secret, String text, boolean[] found) {
    if (secret.length < MIN_SECRET_BYTES) {
      return;
    }
    byte[] part = Arrays.copyOf(secret, Math.min(secret.length, MAX_SECRET_BYTES));
    try (ScrubIndex index = ScrubIndex.of(part)) {
      for (ScrubView view : ScrubView.of(text)) {
        index.mark(view, found);
      }
    } finally {
      Arrays.fill(part, (byte) 0);
    }
  }

  private static String redacted(String text, boolean[] found, int maxLength) {
    StringBuilder out = new StringBuilder();
    boolean within = false;
    boolean space = false;
    for (int i = 0; i < text.length() && out.length() < maxLength; ) {
      int c = text.codePointAt(i);
      if (Character.isWhitespace(c)) {
        // Within a secret it does not count, and many are one.
        space = true;
      } else if (found[i]) {
        out.append(space && !within && !out.isEmpty() ? " " : "").append(within ? "" : REDACTED);
        within = true;
        space = false;
      } else if (!ScrubView.isUnseen(c)) {
        out.append(space && !out.isEmpty() ? " " : "").appendCodePoint(isHalf(c) ? 0xFFFD : c);
        within = false;
        space = false;
      }
      i += Character.charCount(c);
    }
    int end = Math.min(out.length(), maxLength);
    if (end < out.length() && end > 0 && Character.isHighSurrogate(out.charAt(end - 1))) {
      end--;
    }
    return out.substring(0, end);
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** How many secrets it looks for. */
  @Override
  public String toString() {
    return "Scrubber for " + secrets.size() + " secrets";
  }
}
