package io.tenantkit.vault;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tenantkit.ConflictException;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts encryptions under each key by reserving slices in the database ahead of them, so that a
 * put costs no statement more but one in a slice. What a process reserved and did not use when it
 * ended stays counted: never fewer are counted than were made, and at most one slice for each key
 * and process more. Safe for use by several threads; blocks on the storage once in a slice.
 */
final class KeyCounter {
  private static final long KEYS = 10_000;

  /** A slice is this part of the bound, so that what is lost in slices is little of it. */
  private static final long SLICES = 4_096;

  private final OrganizationKeyStore store;
  private final Cache<String, AtomicLong> reserved =
      Caffeine.newBuilder().maximumSize(KEYS).executor(Runnable::run).build();
  private volatile long bound = KeySettings.MOST_ENCRYPTIONS;

  KeyCounter(OrganizationKeyStore store) {
    this.store = store;
  }

  void bound(long encryptions) {
    bound = encryptions;
  }

  long bound() {
    return bound;
  }

  /**
   * Counts encryptions that are about to be made.
   *
   * @return false when the key has reached its bound and another is to be made
   */
  boolean take(TenantContext context, String keyId, long encryptions) {
    AtomicLong left =
        reserved.get(context.organization().value() + '/' + keyId, any -> new AtomicLong());
    if (takeFrom(left, encryptions)) {
      return true;
    }
    long slice = Math.max(encryptions, bound / SLICES);
    long total = store.reserve(context, keyId, slice);
    if (total == 0) {
      throw ConflictException.stale("organization key");
    }
    // A key of which nobody had reserved anything serves, however small the bound is.
    if (total > bound && total > slice) {
      return false;
    }
    Runnable keep = () -> left.addAndGet(slice - encryptions);
    // What the host's transaction reserved is reserved when that is committed, and not before.
    context.transaction().ifPresentOrElse(transaction -> transaction.afterCommit(keep), keep);
    return true;
  }

  private static boolean takeFrom(AtomicLong left, long encryptions) {
    long before = left.getAndUpdate(have -> have >= encryptions ? have - encryptions : have);
    return before >= encryptions;
  }
}
