package io.tenantkit.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/**
 * The host's own connection to our H2 file. Where it ends a transaction it writes to the file, so
 * it does that as the one writer; a transaction that was joined is the one writer from the join on.
 */
final class H2HostConnection implements InvocationHandler {
  /** How a join finds it, also behind a wrapper of the host's. */
  interface Writing {
    /** From now until the transaction ends, nobody else writes. */
    void becomeWriter();
  }

  private final Connection target;
  private final WriterLock writer;
  private boolean writing;

  private H2HostConnection(Connection target, WriterLock writer) {
    this.target = target;
    this.writer = writer;
  }

  static Connection of(Connection target, WriterLock writer) {
    return (Connection)
        Proxy.newProxyInstance(
            H2HostConnection.class.getClassLoader(),
            new Class<?>[] {Connection.class, Writing.class},
            new H2HostConnection(target, writer));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
      throws Throwable {
    return switch (method.getName()) {
      case "becomeWriter" -> {
        becomeWriter();
        yield null;
      }
      case "equals" -> arguments != null && self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      case "isWrapperFor" -> isWriting(arguments) || Boolean.TRUE.equals(call(method, arguments));
      case "unwrap" -> isWriting(arguments) ? self : call(method, arguments);
      case "commit" -> ending(true, method, arguments);
      // To switch it on commits; to switch it off ends nothing.
      case "setAutoCommit" ->
          isTrue(arguments) ? ending(true, method, arguments) : call(method, arguments);
      case "close", "abort" -> ending(false, method, arguments);
      case "rollback" -> arguments == null ? ending(false, method, null) : call(method, arguments);
      default -> call(method, arguments);
    };
  }

  private static boolean isWriting(Object @Nullable [] arguments) {
    return arguments != null && arguments[0] == Writing.class;
  }

  private static boolean isTrue(Object @Nullable [] arguments) {
    return arguments != null && Boolean.TRUE.equals(arguments[0]);
  }

  private void becomeWriter() {
    if (!writing) {
      writer.take();
      writing = true;
    }
  }

  /**
   * What ends the transaction.
   *
   * @param commits whether it must not happen beside another writer; what gives up the changes is
   *     done in any case, so that nothing is left open
   */
  private @Nullable Object ending(boolean commits, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (commits) {
      becomeWriter();
    } else if (!writing) {
      writing = writer.tryTake();
    }
    try {
      return call(method, arguments);
    } finally {
      if (writing) {
        writing = false;
        writer.give();
      }
    }
  }

  private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
