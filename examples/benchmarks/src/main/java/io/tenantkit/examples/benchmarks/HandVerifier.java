package io.tenantkit.examples.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The floor of a cached verification: shape, CRC-32, SHA-256, a look-up in a bounded Caffeine cache,
 * then status, expiry, one scope, two limits by GCRA under the entry's lock, and a count of uses.
 *
 * <p>Left out: reasons for a refusal, scope queries of several scopes, wildcards but a last {@code
 * :*}, the context that the caller goes on with, the revocation bound, the monotonic clock, parts of a nanosecond, what is left of each
 * limit. The
 * digest is the thread's own and used again.
 */
final class HandVerifier {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
          .getBytes(StandardCharsets.US_ASCII);

  private static final boolean[] IN_ALPHABET = new boolean[128];

  static {
    for (byte c : ALPHABET) {
      IN_ALPHABET[c] = true;
    }
  }

  private record Hash(long a, long b, long c, long d) {
    @Override
    public int hashCode() {
      return (int) a;
    }
  }

  /** What a row says of a key, and what is counted of it. */
  static final class Entry {
    private static final long MINUTE_INTERVAL = 60_000_000_000L / VerifyBenchmark.LIMIT;
    private static final long HOUR_INTERVAL = 3_600_000_000_000L / VerifyBenchmark.LIMIT;

    final String organization;
    final List<String> scopes;
    final boolean enabled;
    final boolean revoked;
    final boolean active;
    final long expiresAtMillis;
    private long minute;
    private long hour;
    private long uses;

    Entry(String organization, List<String> scopes) {
      this.organization = organization;
      this.scopes = scopes;
      this.enabled = true;
      this.revoked = false;
      this.active = true;
      this.expiresAtMillis = Long.MAX_VALUE;
    }

    /** Both limits or none. */
    private synchronized boolean taken(long now) {
      long nextMinute = Math.max(minute, now) + MINUTE_INTERVAL;
      long nextHour = Math.max(hour, now) + HOUR_INTERVAL;
      if (nextMinute - now > MINUTE_INTERVAL * VerifyBenchmark.LIMIT
          || nextHour - now > HOUR_INTERVAL * VerifyBenchmark.LIMIT) {
        return false;
      }
      minute = nextMinute;
      hour = nextHour;
      uses++;
      return true;
    }

    synchronized long uses() {
      return uses;
    }
  }

  private final Cache<Hash, Entry> cache;

  HandVerifier(int keys) {
    this.cache = Caffeine.newBuilder().maximumSize(keys).build();
  }

  void put(String key, Entry entry, MessageDigest sha256) {
    cache.put(hash(key.getBytes(StandardCharsets.UTF_8), sha256), entry);
  }

  /** The key's row when the key works and holds the scope. */
  @Nullable Entry verify(String presented, String scope, MessageDigest sha256) {
    if (!ourShape(presented)) {
      return null;
    }
    byte[] key = presented.getBytes(StandardCharsets.UTF_8);
    if (!checksumHolds(key)) {
      return null;
    }
    Entry entry = cache.getIfPresent(hash(key, sha256));
    if (entry == null
        || !entry.enabled
        || entry.revoked
        || !entry.active
        || System.currentTimeMillis() >= entry.expiresAtMillis) {
      return null;
    }
    for (int i = 0; i < entry.scopes.size(); i++) {
      if (covers(entry.scopes.get(i), scope)) {
        return entry.taken(System.currentTimeMillis() * 1_000_000) ? entry : null;
      }
    }
    return null;
  }

  private static Hash hash(byte[] key, MessageDigest sha256) {
    byte[] digest = sha256.digest(key);
    return new Hash(
        (long) LONG.get(digest, 0),
        (long) LONG.get(digest, 8),
        (long) LONG.get(digest, 16),
        (long) LONG.get(digest, 24));
  }

  private static boolean covers(String granted, String wanted) {
    return granted.endsWith(":*")
        ? wanted.regionMatches(0, granted, 0, granted.length() - 1)
        : granted.equals(wanted);
  }

  private static boolean ourShape(String text) {
    if (text.length() != 46 || !(text.startsWith("ak_live_") || text.startsWith("ak_test_"))) {
      return false;
    }
    for (int i = 8; i < 46; i++) {
      char c = text.charAt(i);
      if (c >= IN_ALPHABET.length || !IN_ALPHABET[c]) {
        return false;
      }
    }
    return true;
  }

  private static boolean checksumHolds(byte[] key) {
    CRC32 crc = new CRC32();
    crc.update(key, 0, 40);
    long rest = crc.getValue();
    for (int i = 45; i >= 40; i--) {
      if (key[i] != ALPHABET[(int) (rest % 62)]) {
        return false;
      }
      rest /= 62;
    }
    return true;
  }
}
