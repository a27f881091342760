package io.tenantkit.spi;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import org.jspecify.annotations.Nullable;

/**
 * Periodic work on one organization after the other: one that fails does not keep it from the
 * others, and the first failure is thrown at the end. Only when the database cannot be reached does
 * it end at once, for then each would wait in vain. Not safe for use by several threads.
 */
public final class EachOrganization {
  private @Nullable RuntimeException failed;

  /** Before the first. */
  public EachOrganization() {}

  /**
   * Does the work on one.
   *
   * @return whether it was done
   */
  public boolean attempt(Runnable work) {
    try {
      work.run();
      return true;
    } catch (RuntimeException e) {
      if (e instanceof TenantkitException known && known.code() == ErrorCode.STORAGE_UNAVAILABLE) {
        throw e;
      }
      failed = failed == null ? e : failed;
      return false;
    }
  }

  /** Throws the first failure, if there was one. */
  public void end() {
    if (failed != null) {
      throw failed;
    }
  }
}
