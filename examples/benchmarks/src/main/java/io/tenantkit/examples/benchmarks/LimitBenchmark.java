package io.tenantkit.examples.benchmarks;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A decision over two local limits, which never refuse here. Ours: {@link PreparedLimits#decide}.
 * Floor: the same arithmetic by hand, two numbers advanced by compare and set one after the other,
 * without all or nothing, rests of a nanosecond, or statuses. Two threads have a key each.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LimitBenchmark {
  private static final long INTERVAL = 1;
  private static final long BURST = 1_000_000_000L;

  private ControlPlane plane;
  private RateLimiter limiter;

  /** A thread's own key. */
  @State(Scope.Thread)
  public static class Key {
    private final AtomicLong minute = new AtomicLong();
    private final AtomicLong hour = new AtomicLong();
    private PreparedLimits limits;

    @Setup
    public void prepare(LimitBenchmark benchmark) {
      String family = "key_" + Thread.currentThread().getId();
      limits =
          benchmark.limiter.prepare(
              new LimitSubject(Fixture.ACME, family),
              Limits.of(
                  RateLimit.of("second", BURST, Duration.ofSeconds(1)),
                  RateLimit.of("minute", BURST, Duration.ofSeconds(1))),
              List.of());
    }
  }

  @Setup
  public void open() {
    plane = Fixture.open(Storage.inMemory());
    limiter = RateLimiter.of(plane.runtime());
  }

  @TearDown
  public void close() {
    plane.close();
  }

  @Benchmark
  public boolean local(Key key) {
    return key.limits.decide(System.nanoTime(), 1).admitted();
  }

  @Benchmark
  @Threads(2)
  public boolean localTwoThreads(Key key) {
    return key.limits.decide(System.nanoTime(), 1).admitted();
  }

  @Benchmark
  public boolean localByHand(Key key) {
    long now = System.nanoTime();
    boolean minute = taken(key.minute, now);
    boolean hour = taken(key.hour, now);
    return minute && hour;
  }

  private static boolean taken(AtomicLong tat, long now) {
    while (true) {
      long before = tat.get();
      long next = Math.max(before, now) + INTERVAL;
      if (next - now > BURST) {
        return false;
      }
      if (tat.compareAndSet(before, next)) {
        return true;
      }
    }
  }
}
