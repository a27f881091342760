package io.tenantkit.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A few connections to our own H2 file, kept open so that the file stays ours between calls. Safe
 * for use by several threads; a caller waits at most ten seconds for a connection.
 */
final class H2Pool implements ConnectionSource, AutoCloseable {
  private static final int SIZE = 8;
  private static final long WAIT_SECONDS = 10;
  private static final int DATABASE_CLOSED = 90098;

  private final ConnectionSource driver;
  private final Semaphore permits = new Semaphore(SIZE);
  private final Deque<Connection> idle = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  H2Pool(ConnectionSource driver, Connection first) {
    this.driver = driver;
    idle.push(first);
  }

  @Override
  public Connection take() throws SQLException {
    boolean permitted = false;
    try {
      permitted = permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!permitted) {
      throw new SQLTransientConnectionException("all connections are in use");
    }
    boolean taken = false;
    try {
      Connection connection = idle();
      // H2 closes the file under its connections when reading or writing it fails.
      while (connection != null && !connection.isValid(0)) {
        closeQuietly(connection);
        connection = idle();
      }
      if (connection == null) {
        connection = driver.take();
      }
      taken = true;
      return connection;
    } finally {
      if (!taken) {
        permits.release();
      }
    }
  }

  /** A connection of its own, which the caller closes. */
  Connection extra() throws SQLException {
    requireOpen();
    return driver.take();
  }

  @Override
  public void give(Connection connection) throws SQLException {
    lock.lock();
    try {
      if (closed || connection.isClosed()) {
        connection.close();
      } else {
        idle.push(connection);
      }
    } finally {
      lock.unlock();
      permits.release();
    }
  }

  private @Nullable Connection idle() throws SQLException {
    lock.lock();
    try {
      requireOpen();
      return idle.poll();
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() throws SQLException {
    lock.lock();
    try {
      if (closed) {
        throw new SQLException("closed", "90098", DATABASE_CLOSED);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      idle.forEach(H2Pool::closeQuietly);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Closes what cannot be used any more; a failure to do so changes nothing for the caller. */
  static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      return;
    }
  }
}
