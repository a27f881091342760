package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A JVM of its own that verifies keys without a pause. Told {@code watch name key}, it says {@code
 * valid name} when the key was accepted {@value #WARM} times, and {@code over name reasons began
 * judged answered calls} when it is first refused after that: of the last call that accepted it, in
 * microseconds, when it began, when it last read the clock and when its answer was there; and how
 * many accepted it. Told {@code stop name}, it says the same of a key that still works, with {@code
 * VALID} for reasons.
 */
final class VerifyingNode {
  /** How often a key is accepted before it is said to be. */
  static final int WARM = 10;

  private VerifyingNode() {}

  private static final class Watched {
    private final String key;
    private volatile boolean asked;
    private long began;
    private long judged;
    private long answered;
    private long calls;

    Watched(String key) {
      this.key = key;
    }

    String over(String name, String reasons) {
      return String.join(
          " ",
          "over",
          name,
          reasons,
          Long.toString(began),
          Long.toString(judged),
          Long.toString(answered),
          Long.toString(calls));
    }
  }

  /** The system's clock, which remembers what it last showed to one thread. */
  private static final class Witness extends Clock {
    private final Clock clock = Clock.systemUTC();
    private final Thread thread = Thread.currentThread();
    private long shown;

    private Instant show(Instant now) {
      if (Thread.currentThread() == thread) {
        shown = micros(now);
      }
      return now;
    }

    @Override
    public Instant instant() {
      return show(clock.instant());
    }

    @Override
    public ZoneId getZone() {
      return clock.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return clock.withZone(zone);
    }
  }

  public static void main(String[] arguments) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(arguments[0]);
    pool.setUsername(arguments[1]);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(2);
    Witness clock = new Witness();
    ControlPlane plane =
        ControlPlane.builder(JdbcStorage.postgresql(pool).open(), masterKeys())
            .revocationBound(Duration.ofMillis(Long.parseLong(arguments[2])))
            .clock(clock)
            .build();
    Map<String, Watched> watched = new ConcurrentHashMap<>();
    Thread reader = new Thread(() -> read(watched), "reader");
    reader.setDaemon(true);
    reader.start();
    while (reader.isAlive()) {
      watched.forEach((name, each) -> verify(plane, clock, watched, name, each));
    }
  }

  private static void verify(
      ControlPlane plane, Witness clock, Map<String, Watched> watched, String name, Watched each) {
    boolean asked = each.asked;
    long began = micros();
    Verdict verdict = plane.apiKeys().verify(each.key, ScopeQuery.of("flows:read"));
    long answered = micros();
    if (verdict instanceof Verdict.Valid) {
      each.began = began;
      each.judged = clock.shown;
      each.answered = answered;
      if (++each.calls == WARM) {
        say("valid " + name);
      }
      if (asked) {
        watched.remove(name);
        say(each.over(name, "VALID"));
      }
    } else if (each.calls >= WARM && verdict instanceof Verdict.Refused refused) {
      watched.remove(name);
      say(
          each.over(
              name, refused.reasons().stream().map(Enum::name).collect(Collectors.joining("+"))));
    }
  }

  private static void read(Map<String, Watched> watched) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        if (parts[0].equals("watch")) {
          watched.put(parts[1], new Watched(parts[2]));
        } else {
          Watched each = watched.get(parts[1]);
          if (each != null) {
            each.asked = true;
          }
        }
      }
    } catch (IOException e) {
      // The other side is gone, and this process goes with it.
      return;
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static long micros() {
    return micros(Instant.now());
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 7);
    bytes[0] = 1;
    return MasterKeys.of(MasterKey.of(bytes));
  }
}
