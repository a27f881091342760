package io.tenantkit.examples.quickstart;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.sql.DataSource;

/** Gives a database's connections out again and again, as a host's pool does. */
final class ReusedConnections implements AutoCloseable {
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();
  private final DataSource database;

  ReusedConnections(DataSource database) {
    this.database = database;
  }

  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (self, method, arguments) ->
            method.getName().equals("getConnection") ? lent() : call(database, method, arguments));
  }

  private Connection lent() throws SQLException {
    Connection free = idle.poll();
    Connection real = free != null ? free : database.getConnection();
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("close")) {
            real.setAutoCommit(true);
            idle.push(real);
            return null;
          }
          return call(real, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public void close() throws SQLException {
    for (Connection each : idle) {
      each.close();
    }
  }
}
