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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A JVM of its own that verifies keys without a pause. It is told of each by a line {@code name
 * key}, answers {@code valid name} when it is first accepted, and {@code refused name micros} when
 * it is first refused after that: the time at which the last call began that accepted it.
 */
final class VerifyingNode {
  private VerifyingNode() {}

  private static final class Watched {
    private final String key;
    private long lastValid;

    Watched(String key) {
      this.key = key;
    }
  }

  public static void main(String[] arguments) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(arguments[0]);
    pool.setUsername(arguments[1]);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(2);
    ControlPlane plane =
        ControlPlane.builder(JdbcStorage.postgresql(pool).open(), masterKeys())
            .revocationBound(Duration.ofMillis(Long.parseLong(arguments[2])))
            .build();
    Map<String, Watched> watched = new ConcurrentHashMap<>();
    Thread reader = new Thread(() -> read(watched), "reader");
    reader.setDaemon(true);
    reader.start();
    while (reader.isAlive()) {
      watched.forEach((name, each) -> verify(plane, watched, name, each));
    }
  }

  private static void verify(
      ControlPlane plane, Map<String, Watched> watched, String name, Watched each) {
    long began = micros();
    Verdict verdict = plane.apiKeys().verify(each.key, ScopeQuery.of("flows:read"));
    if (verdict instanceof Verdict.Valid) {
      if (each.lastValid == 0) {
        say("valid " + name);
      }
      each.lastValid = began;
    } else if (each.lastValid != 0) {
      watched.remove(name);
      say("refused " + name + " " + each.lastValid);
    }
  }

  private static void read(Map<String, Watched> watched) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        watched.put(parts[0], new Watched(parts[1]));
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
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 7);
    bytes[0] = 1;
    return MasterKeys.of(MasterKey.of(bytes));
  }
}
