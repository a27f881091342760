package io.tenantkit;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The thing exists already, its state does not allow the change, or somebody changed it in between.
 */
public final class ConflictException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String existingId;

  /** A conflict that repeating will not mend. */
  public ConflictException(String message) {
    this(ErrorCode.CONFLICT, message, null);
  }

  private ConflictException(ErrorCode code, String message, @Nullable String existingId) {
    super(code, message);
    this.existingId = existingId;
  }

  /**
   * A conflict with something of the caller's own organization, which the message and {@link
   * #existingId()} name.
   *
   * @param message ends with the id
   */
  public static ConflictException with(String message, String existingId) {
    return new ConflictException(ErrorCode.CONFLICT, message + " " + existingId, existingId);
  }

  /**
   * A conflict with a concurrent change: read again, then repeat.
   *
   * @param kind what was changed, for example {@code api key}
   */
  public static ConflictException stale(String kind) {
    return new ConflictException(
        ErrorCode.STALE_VERSION, kind + " was changed by somebody else since it was read", null);
  }

  /**
   * The id of what stands in the way, when it is known and the caller's own: the successor of a key
   * that was rotated already, or the key that an idempotency id has made already.
   */
  public Optional<String> existingId() {
    return Optional.ofNullable(existingId);
  }
}
