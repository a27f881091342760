package io.tenantkit.secret;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
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

  /** How many were made for places; what is dropped later is not taken off. */
  private final AtomicInteger made = new AtomicInteger();

  BoundedPool(int capacity, Supplier<T> maker) {
    this.places = new AtomicReferenceArray<>(capacity);
    this.maker = maker;
  }

  /** An object for this caller alone. */
  T take() {
    return takeFrom(start());
  }

  /**
   * An object for this caller alone: the one that was given back to this place, if it is there.
   * Otherwise a new one until there are as many as places, so that nobody takes another place's.
   *
   * @param place zero or more, and less than the capacity
   */
  T take(int place) {
    T found = places.getAndSet(place, null);
    if (found != null) {
      return found;
    }
    if (made.get() < places.length()) {
      made.incrementAndGet();
      return maker.get();
    }
    return takeFrom(place);
  }

  private T takeFrom(int start) {
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
    giveBack(object, start());
  }

  /** Gives an object back to this place, or to the next that is free. */
  void giveBack(T object, int start) {
    for (int i = 0; i < places.length(); i++) {
      if (places.compareAndSet((start + i) % places.length(), null, object)) {
        return;
      }
    }
  }

  /** Lends out what is at this place now, if anything is, and puts it back there. */
  void visit(int place, Consumer<T> visitor) {
    T found = places.getAndSet(place, null);
    if (found != null) {
      visitor.accept(found);
      giveBack(found, place);
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
