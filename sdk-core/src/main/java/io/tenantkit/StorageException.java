package io.tenantkit;

import org.jspecify.annotations.Nullable;

/**
 * The storage failed. The message is ours: a driver's own text may quote rows and values, so it
 * never becomes part of it, and a cause is attached only after such text was removed.
 */
public final class StorageException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  /** A failure without a cause worth keeping. */
  public StorageException(ErrorCode code, String message) {
    super(code, message);
  }

  /** A failure with a cause that carries no data. */
  public StorageException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
