package io.tenantkit.secret;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Keeps a few costly objects for the next user.
 *
 * <p>Never waits: when all are lent out it makes one more, and when all places are taken it drops
 * what comes back. So at most {@code capacity} objects are kept, whatever the number of threads,
 * where a ThreadLocal would keep one for each of a host's virtual threads. Safe for use by several
 * threads.
 */
final class BoundedPool<T> {
  private final AtomicReferenceArray<T> places;
  private final Supplier<T> maker;

  BoundedPool(int capacity, Supplier<T> maker) {
    this.places = new AtomicReferenceArray<>(capacity);
    this.maker = maker;
  }

  /** An object for this caller alone. */
  T take() {
    int start = start();
    for (int i = 0; i < places.length(); i++) {
      int place = (start + i) % places.length();
      // The plain look first spares the other threads a contended write on an empty place.
      if (places.get(place) != null) {
        T found = places.getAndSet(place, null);
        if (found != null) {
          return found;
        }
      }
    }
    return maker.get();
  }

  /** Gives an object back that is fit to be used again; one that failed is not given back. */
  void giveBack(T object) {
    int start = start();
    for (int i = 0; i < places.length(); i++) {
      if (places.compareAndSet((start + i) % places.length(), null, object)) {
        return;
      }
    }
  }

  /** How many objects wait for a user now: never more than the capacity. */
  int idle() {
    int idle = 0;
    for (int i = 0; i < places.length(); i++) {
      if (places.get(i) != null) {
        idle++;
      }
    }
    return idle;
  }

  /** Threads begin at different places, so that they seldom meet. */
  private int start() {
    return (int) (Thread.currentThread().getId() & 0x7fff_ffff) % places.length();
  }
}
