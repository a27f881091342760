package io.tenantkit.jdbc;

import io.tenantkit.InvalidInputException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How long a verb waits for the database. The server's own limit rides with the tenant's setting
 * and costs nothing; the network's holds when there is no tenant to set, and when nobody answers
 * any more. It is the later of the two, so that a server that is only slow may say so and the
 * connection lives. Immutable.
 *
 * @param statement of one statement, {@link #SHORTEST} to {@link #LONGEST}
 */
record TimeLimit(Duration statement) {
  static final Duration SHORTEST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofHours(1);
  static final TimeLimit DEFAULT = new TimeLimit(Duration.ofSeconds(10));

  private static final Duration LONGEST_GRACE = Duration.ofSeconds(5);
  private static final int NOT_SET = -1;

  TimeLimit {
    if (statement.compareTo(SHORTEST) < 0 || statement.compareTo(LONGEST) > 0) {
      throw new InvalidInputException("statementTimeout", "100 milliseconds to 1 hour");
    }
  }

  /** Added to the select list that sets the tenant. */
  String sql() {
    return ", set_config('statement_timeout', '" + statement.toMillis() + "', true)";
  }

  /** The longest wait for one answer. */
  Duration network() {
    return statement.plus(statement.compareTo(LONGEST_GRACE) < 0 ? statement : LONGEST_GRACE);
  }

  /**
   * Bounds what follows on the connection. A driver that cannot is the host's choice.
   *
   * @return what {@link #end} puts back
   */
  int begin(Connection connection) {
    try {
      int before = connection.getNetworkTimeout();
      int wanted = Math.toIntExact(network().toMillis());
      if (before > 0 && before <= wanted) {
        return NOT_SET;
      }
      connection.setNetworkTimeout(Runnable::run, wanted);
      return before;
    } catch (SQLException e) {
      return NOT_SET;
    }
  }

  /** Puts back what {@link #begin} found. */
  static void end(Connection connection, int before) {
    if (before == NOT_SET) {
      return;
    }
    try {
      connection.setNetworkTimeout(Runnable::run, before);
    } catch (SQLException e) {
      // It is broken, and the pool will find out.
      return;
    }
  }
}
