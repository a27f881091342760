package io.tenantkit.apikey;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Keeps strangers who try random keys from the database: a budget for look-ups that find nothing,
 * for each address they come from and for all together. A look-up that finds nothing takes from the
 * budget, so keys that exist cost nothing; while it is used up nothing is looked up from there, but
 * for hashes that were found before on this node.
 *
 * <p>Bounded: at most {@value #SOURCES} addresses and {@value #KNOWN} hashes are remembered; an
 * address that was forgotten has a full budget again, within that of all. A key that exists but was
 * not found yet on this node shares the fate of its address while the budget is used up. Never
 * blocks; safe for use by several threads.
 */
final class MissGuard {
  /** A budget: this many at once, and then this many a second. */
  record Budget(int burst, int perSecond) {}

  /** What one address may ask for in vain; an IPv6 network of 64 bits counts as one. */
  static final Budget OF_A_SOURCE = new Budget(100, 10);

  /** What all together may ask for in vain. */
  static final Budget OF_ALL = new Budget(2_000, 500);

  static final int SOURCES = 10_000;
  static final int KNOWN = 1 << 16;

  private static final long MICROS = 1_000_000;

  /** The time, in microseconds, at which the budget would be full again. */
  private static final class Bucket extends AtomicLong {
    private static final long serialVersionUID = 1L;

    /** Zero when one was taken, else for how many microseconds there is none. */
    long take(Budget budget, long nowMicros) {
      long each = MICROS / budget.perSecond();
      while (true) {
        long full = get();
        long next = Math.max(full, nowMicros) + each;
        long wait = next - nowMicros - each * budget.burst();
        if (wait > 0) {
          return wait;
        }
        if (compareAndSet(full, next)) {
          return 0;
        }
      }
    }

    /** For how many microseconds there is none; zero when there is one. */
    long ask(Budget budget, long nowMicros) {
      long ahead = get() - nowMicros;
      if (ahead <= 0) {
        // Full, as it mostly is.
        return 0;
      }
      long each = MICROS / budget.perSecond();
      return Math.max(0, ahead + each - each * budget.burst());
    }

    void giveBack(Budget budget) {
      addAndGet(-MICROS / budget.perSecond());
    }
  }

  private final Bucket all = new Bucket();
  private final Cache<Long, Bucket> sources =
      Caffeine.newBuilder().maximumSize(SOURCES).executor(Runnable::run).build();

  /** Hashes by their first bits: who falls on a place takes it. */
  private final AtomicLongArray known = new AtomicLongArray(KNOWN);

  /** Whether this hash was found before, as far as is remembered. */
  boolean isKnown(KeyHash hash) {
    return known.get(place(hash)) == hash.b();
  }

  /**
   * A look-up has found nothing.
   *
   * @param source where it came from, if that is known
   * @param now in milliseconds
   * @return zero when the budget paid for it, else after how many milliseconds it will again
   */
  long take(@Nullable InetAddress source, long now) {
    long micros = now * 1_000;
    Bucket own = bucket(source);
    long wait = own == null ? 0 : own.take(OF_A_SOURCE, micros);
    if (wait == 0) {
      wait = all.take(OF_ALL, micros);
      if (wait > 0 && own != null) {
        own.giveBack(OF_A_SOURCE);
      }
    }
    return (wait + 999) / 1_000;
  }

  /** For how many milliseconds nothing is looked up from there; zero when something is. */
  long ask(@Nullable InetAddress source, long now) {
    long micros = now * 1_000;
    Bucket own = source == null ? null : sources.getIfPresent(network(source));
    long wait = Math.max(all.ask(OF_ALL, micros), own == null ? 0 : own.ask(OF_A_SOURCE, micros));
    return (wait + 999) / 1_000;
  }

  /** A look-up has found a key. */
  void found(KeyHash hash) {
    known.set(place(hash), hash.b());
  }

  private @Nullable Bucket bucket(@Nullable InetAddress source) {
    return source == null ? null : sources.get(network(source), any -> new Bucket());
  }

  /** The address, or of IPv6 the network: whoever has one address of it has them all. */
  private static long network(InetAddress source) {
    byte[] address = source.getAddress();
    long network = address.length;
    for (int i = 0; i < Math.min(8, address.length); i++) {
      network = (network << 8) | (address[i] & 0xFF);
    }
    return network;
  }

  private static int place(KeyHash hash) {
    return (int) hash.a() & (KNOWN - 1);
  }
}
