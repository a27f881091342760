package io.tenantkit;

/**
 * The thing exists already, its state does not allow the change, or somebody changed it in between.
 */
public final class ConflictException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  /** A conflict that repeating will not mend. */
  public ConflictException(String message) {
    super(ErrorCode.CONFLICT, message);
  }

  private ConflictException(ErrorCode code, String message) {
    super(code, message);
  }

  /**
   * A conflict with a concurrent change: read again, then repeat.
   *
   * @param kind what was changed, for example {@code api key}
   */
  public static ConflictException stale(String kind) {
    return new ConflictException(
        ErrorCode.STALE_VERSION, kind + " was changed by somebody else since it was read");
  }
}
