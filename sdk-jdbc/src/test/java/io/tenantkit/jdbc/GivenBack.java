package io.tenantkit.jdbc;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A pool in front of a pool, which looks at each connection as it is given back. */
final class GivenBack implements DataSource {
  private final DataSource pool;
  private final boolean autoCommit;
  private final AtomicInteger times = new AtomicInteger();
  private final List<String> unclean = Collections.synchronizedList(new ArrayList<>());

  /**
   * @param autoCommit as the pool gives its connections out
   */
  GivenBack(DataSource pool, boolean autoCommit) {
    this.pool = pool;
    this.autoCommit = autoCommit;
  }

  /** How many connections came back that could still be asked. */
  int times() {
    return times.get();
  }

  /** What was wrong with those that did. */
  List<String> unclean() {
    return unclean;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = pool.getConnection();
    return (Connection)
        Proxy.newProxyInstance(
            GivenBack.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close") && !connection.isClosed()) {
                look(connection);
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void look(Connection connection) throws SQLException {
    times.incrementAndGet();
    if (connection.getAutoCommit() != autoCommit) {
      unclean.add("auto-commit is " + connection.getAutoCommit());
    }
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT coalesce(current_setting('app.organization_id', true), '') AS tenant,"
                    + " current_setting('statement_timeout') AS timeout")) {
      found.next();
      if (!found.getString("tenant").isEmpty()) {
        unclean.add("tenant is " + found.getString("tenant"));
      }
      if (!found.getString("timeout").equals("0")) {
        unclean.add("statement_timeout is " + found.getString("timeout"));
      }
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLException("not asked for");
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return pool.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    pool.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    pool.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return pool.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("given-back");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not asked for");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
