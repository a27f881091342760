package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Who waits for a lock of the database, which is polled for. */
class LockWaits implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /**
   * A session that waits for a lock.
   *
   * @param query the statement that waits
   * @param wroteKey whether its transaction has written a row of a key before
   */
  record Waiting(int pid, String query, boolean wroteKey) {}

  private final Connection observer;

  LockWaits(Cluster.Database database) throws SQLException {
    observer = database.dba();
  }

  /** Waits until so many sessions wait, at least. */
  final List<Waiting> await(int sessions) throws SQLException {
    return await(sessions, List.of());
  }

  /** Waits until each of these processes has a session that waits. */
  final List<Waiting> await(List<Process> processes) throws SQLException {
    return await(processes.size(), processes);
  }

  private List<Waiting> await(int sessions, List<Process> processes) throws SQLException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<Waiting> waiting = waiting();
    while (waiting.size() < sessions) {
      for (Process each : processes) {
        assertThat(each.isAlive())
            .as("%s; the process %s", waiting, WriterProcess.told(each))
            .isTrue();
      }
      assertThat(System.nanoTime()).as("waiting: %s", waiting).isLessThan(deadline);
      waiting = waiting();
    }
    return waiting;
  }

  private List<Waiting> waiting() throws SQLException {
    List<Waiting> found = new ArrayList<>();
    try (Statement statement = observer.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT a.pid, a.query,
                       EXISTS (SELECT FROM pg_locks l
                                WHERE l.pid = a.pid AND l.granted AND l.mode = 'RowExclusiveLock'
                                  AND l.relation = CAST('tenantkit.api_keys' AS regclass)) AS wrote
                  FROM pg_stat_activity a
                 WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'""")) {
      while (row.next()) {
        found.add(new Waiting(row.getInt("pid"), row.getString("query"), row.getBoolean("wrote")));
      }
    }
    return found;
  }

  /** Waits until these sessions are over. */
  final void awaitEnd(List<Waiting> sessions) throws SQLException {
    String pids = sessions.stream().map(each -> "" + each.pid()).reduce("0", (a, b) -> a + "," + b);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean there = true;
    while (there) {
      assertThat(System.nanoTime()).as("sessions that are still there").isLessThan(deadline);
      try (Statement statement = observer.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid IN ("
                      + pids
                      + ")) AS x")) {
        row.next();
        there = row.getBoolean("x");
      }
    }
  }

  @Override
  public void close() throws SQLException {
    observer.close();
  }
}
