package io.tenantkit.spi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The change feed: what was committed, by whomever and with whatever SQL, of the rows that nodes
 * cache. It crosses tenants and is on the closed list. Safe for use by several threads.
 */
public interface ChangeStore {

  /** Up to where a poller has seen the feed; immutable, and of use only to the store it is from. */
  interface Cursor {}

  /**
   * Every change that has become visible since the cursor, once each. A change that commits late is
   * not skipped: it comes with the first poll that begins after its commit, whatever was committed
   * and polled before. Never joins a transaction.
   *
   * @param cursor null for the first poll, which knows of no change and answers {@link
   *     Changes#everything()}; so does one whose cursor is older than what is kept, or of a server
   *     that is not the same any more
   * @param limit the most changes to name, at least 1; when there are more, the answer is {@link
   *     Changes#everything()}
   */
  Changes since(@Nullable Cursor cursor, int limit);

  /**
   * Removes changes that every poller has had at least {@code keep} of time to see. Of several
   * nodes that do so at once, one does.
   *
   * @return how many were removed
   */
  long prune(Instant now, Duration keep);
}
