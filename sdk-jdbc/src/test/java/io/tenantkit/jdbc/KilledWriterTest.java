package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A process that is killed while it writes to PostgreSQL. */
final class KilledWriterTest {
  private static final int ROUNDS = 2;

  @Test
  void everyAcknowledgedRowIsThereWithItsAuditRowAndNothingByHalves() throws Exception {
    Cluster.Database database = Cluster.migrated();
    Set<String> acknowledged = new HashSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      List<String> lines = killed(database, round);
      assertThat(lines).hasSizeGreaterThan(30);
      acknowledged.addAll(lines);

      Set<String> whole = new HashSet<>();
      try (Connection dba = database.dba();
          Statement statement = dba.createStatement();
          // One statement, so one snapshot: the last backend may still be at work.
          ResultSet found =
              statement.executeQuery(
                  "SELECT o.id, (SELECT count(*) FROM tenantkit.audit_events e"
                      + " WHERE e.organization_id = o.id AND e.action = 'created') AS events"
                      + " FROM tenantkit.organizations o")) {
        while (found.next()) {
          assertThat(found.getInt("events")).as(found.getString("id")).isOne();
          whole.add(found.getString("id"));
        }
      }
      assertThat(whole).containsAll(acknowledged);
    }
  }

  private static List<String> killed(Cluster.Database database, int round) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                Cluster.url(database.name()),
                database.roles().application(),
                database.roles().admin(),
                "r" + round + "-")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> acknowledged = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        acknowledged.add(line);
        if (acknowledged.size() == 40 + 13 * round) {
          // Not the process itself: that would also close the stream that is being read.
          child.toHandle().destroyForcibly();
        }
        line = lines.readLine();
      }
    }
    child.waitFor();
    return acknowledged;
  }

  /** The process that is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      JdbcStorage storage =
          JdbcStorage.postgresql(pool(arguments[0], arguments[1]))
              .admin(pool(arguments[0], arguments[2]))
              .open();
      CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
      Samples samples = new Samples();
      for (int i = 0; i < 100_000; i++) {
        OrganizationId id = OrganizationId.of(arguments[3] + i);
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

    private static HikariDataSource pool(String url, String role) {
      HikariDataSource pool = new HikariDataSource();
      pool.setJdbcUrl(url);
      pool.setUsername(role);
      pool.setPassword("unused");
      pool.setMaximumPoolSize(1);
      return pool;
    }
  }
}
