package io.tenantkit.ratelimit;

import io.tenantkit.InvalidInputException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Objects;

/**
 * How many requests a key, or all keys of an organization together, may make: {@code limit} in each
 * {@code window}, and up to {@code burst} at once after a pause. Counted by the generic cell rate
 * algorithm: what is taken comes back evenly, one request in each {@code window / limit}, so in any
 * span of time of length t no more than {@code burst + t * limit / window} are admitted, and steady
 * traffic at the limit is never refused. Times are whole microseconds, so t may be one of them
 * longer than it seems. A refused request takes nothing.
 *
 * @param name 1 to 64 characters of {@code a-z 0-9 _ -}; the state is kept by this name, also when
 *     the numbers change
 * @param limit requests in each window, 1 to 1,000,000,000
 * @param window 1 millisecond to 366 days
 * @param burst requests at once, 1 to 1,000,000,000; all of them must come back within ten years
 * @param mode who counts, and with it the bound over several nodes
 * @param onFailure what happens while the storage cannot be asked; of no meaning for {@link
 *     Mode#LOCAL}
 */
public record RateLimit(
    String name, long limit, Duration window, long burst, Mode mode, OnFailure onFailure) {
  /** The greatest limit and burst. */
  public static final long MAX_REQUESTS = 1_000_000_000;

  private static final int MAX_NAME = 64;
  private static final Duration MIN_WINDOW = Duration.ofMillis(1);
  private static final Duration MAX_WINDOW = Duration.ofDays(366);
  private static final Duration MAX_REFILL = Duration.ofDays(3_653);

  /** Who counts. */
  public enum Mode {
    /** Each process counts by itself, without I/O: N nodes admit up to N times the bound. */
    LOCAL,
    /**
     * The database counts, in one round trip for all shared limits of a call: all nodes together
     * admit no more than the bound, whatever they do. A request whose answer is lost on the way may
     * have been counted though it was refused.
     */
    SHARED,
    /**
     * Nodes take slices of the capacity from the database ahead of need and admit in process: all
     * nodes together never admit more than the bound. They may admit less, by what the leases leave
     * unused: a node holds less than a quarter of the burst, divided by the number of nodes that
     * held leases when it took its own, or one request. What stays unused goes back before the
     * lease ends and at close; of a node that crashed it is written off when the lease ends, four
     * seconds after it was taken.
     */
    LEASED
  }

  /** What happens while the storage fails or is too slow. */
  public enum OnFailure {
    /**
     * The request is admitted as far as this limit is concerned, uncounted. Beside credits, or
     * another limit that fails closed, it is refused all the same.
     */
    OPEN,
    /** The request is refused. */
    CLOSED
  }

  public RateLimit {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(onFailure, "onFailure");
    requireName(name);
    requireRequests("limit", limit);
    requireRequests("burst", burst);
    if (window.compareTo(MIN_WINDOW) < 0 || window.compareTo(MAX_WINDOW) > 0) {
      throw new InvalidInputException("window", "1 millisecond to 366 days");
    }
    BigInteger refill =
        BigInteger.valueOf(window.toNanos())
            .multiply(BigInteger.valueOf(burst))
            .divide(BigInteger.valueOf(limit));
    if (refill.compareTo(BigInteger.valueOf(MAX_REFILL.toNanos())) > 0) {
      throw new InvalidInputException("burst", "what comes back within ten years");
    }
  }

  private static void requireName(String name) {
    boolean valid = !name.isEmpty() && name.length() <= MAX_NAME;
    for (int i = 0; valid && i < name.length(); i++) {
      char c = name.charAt(i);
      valid = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    if (!valid) {
      throw new InvalidInputException("name", "1 to 64 characters of a-z, 0-9, '_' and '-'");
    }
  }

  private static void requireRequests(String property, long number) {
    if (number < 1 || number > MAX_REQUESTS) {
      throw new InvalidInputException(property, "1 to 1,000,000,000");
    }
  }

  /** A local limit whose burst is the limit itself. */
  public static RateLimit of(String name, long limit, Duration window) {
    return new RateLimit(name, limit, window, limit, Mode.LOCAL, OnFailure.CLOSED);
  }

  /** The same with another burst. */
  public RateLimit burst(long requests) {
    return new RateLimit(name, limit, window, requests, mode, onFailure);
  }

  /** The same, counted by the database. */
  public RateLimit shared() {
    return new RateLimit(name, limit, window, burst, Mode.SHARED, onFailure);
  }

  /** The same, counted by the database in slices that nodes take ahead. */
  public RateLimit leased() {
    return new RateLimit(name, limit, window, burst, Mode.LEASED, onFailure);
  }

  /** The same, admitting while the storage fails. */
  public RateLimit failOpen() {
    return new RateLimit(name, limit, window, burst, mode, OnFailure.OPEN);
  }
}
