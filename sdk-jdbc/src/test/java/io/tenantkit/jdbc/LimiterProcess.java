package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.ControlPlane;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.ratelimit.PreparedLimits;
import io.tenantkit.ratelimit.RateLimiter;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.OrganizationId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node in a JVM of its own. It answers one line to each line it reads: {@code hit n} makes n
 * calls and says how many were admitted; {@code close} closes the control plane and ends.
 */
final class LimiterProcess implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name = "limiter-" + NUMBER.incrementAndGet();
  private final Cluster.Database database;
  private final Process process;
  private final BufferedReader answers;
  private final PrintStream commands;

  LimiterProcess(Cluster.Database database, Limits limits) throws IOException {
    this(database, "key_1", limits, Limits.none());
  }

  /** A node of which the calls are of this key, with limits that all keys share besides. */
  LimiterProcess(Cluster.Database database, String key, Limits limits, Limits pool)
      throws IOException {
    this.database = database;
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Node.class.getName(),
                Cluster.url(database.name()) + "?ApplicationName=" + name,
                database.roles().application(),
                limits.toJson(),
                key,
                pool.toJson())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    answers = WriterProcess.lines(process);
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Waits until the node is up. */
  void await() throws IOException {
    if (!"ready".equals(answers.readLine())) {
      throw new IllegalStateException("the node did not come up");
    }
  }

  void send(String command) {
    commands.println(command);
  }

  long answer() throws IOException {
    return Long.parseLong(answers.readLine());
  }

  long hit(int calls) throws IOException {
    send("hit " + calls);
    return answer();
  }

  /** SIGSTOP, SIGCONT or SIGKILL. */
  void signal(String which) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + which, Long.toString(process.pid())).inheritIO().start();
    if (!kill.waitFor(30, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IllegalStateException("no signal was sent");
    }
    if (which.equals("KILL")) {
      process.waitFor();
    }
  }

  /**
   * Waits until the server has done what this node had asked for when it was stopped, or has left
   * it when it was killed: what was asked for is not undone by what became of the node. A
   * transaction that a stopped node has begun stays as it is.
   */
  void awaitServed() {
    database.await(
        "the server is done with what " + name + " asked for",
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = '"
            + name
            + "'"
            + (process.isAlive() ? " AND state = 'active'" : ""));
  }

  /** Closes the node's control plane and waits for its end. */
  void end() throws Exception {
    send("close");
    answer();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process itself. */
  static final class Node {
    private Node() {}

    public static void main(String[] arguments) throws IOException {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(arguments[0]);
      pool.setUsername(arguments[1]);
      pool.setPassword("unused");
      pool.setMaximumPoolSize(3);
      byte[] key = new byte[32];
      for (int i = 0; i < key.length; i++) {
        key[i] = (byte) (5 * i + 1);
      }
      ControlPlane plane =
          ControlPlane.builder(
                  JdbcStorage.postgresql(pool).open(), MasterKeys.of(MasterKey.of(key)))
              .build();
      PreparedLimits limits =
          RateLimiter.of(plane.runtime())
              .prepare(
                  new LimitSubject(OrganizationId.of("acme"), arguments[3]),
                  Limits.fromJson(arguments[2]),
                  Limits.fromJson(arguments[4]).rates());
      System.out.println("ready");
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = commands.readLine();
          line != null && !line.equals("close");
          line = commands.readLine()) {
        long admitted = 0;
        for (int call = Integer.parseInt(line.substring("hit ".length())); call > 0; call--) {
          long now = RateLimiter.nanos(plane.runtime().clock().instant());
          admitted += limits.decide(now, 1).admitted() ? 1 : 0;
        }
        System.out.println(admitted);
      }
      plane.close();
      System.out.println(0);
    }
  }
}
