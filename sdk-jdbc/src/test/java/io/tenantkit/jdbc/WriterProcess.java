package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** A JVM of its own that adds organizations and prints each one's id when it is acknowledged. */
final class WriterProcess {
  /** Far beyond what a busy machine needs: no call of the process is to give up by itself. */
  static final Duration STATEMENT = Duration.ofMinutes(5);

  private static final Map<Long, Path> ERRORS = new ConcurrentHashMap<>();

  private WriterProcess() {}

  /** Starts the main class, which opens its storage and calls {@link #write}. */
  static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // It lives for a second or two: what is slow to start is not worth it.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("tenantkit-child", ".err");
    errors.toFile().deleteOnExit();
    Process child = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    ERRORS.put(child.pid(), errors);
    return child;
  }

  /** How the process ended and what it wrote to its standard error, for a test's message. */
  static String told(Process child) {
    String end = child.isAlive() ? "runs" : "ended with " + child.exitValue();
    Path errors = ERRORS.get(child.pid());
    if (errors == null) {
      return end;
    }
    try {
      return end + ", and wrote: " + new String(Files.readAllBytes(errors), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the process at its n-th acknowledgement; all that it gave until it was gone. */
  static List<String> killedAfter(int acknowledgements, Process child) throws Exception {
    return killedWhen(lines -> lines.size() == acknowledgements, child);
  }

  /** Kills the process at this line; all that it gave until it was gone. */
  static List<String> killedAt(String last, Process child) throws Exception {
    return killedWhen(lines -> lines.get(lines.size() - 1).equals(last), child);
  }

  private static List<String> killedWhen(Predicate<List<String>> now, Process child)
      throws Exception {
    List<String> acknowledged = new ArrayList<>();
    boolean killed = false;
    try (BufferedReader lines = lines(child)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        acknowledged.add(line);
        if (now.test(acknowledged)) {
          killed = true;
          // Not the process itself: that would also close the stream that is being read.
          child.toHandle().destroyForcibly();
        }
      }
    }
    child.waitFor();
    assertThat(killed || child.exitValue() == 0)
        .as("the process %s, after %s", told(child), acknowledged)
        .isTrue();
    return acknowledged;
  }

  static BufferedReader lines(Process child) {
    return new BufferedReader(
        new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
  }

  /** In the process itself: a storage over pools of this size. */
  static JdbcStorage postgresql(String url, String application, String admin, int size) {
    return JdbcStorage.postgresql(pool(url, application, size))
        .admin(pool(url, admin, size))
        .statementTimeout(STATEMENT)
        .open();
  }

  private static HikariDataSource pool(String url, String role, int size) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername(role);
    pool.setPassword("unused");
    pool.setMaximumPoolSize(size);
    return pool;
  }

  /** In the process itself: writes until it is killed. */
  static void write(JdbcStorage storage, String prefix) {
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    Samples samples = new Samples();
    for (int i = 0; i < 100_000; i++) {
      OrganizationId id = OrganizationId.of(prefix + i);
      stores
          .organizations()
          .insert(
              Operator.trusted("ops", "write"),
              samples.organization(id, "Name"),
              samples.event(id, "created"));
      System.out.println(id);
      System.out.flush();
    }
  }
}
