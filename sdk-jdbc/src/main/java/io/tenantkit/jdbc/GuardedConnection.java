package io.tenantkit.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A pool's connection as the host's code sees it for the length of its work. What would end the
 * transaction, outlive it in the session, or lead to the connection behind is refused, also by way
 * of a statement, a result set, an array or the meta data; after the end everything is. Used by one
 * thread at a time, as any connection.
 */
final class GuardedConnection {
  private final Connection target;
  private final Connection guarded;
  private volatile boolean ended;

  GuardedConnection(Connection target) {
    this.target = target;
    this.guarded = (Connection) proxy(Connection.class, this::onConnection);
  }

  /** What the host's code gets. */
  Connection connection() {
    return guarded;
  }

  /** Makes whatever the host's code kept useless. */
  void end() {
    ended = true;
  }

  private @Nullable Object onConnection(Object self, Method method, Object @Nullable [] arguments)
      throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class) {
      return onObject(self, name, arguments);
    }
    if (name.equals("isClosed") && ended) {
      return true;
    }
    if (name.equals("isWrapperFor")) {
      return false;
    }
    requireOpen();
    boolean harmless = arguments != null && Boolean.FALSE.equals(arguments[0]);
    if (name.equals("setAutoCommit") && harmless) {
      return null;
    }
    boolean wholeRollback = name.equals("rollback") && arguments == null;
    if (wholeRollback || isRefused(name)) {
      throw JoinedTransaction.refused(
          name + " is not for the work: it ends with the transaction, which is the storage's");
    }
    return guard(call(target, method, arguments));
  }

  /** Every setter but a savepoint's changes the session for the next borrower, too. */
  private static boolean isRefused(String name) {
    return switch (name) {
      case "commit", "close", "abort", "unwrap", "beginRequest", "endRequest" -> true;
      default -> name.startsWith("set") && !name.equals("setSavepoint");
    };
  }

  private @Nullable Object guard(@Nullable Object value) {
    Class<?> type =
        value instanceof CallableStatement
            ? CallableStatement.class
            : value instanceof PreparedStatement
                ? PreparedStatement.class
                : value instanceof Statement
                    ? Statement.class
                    : value instanceof ResultSet
                        ? ResultSet.class
                        : value instanceof DatabaseMetaData
                            ? DatabaseMetaData.class
                            : value instanceof Array ? Array.class : null;
    return value == null || type == null ? value : proxy(type, new Part(value));
  }

  /** What a proxy stands for, which the driver needs back when it is given the proxy. */
  private final class Part implements InvocationHandler {
    private final Object target;

    Part(Object target) {
      this.target = target;
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
        throws Throwable {
      return onPart(target, self, method, arguments);
    }
  }

  /** The driver does not know our proxies: an array of its own making is handed back as it was. */
  private static Object @Nullable [] unguarded(Object @Nullable [] arguments) {
    if (arguments == null) {
      return null;
    }
    Object[] own = arguments.clone();
    for (int i = 0; i < own.length; i++) {
      if (own[i] != null
          && Proxy.isProxyClass(own[i].getClass())
          && Proxy.getInvocationHandler(own[i]) instanceof Part part) {
        own[i] = part.target;
      }
    }
    return own;
  }

  private @Nullable Object onPart(
      Object part, Object self, Method method, Object @Nullable [] arguments) throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class) {
      return onObject(self, name, arguments);
    }
    switch (name) {
      case "close" -> {
        return call(part, method, arguments);
      }
      case "getConnection" -> {
        return guarded;
      }
      case "isWrapperFor" -> {
        return false;
      }
      default -> {
        requireOpen();
        if (name.equals("unwrap")) {
          throw JoinedTransaction.refused("unwrap is not for the work");
        }
        return guard(call(part, method, arguments));
      }
    }
  }

  private static Object onObject(Object self, String name, Object @Nullable [] arguments) {
    return switch (name) {
      case "equals" -> arguments != null && self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "guarded by the storage";
    };
  }

  private void requireOpen() {
    if (ended) {
      throw JoinedTransaction.refused("the work has ended, and its connection with it");
    }
  }

  private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, unguarded(arguments));
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(
        GuardedConnection.class.getClassLoader(), new Class<?>[] {type}, handler);
  }
}
