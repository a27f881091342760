package io.tenantkit.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A JVM of its own that adds organizations and prints each one's id when it is acknowledged. */
final class WriterProcess {
  private WriterProcess() {}

  /** Starts the main class, which opens its storage and calls {@link #write}. */
  static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
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
    try (BufferedReader lines = lines(child)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        acknowledged.add(line);
        if (now.test(acknowledged)) {
          // Not the process itself: that would also close the stream that is being read.
          child.toHandle().destroyForcibly();
        }
      }
    }
    child.waitFor();
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
