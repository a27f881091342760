package io.tenantkit.apikey;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.tenant.TenantContext;
import java.util.function.BooleanSupplier;

/**
 * Finds out, within one call, whether a write whose answer was lost has happened.
 *
 * <p>To look is not enough: the database may still be committing what the connection broke off. So
 * the very same write is sent again. Its ids, its hash and the version it expects let it happen
 * once only, and it waits for the row if the first one still holds it; what it answers is therefore
 * certain. When the tries run out, the caller learns that nobody knows, and gets no secret.
 *
 * <p>Inside a joined transaction nothing is settled: its outcome is the host's.
 */
final class Settlement {
  /** How often a write of unknown outcome is sent again. */
  static final int TRIES = 3;

  private Settlement() {}

  /**
   * Runs a write.
   *
   * @param write does it and answers true, or answers false when the row is not as expected
   * @param isDone looks whether the row is as the write leaves it
   * @return whether it is done
   * @throws TenantkitException with {@link ErrorCode#COMMIT_UNKNOWN} when that cannot be found out
   */
  static boolean settle(TenantContext context, BooleanSupplier write, BooleanSupplier isDone) {
    try {
      return write.getAsBoolean();
    } catch (StorageException e) {
      if (context.transaction().isPresent()) {
        throw e;
      }
      if (e.code() == ErrorCode.COMMIT_UNKNOWN) {
        return again(write, isDone, e);
      }
      if (e.code() == ErrorCode.STORAGE_UNAVAILABLE && looksDone(isDone)) {
        return true;
      }
      throw e;
    }
  }

  private static boolean again(
      BooleanSupplier write, BooleanSupplier isDone, StorageException unknown) {
    for (int i = 0; i < TRIES; i++) {
      try {
        return repeated(write, isDone);
      } catch (StorageException e) {
        // As unknown as before.
        unknown.addSuppressed(e);
      }
    }
    throw unknown;
  }

  private static boolean repeated(BooleanSupplier write, BooleanSupplier isDone) {
    try {
      return write.getAsBoolean() || isDone.getAsBoolean();
    } catch (ConflictException e) {
      if (isDone.getAsBoolean()) {
        return true;
      }
      throw e;
    }
  }

  /** By contract nothing was committed then; a storage that is mistaken is believed by its rows. */
  private static boolean looksDone(BooleanSupplier isDone) {
    try {
      return isDone.getAsBoolean();
    } catch (StorageException e) {
      return false;
    }
  }
}
