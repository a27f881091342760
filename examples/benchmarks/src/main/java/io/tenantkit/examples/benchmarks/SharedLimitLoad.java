package io.tenantkit.examples.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import io.tenantkit.ControlPlane;
import io.tenantkit.jdbc.JdbcStorage;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.tenantkit.jdbc.migrate.SchemaMigrator;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.ratelimit.RateLimiter;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/**
 * How many calls a second a limit that nodes share admits, from two threads on one PostgreSQL, all of
 * it with {@code synchronous_commit} off; on one hot key and on a thousand.
 *
 * <p>Ours: {@link PreparedLimits#decide}, shared and leased. Peer: Bucket4j's PostgreSQL with {@code
 * SELECT FOR UPDATE}, its own table, its proxies made ahead. Floor: GCRA by hand in one bare upsert,
 * without roles, statuses or organizations. Rounds alternate, so that all see the same machine;
 * medians over the rounds. No limit refuses here.
 */
public final class SharedLimitLoad implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int KEYS = 1_000;
  private static final DatabaseRoles ROLES = DatabaseRoles.defaults();
  private static final String UPSERT =
      """
      INSERT INTO by_hand AS h (id, tat) VALUES (?, 0)
      ON CONFLICT (id) DO UPDATE
         SET tat = greatest(h.tat, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) + 1
       WHERE h.tat <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + 1000000
      RETURNING tat""";
  private static final RateLimit AMPLE =
      RateLimit.of("ample", 1_000_000_000, Duration.ofSeconds(1));

  /** One call on the key of this number. */
  interface Call {
    boolean admitted(int key) throws Exception;
  }

  private final EmbeddedPostgres server;
  private final HikariDataSource application;
  private final HikariDataSource admin;
  private final HikariDataSource dba;
  private final ControlPlane plane;
  private final Map<String, Call> contestants = new LinkedHashMap<>();

  SharedLimitLoad() throws IOException, SQLException {
    server =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .start();
    try (Connection connection = DriverManager.getConnection(url(), "postgres", "postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(ROLES.script());
      statement.execute("CREATE TABLE by_hand (id bigint PRIMARY KEY, tat bigint) WITH (fillfactor = 50)");
      statement.execute(
          "CREATE TABLE bucket (id bigint PRIMARY KEY, state bytea, expires_at bigint)");
    }
    try (HikariDataSource owner = pool(ROLES.owner())) {
      SchemaMigrator.postgresql(owner).migrate();
    }
    application = pool(ROLES.application());
    admin = pool(ROLES.admin());
    dba = pool("postgres");
    plane = Fixture.open(JdbcStorage.postgresql(application).admin(admin).open());
    RateLimiter limiter = RateLimiter.of(plane.runtime());
    contestants.put("bare upsert", key -> byHand(dba, key));
    contestants.put("Bucket4j", bucket4j(dba));
    contestants.put("shared", ours(limiter, AMPLE.shared()));
    contestants.put("leased", ours(limiter, AMPLE.leased()));
  }

  private Call ours(RateLimiter limiter, RateLimit limit) {
    PreparedLimits[] keys = new PreparedLimits[KEYS];
    for (int i = 0; i < KEYS; i++) {
      LimitSubject subject = new LimitSubject(Fixture.ACME, limit.mode() + "_" + i);
      keys[i] = limiter.prepare(subject, Limits.of(limit), List.of());
    }
    return key ->
        keys[key]
            .decide(RateLimiter.nanos(plane.runtime().clock().instant()), 1)
            .admitted();
  }

  private static boolean byHand(DataSource pool, int key) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      upsert.setLong(1, key);
      try (ResultSet row = upsert.executeQuery()) {
        return row.next();
      }
    }
  }

  private static Call bucket4j(DataSource pool) {
    ProxyManager<Long> proxies = Bucket4jPostgreSQL.selectForUpdateBasedBuilder(pool).build();
    BucketConfiguration ample =
        BucketConfiguration.builder()
            .addLimit(
                Bandwidth.builder()
                    .capacity(1_000_000_000)
                    .refillGreedy(1_000_000_000, Duration.ofSeconds(1))
                    .build())
            .build();
    List<io.github.bucket4j.Bucket> buckets = new ArrayList<>();
    for (long i = 0; i < KEYS; i++) {
      buckets.add(proxies.getProxy(i, () -> ample));
    }
    return key -> buckets.get(key).tryConsume(1);
  }

  private String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
  }

  private HikariDataSource pool(String role) {
    HikariConfig config = new HikariConfig();
    // Ours switches it off by itself, for limits alone; the others are given it.
    config.setJdbcUrl(
        role.equals("postgres") ? url() + "?options=-c%20synchronous_commit%3Doff" : url());
    config.setUsername(role);
    config.setPassword("unused");
    config.setMaximumPoolSize(THREADS + 1);
    return new HikariDataSource(config);
  }

  /** Every contestant's way to decide, by name. */
  Map<String, Call> contestants() {
    return contestants;
  }

  /** Calls a second over all threads. */
  static double rate(Call call, int keys, Duration time) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Long>> counts = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread * keys / THREADS;
        counts.add(threads.submit(() -> run(call, keys, first, start, time)));
      }
      start.countDown();
      long calls = 0;
      for (Future<Long> count : counts) {
        calls += count.get();
      }
      return calls * 1e9 / time.toNanos();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static long run(Call call, int keys, int first, CountDownLatch start, Duration time)
      throws Exception {
    start.await();
    long end = System.nanoTime() + time.toNanos();
    long calls = 0;
    int key = first;
    while (System.nanoTime() - end < 0) {
      if (!call.admitted(key)) {
        throw new IllegalStateException("nothing is refused here");
      }
      calls++;
      key = key + 1 == keys ? 0 : key + 1;
    }
    return calls;
  }

  @Override
  public void close() throws IOException {
    plane.close();
    application.close();
    admin.close();
    dba.close();
    server.close();
  }

  private void print(int rounds, Duration time, PrintStream out) throws InterruptedException {
    for (int keys : new int[] {1, KEYS}) {
      Map<String, double[]> rates = new LinkedHashMap<>();
      for (int round = -1; round < rounds; round++) {
        for (Map.Entry<String, Call> each : contestants.entrySet()) {
          double rate = rate(each.getValue(), keys, time);
          if (round >= 0) {
            rates.computeIfAbsent(each.getKey(), any -> new double[rounds])[round] = rate;
          }
        }
      }
      out.printf(Locale.ROOT, "%n%d key(s), %d threads: calls a second%n", keys, THREADS);
      rates.values().forEach(Arrays::sort);
      double peer = rates.getOrDefault("Bucket4j", new double[rounds])[rounds / 2];
      rates.forEach(
          (name, all) ->
              out.printf(
                  Locale.ROOT,
                  "%-12s %12.0f  (%.0f to %.0f)  %8.2f x Bucket4j%n",
                  name,
                  all[rounds / 2],
                  all[0],
                  all[rounds - 1],
                  all[rounds / 2] / peer));
    }
  }

  /** Runs the load: rounds, and seconds of each. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    try (SharedLimitLoad load = new SharedLimitLoad()) {
      load.print(rounds, Duration.ofSeconds(seconds), System.out);
    }
  }
}
