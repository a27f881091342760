package io.tenantkit.jdbc;

import java.io.Serial;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a driver's exception: its class, SQLState, vendor code and stack, and nothing of
 * its text, which may quote rows and values. It stands as the cause where the driver's own
 * exception would.
 */
public final class DriverError extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final @Nullable String sqlState;
  private final int vendorCode;

  private DriverError(SQLException original) {
    super(
        original.getClass().getName()
            + ": SQLState "
            + original.getSQLState()
            + ", vendor code "
            + original.getErrorCode());
    this.sqlState = original.getSQLState();
    this.vendorCode = original.getErrorCode();
    setStackTrace(original.getStackTrace());
  }

  static DriverError of(SQLException original) {
    return new DriverError(original);
  }

  /** The standard's five characters, or null when the driver gave none. */
  public @Nullable String sqlState() {
    return sqlState;
  }

  /** The database's own number; zero when it has none. */
  public int vendorCode() {
    return vendorCode;
  }
}
