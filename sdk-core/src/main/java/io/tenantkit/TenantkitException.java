package io.tenantkit;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The one unchecked root of everything that this library throws when an operation is refused. */
public class TenantkitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** Makes an exception whose message names what was refused and never holds a secret. */
  public TenantkitException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** Like {@link #TenantkitException(ErrorCode, String)}, with the cause where it is harmless. */
  public TenantkitException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** The stable reason. */
  public ErrorCode code() {
    return code;
  }
}
