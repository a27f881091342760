package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.ServerKeys;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who has the key of a public id, and that nobody has it: bounded in number, and no older than the
 * bound. Strangers who name ever new keys cost at most {@value #MISSES_PER_SECOND} look-ups a
 * second, and drive out nobody who is known; nor do they count against those whose keys are in use
 * here.
 *
 * <p>Of a public id that more have than are tried for one message, the others have their turn with
 * the messages after it; the {@value #MOST_PROVEN} that were seen last to sign are tried with each
 * from then on. So who stores somebody else's id many times over delays that one's messages until
 * one was seen, and again only while that many of them send messages of their own.
 *
 * <p>Safe for use by several threads.
 */
final class KeyOwners {
  /** How many organizations with keys of the same public id are tried for one message. */
  static final int MOST_OWNERS = 500;

  static final int MISSES_PER_SECOND = 200;

  /** How many that were seen to sign with one public id are tried whoever's turn it is. */
  static final int MOST_PROVEN = 16;

  private static final int ENTRIES = 10_000;
  private static final long SECOND = 1_000;

  /** Looks in the storage for those that have a key, from the first after this. */
  interface Lookup {
    List<Owner> owners(String apiKey, @Nullable Owner after);
  }

  private record Known(List<Owner> owners, long atMillis) {}

  /** Whose turn it is, since when. */
  private record Turn(@Nullable Owner after, long sinceMillis) {}

  private final Lookup lookup;
  private final LongSupplier millis;
  private final long boundMillis;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Long> misses = new ArrayDeque<>();
  private final Map<String, Known> entries = bounded();

  /** Keys that nobody has. */
  private final Map<String, Known> strangers = bounded();

  /** Of keys that more have than are tried at once. */
  private final Map<String, Turn> turns = bounded();

  /** Keys that this node has opened: somebody has them. */
  private final Map<String, Boolean> inUse = bounded();

  /** Who signed of late with such a key, those that signed last at the end. */
  private final Map<String, Set<Owner>> proven = bounded();

  private static <T> Map<String, T> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > ENTRIES;
      }
    };
  }

  KeyOwners(Lookup lookup, LongSupplier millis, Duration bound) {
    this.lookup = lookup;
    this.millis = millis;
    this.boundMillis = bound.toMillis();
  }

  /** Over the storage, as long as the plane's revocation bound allows. */
  static KeyOwners of(PlaneRuntime runtime, ServerKeys keys) {
    return new KeyOwners(
        (apiKey, after) -> keys.owners(apiKey, after, MOST_OWNERS),
        runtime.clock()::millis,
        runtime.revocationBound());
  }

  /** Null when too many unknown ones were asked for of late. */
  @Nullable List<Owner> of(String apiKey) {
    // Before the storage is asked: what it answers is at least that new.
    long now = millis.getAsLong();
    @Nullable Owner after;
    boolean counted;
    lock.lock();
    try {
      Known known = entries.get(apiKey);
      Known entry = known != null ? known : strangers.get(apiKey);
      if (entry != null && now - entry.atMillis() < boundMillis) {
        return tried(apiKey, entry.owners());
      }
      counted = known == null && inUse.get(apiKey) == null;
      if (counted) {
        if (isSpent(now)) {
          return null;
        }
        // Before it is looked up: many at once are many all the same.
        misses.add(now);
      }
      Turn turn = turns.get(apiKey);
      after = turn == null ? null : turn.after();
    } finally {
      lock.unlock();
    }
    List<Owner> owners = lookup.owners(apiKey, after);
    if (owners.isEmpty() && after != null) {
      owners = lookup.owners(apiKey, null);
    }
    lock.lock();
    try {
      entries.remove(apiKey);
      strangers.remove(apiKey);
      (owners.isEmpty() ? strangers : entries).put(apiKey, new Known(owners, now));
      if (owners.isEmpty()) {
        turns.remove(apiKey);
      }
      if (counted && !owners.isEmpty()) {
        misses.removeLastOccurrence(now);
      }
      return tried(apiKey, owners);
    } finally {
      lock.unlock();
    }
  }

  private List<Owner> tried(String apiKey, List<Owner> owners) {
    Set<Owner> last = proven.getOrDefault(apiKey, Set.of());
    if (owners.containsAll(last)) {
      return owners;
    }
    Set<Owner> all = new LinkedHashSet<>(last);
    all.addAll(owners);
    return List.copyOf(all);
  }

  /**
   * None of those that were tried signed a message: it is the next ones' turn, once a second.
   *
   * @return whether there are others, so that the same message may be good later
   */
  boolean turn(String apiKey) {
    long now = millis.getAsLong();
    lock.lock();
    try {
      Known known = entries.get(apiKey);
      Turn turn = turns.get(apiKey);
      if (known == null) {
        // Another message was faster, or the key is another's by now: unless nobody has it.
        return turn != null || !strangers.containsKey(apiKey);
      }
      boolean isFirst = turn == null || turn.after() == null;
      boolean more = known.owners().size() >= MOST_OWNERS;
      if (isFirst && !more) {
        turns.remove(apiKey);
        return false;
      }
      if (turn == null || now - turn.sinceMillis() >= SECOND) {
        turns.put(apiKey, new Turn(more ? known.owners().get(MOST_OWNERS - 1) : null, now));
        entries.remove(apiKey);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** This one signed a message with the key. */
  void proved(String apiKey, Owner owner) {
    lock.lock();
    try {
      if (turns.containsKey(apiKey)) {
        Set<Owner> signers = proven.computeIfAbsent(apiKey, first -> new LinkedHashSet<>());
        signers.remove(owner);
        signers.add(owner);
        if (signers.size() > MOST_PROVEN) {
          signers.remove(signers.iterator().next());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isSpent(long now) {
    while (!misses.isEmpty() && now - misses.peek() >= SECOND) {
      misses.remove();
    }
    return misses.size() >= MISSES_PER_SECOND;
  }

  /** A tenant's key was opened here, so that its server's messages are no stranger's. */
  void opened(String apiKey) {
    lock.lock();
    try {
      inUse.put(apiKey, true);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what is known of a key. */
  void forget(String apiKey) {
    lock.lock();
    try {
      entries.remove(apiKey);
      strangers.remove(apiKey);
    } finally {
      lock.unlock();
    }
  }
}
