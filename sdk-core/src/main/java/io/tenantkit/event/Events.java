package io.tenantkit.event;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events from any thread and hands them to the log and the listeners when due work runs.
 *
 * <p>When {@value #CAPACITY} wait already, those that {@linkplain EventType#mayBeLeftOut() may be
 * left out} are, and counted, so a flood costs neither memory nor time. All others are told once
 * only and are always kept. Their number stays bounded all the same: due work, which gives most of
 * them, delivers in between; and what a host's call gives, at most one for each, has cost that call
 * a commit. Safe for use by several threads; {@link #publish} waits for nothing, except within
 * {@link #during}.
 */
public final class Events {
  /** How many events may wait for the next delivery before some are left out. */
  public static final int CAPACITY = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final List<EventListener> listeners = new CopyOnWriteArrayList<>();
  private final Queue<Event> waiting = new ArrayDeque<>();
  private final ReentrantLock queue = new ReentrantLock();
  private final ReentrantLock delivery = new ReentrantLock();
  private final Set<Thread> delivering = ConcurrentHashMap.newKeySet();
  private long dropped;

  /** To these listeners, in this order. */
  public Events(List<EventListener> listeners) {
    this.listeners.addAll(listeners);
  }

  /** To this listener too, after those that are there; for upper modules. */
  public void add(EventListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /** Takes an event for the next delivery. */
  public void publish(Event event) {
    boolean full;
    boolean kept;
    queue.lock();
    try {
      full = waiting.size() >= CAPACITY;
      kept = !full || !event.type().mayBeLeftOut();
      if (kept) {
        waiting.add(event);
      } else {
        dropped++;
      }
    } finally {
      queue.unlock();
    }
    // A listener that publishes is within a delivery, which goes on when it returns.
    if (full
        && kept
        && delivering.contains(Thread.currentThread())
        && !delivery.isHeldByCurrentThread()) {
      deliver();
    }
  }

  /**
   * Runs work that may publish much: whenever too many wait, its thread delivers before it goes on.
   * So the listeners set its pace.
   */
  public void during(Runnable work) {
    Thread self = Thread.currentThread();
    boolean outermost = delivering.add(self);
    try {
      work.run();
    } finally {
      if (outermost) {
        delivering.remove(self);
      }
    }
  }

  /**
   * Hands over what waits now. One thread at a time; events come in the order they were published.
   */
  public void deliver() {
    delivery.lock();
    try {
      int due;
      long lost;
      queue.lock();
      try {
        due = waiting.size();
        lost = dropped;
        dropped = 0;
      } finally {
        queue.unlock();
      }
      // What listeners publish meanwhile waits for the next time, or this might never end.
      for (Event next = next(due); next != null; next = next(--due)) {
        deliver(next);
      }
      if (lost > 0) {
        LOG.warn("{} events were left out because {} were waiting already", lost, CAPACITY);
      }
    } finally {
      delivery.unlock();
    }
  }

  private @Nullable Event next(int due) {
    queue.lock();
    try {
      return due > 0 ? waiting.poll() : null;
    } finally {
      queue.unlock();
    }
  }

  private void deliver(Event event) {
    if (event.type().warning()) {
      LOG.warn("{}", event);
    } else {
      LOG.info("{}", event);
    }
    for (EventListener listener : listeners) {
      try {
        listener.on(event);
      } catch (Throwable e) {
        // Errors too: a listener that misses a class must not end the delivery for ever.
        LOG.warn("a listener failed on {}: {}", event.type(), e.getClass().getName());
      }
    }
  }
}
