package io.tenantkit.apikey;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Remembers some of the values it was shown, to give the same object for the next equal one. A
 * fixed number of places, each for the last value that fell on it: what is not there costs nothing,
 * and never more than the places is kept. Safe for use by several threads.
 */
final class Shared<T> {
  private final AtomicReferenceArray<T> places;

  /**
   * @param places a power of two
   */
  Shared(int places) {
    this.places = new AtomicReferenceArray<>(places);
  }

  /** This value, or an equal one from before. */
  T of(T value) {
    int hash = value.hashCode();
    int place = (hash ^ hash >>> 16) & (places.length() - 1);
    T known = places.get(place);
    if (known != null && known.equals(value)) {
      return known;
    }
    places.set(place, value);
    return value;
  }
}
