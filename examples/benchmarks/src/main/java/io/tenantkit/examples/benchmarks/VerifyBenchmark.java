package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A verification that memory answers: nothing reads the storage while this runs.
 *
 * <p>Ours: {@link ApiKeyManager#verify} with a query of one scope, which a wildcard grants, of keys
 * with two limits, which never refuse, and the count of uses that every key has. Floors:
 * SHA-256 of the same text (with its bytes taken from the String, the digest used again), and {@link
 * HandVerifier}. Over all keys in random order, so that the processor's caches miss as a host's do,
 * and over one hot key; from one thread and from two.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class VerifyBenchmark {
  private static final String WANTED = "livekit:create-session";
  private static final ScopeQuery QUERY = ScopeQuery.of(WANTED);
  private static final int JUNK = 1_024;

  /** So many that none refuses, in a minute and in an hour. */
  static final long LIMIT = 1_000_000_000;

  /** How many keys are cached. */
  @Param("100000")
  public int keys;

  private CountingStore store;
  private long lookups;
  private ControlPlane plane;
  private ApiKeyManager manager;
  private HandVerifier byHand;
  private String[] presented;
  private String[] junk;

  /** A thread's place among the keys, and its digest. */
  @State(Scope.Thread)
  public static class Cursor {
    private int at = new Random().nextInt(Integer.MAX_VALUE);
    private final MessageDigest sha256 = sha256();

    private String next(String[] texts) {
      at = at == Integer.MAX_VALUE ? 0 : at + 1;
      return texts[at % texts.length];
    }
  }

  @Setup
  public void fill() {
    store = new CountingStore(Storage.inMemory());
    plane = Fixture.still(store);
    manager = plane.apiKeys();
    byHand = new HandVerifier(keys);
    presented = new String[keys];
    MessageDigest sha256 = sha256();
    for (int i = 0; i < keys; i++) {
      // Scopes of its own for each, as keys read from a database have.
      NewApiKey wanted =
          NewApiKey.live("key " + i)
              .scopes("livekit:*", "secrets:read")
              .limit("minute", LIMIT, Duration.ofMinutes(1))
              .limit("hour", LIMIT, Duration.ofHours(1));
      IssuedApiKey issued = manager.create(Fixture.CONTEXT, wanted);
      presented[i] = issued.secret().string(SecretAccess.get());
      byHand.put(
          presented[i],
          new HandVerifier.Entry("acme", List.of("livekit:*", new String("secrets:read"))),
          sha256);
    }
    shuffle(presented);
    for (String key : presented) {
      if (!(manager.verify(key, QUERY) instanceof Verdict.Valid)) {
        throw new IllegalStateException("a fresh key must work");
      }
    }
    lookups = store.lookups();
    junk = new String[Math.min(JUNK, keys)];
    for (int i = 0; i < junk.length; i++) {
      String key = presented[i];
      char last = key.charAt(key.length() - 1);
      junk[i] = key.substring(0, key.length() - 1) + (last == '0' ? '1' : '0');
    }
  }

  @TearDown
  public void close() {
    plane.close();
    if (store.lookups() != lookups) {
      throw new IllegalStateException("a cached key was looked up in the storage");
    }
  }

  @Benchmark
  public Verdict cached(Cursor cursor) {
    return manager.verify(cursor.next(presented), QUERY);
  }

  /** With the context that most callers go on with, which is made for those who ask. */
  @Benchmark
  public TenantContext cachedWithTenant(Cursor cursor) {
    return ((Verdict.Valid) manager.verify(cursor.next(presented), QUERY)).tenant();
  }

  @Benchmark
  @Threads(2)
  public Verdict cachedTwoThreads(Cursor cursor) {
    return manager.verify(cursor.next(presented), QUERY);
  }

  @Benchmark
  public HandVerifier.@Nullable Entry cachedByHand(Cursor cursor) {
    return byHand.verify(cursor.next(presented), WANTED, cursor.sha256);
  }

  @Benchmark
  @Threads(2)
  public HandVerifier.@Nullable Entry cachedByHandTwoThreads(Cursor cursor) {
    return byHand.verify(cursor.next(presented), WANTED, cursor.sha256);
  }

  @Benchmark
  public byte[] sha256(Cursor cursor) {
    return cursor.sha256.digest(cursor.next(presented).getBytes(StandardCharsets.UTF_8));
  }

  @Benchmark
  @Threads(2)
  public byte[] sha256TwoThreads(Cursor cursor) {
    return cursor.sha256.digest(cursor.next(presented).getBytes(StandardCharsets.UTF_8));
  }

  @Benchmark
  public Verdict hot() {
    return manager.verify(presented[0], QUERY);
  }

  @Benchmark
  @Threads(2)
  public Verdict hotTwoThreads() {
    return manager.verify(presented[0], QUERY);
  }

  @Benchmark
  public HandVerifier.@Nullable Entry hotByHand(Cursor cursor) {
    return byHand.verify(presented[0], WANTED, cursor.sha256);
  }

  @Benchmark
  public byte[] sha256Hot(Cursor cursor) {
    return cursor.sha256.digest(presented[0].getBytes(StandardCharsets.UTF_8));
  }

  /** Our shape, a wrong checksum. */
  @Benchmark
  public Verdict junk(Cursor cursor) {
    return manager.verify(cursor.next(junk), QUERY);
  }

  private static void shuffle(String[] texts) {
    Random random = new Random(1);
    for (int i = texts.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      String text = texts[i];
      texts[i] = texts[other];
      texts[other] = text;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
