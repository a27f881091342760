package io.tenantkit;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The unchecked root of every error that an operation throws. Its {@link #code()} is stable; its
 * message is for people and never carries a secret, a full API key or another tenant's data.
 */
public class TenantkitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** An error with nothing beneath it. */
  public TenantkitException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** An error that another one caused. The cause must not carry a secret in its text. */
  public TenantkitException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** What went wrong, as a stable code. */
  public final ErrorCode code() {
    return code;
  }
}
