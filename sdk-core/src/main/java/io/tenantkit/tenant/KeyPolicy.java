package io.tenantkit.tenant;

import io.tenantkit.InvalidInputException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an organization asks of its API keys. Immutable.
 *
 * @param longestLifetime no key is created to live longer, and one that asks for no end gets this
 * @param rotateAfter a key of this age is reported as due for rotation
 * @param unusedAfter a key that was not used for this long is reported
 * @param prefixName what its new keys begin with instead of {@code ak}: a letter and up to seven
 *     letters and digits, all lower case
 */
public record KeyPolicy(
    Optional<Duration> longestLifetime,
    Optional<Duration> rotateAfter,
    Optional<Duration> unusedAfter,
    Optional<String> prefixName) {
  private static final Duration LONGEST = Duration.ofDays(3_650);
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]{0,7}");
  private static final KeyPolicy NONE =
      new KeyPolicy(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public KeyPolicy {
    longestLifetime.ifPresent(value -> requireDays("longestLifetime", value));
    rotateAfter.ifPresent(value -> requireDays("rotateAfter", value));
    unusedAfter.ifPresent(value -> requireDays("unusedAfter", value));
    if (prefixName.isPresent() && !NAME.matcher(prefixName.get()).matches()) {
      throw new InvalidInputException("prefixName", "1 to 8 of a-z and 0-9, a letter first");
    }
  }

  private static void requireDays(String property, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
      throw new InvalidInputException(property, "more than zero, at most 3,650 days");
    }
  }

  /** Asks for nothing. */
  public static KeyPolicy none() {
    return NONE;
  }

  /** No key lives longer. */
  public KeyPolicy withLongestLifetime(Duration wanted) {
    return new KeyPolicy(Optional.of(wanted), rotateAfter, unusedAfter, prefixName);
  }

  /** Keys of this age are reported. */
  public KeyPolicy withRotateAfter(Duration wanted) {
    return new KeyPolicy(longestLifetime, Optional.of(wanted), unusedAfter, prefixName);
  }

  /** Keys not used for this long are reported. */
  public KeyPolicy withUnusedAfter(Duration wanted) {
    return new KeyPolicy(longestLifetime, rotateAfter, Optional.of(wanted), prefixName);
  }

  /** New keys begin with this instead of {@code ak}. */
  public KeyPolicy withPrefixName(String wanted) {
    return new KeyPolicy(longestLifetime, rotateAfter, unusedAfter, Optional.of(wanted));
  }
}
