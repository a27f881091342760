package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The one answer to every record that does not open, checked in full. */
public final class Rejections {
  /** Written out once more on purpose: a changed text must be seen here. */
  public static final String MESSAGE =
      "the sealed record does not open: damaged, moved, or made with another key";

  private Rejections() {}

  /** Fails unless the call ends in exactly the constant rejection. */
  public static void assertRejected(String what, ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    assertThat(thrown).as(what).isExactlyInstanceOf(TenantkitException.class).hasMessage(MESSAGE);
    assertThat(((TenantkitException) thrown).code()).isEqualTo(ErrorCode.CIPHERTEXT_REJECTED);
    assertThat(thrown).hasNoCause().hasNoSuppressedExceptions();
  }
}
