package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
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
      try (Connection dba = database.dba();
          Statement statement = dba.createStatement();
          ResultSet broken = statement.executeQuery(AuditTampering.verifyAudit("postgresql"))) {
        assertThat(broken.next()).as("a chain is broken").isFalse();
      }
    }
  }

  private static List<String> killed(Cluster.Database database, int round) throws Exception {
    Process child =
        WriterProcess.start(
            Writer.class,
            Cluster.url(database.name()),
            database.roles().application(),
            database.roles().admin(),
            "r" + round + "-");
    return WriterProcess.killedAfter(40 + 13 * round, child);
  }

  /** The process that is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      WriterProcess.write(
          WriterProcess.postgresql(arguments[0], arguments[1], arguments[2], 1), arguments[3]);
    }
  }
}
