package io.tenantkit.audit;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import org.jspecify.annotations.Nullable;

/**
 * Work on one organization after the other: one that fails does not keep it from the others, and
 * the first failure is thrown at the end. Only when the database cannot be reached does it end at
 * once, for then each would wait in vain. Not safe for use by several threads.
 */
final class EachOrganization {
  private @Nullable RuntimeException failed;

  /**
   * Does the work on one.
   *
   * @return whether it was done
   */
  boolean attempt(Runnable work) {
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
  void end() {
    if (failed != null) {
      throw failed;
    }
  }
}
