package io.tenantkit.event;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events from any thread without waiting and hands them to the log and the listeners when due
 * work runs. At most {@value #CAPACITY} wait; what comes above is counted and left out, so a flood
 * costs neither memory nor time. Safe for use by several threads.
 */
public final class Events {
  /** How many events may wait for the next delivery. */
  public static final int CAPACITY = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final List<EventListener> listeners;
  private final Queue<Event> waiting = new ArrayDeque<>();
  private final ReentrantLock queue = new ReentrantLock();
  private final ReentrantLock delivery = new ReentrantLock();
  private long dropped;

  /** To these listeners, in this order. */
  public Events(List<EventListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  /** Takes an event for the next delivery. */
  public void publish(Event event) {
    queue.lock();
    try {
      if (waiting.size() < CAPACITY) {
        waiting.add(event);
      } else {
        dropped++;
      }
    } finally {
      queue.unlock();
    }
  }

  /** Hands over what waits. One thread at a time; events come in the order they were published. */
  public void deliver() {
    delivery.lock();
    try {
      List<Event> due;
      long lost;
      queue.lock();
      try {
        due = List.copyOf(waiting);
        waiting.clear();
        lost = dropped;
        dropped = 0;
      } finally {
        queue.unlock();
      }
      due.forEach(this::deliver);
      if (lost > 0) {
        LOG.warn("{} events were left out because {} were waiting already", lost, CAPACITY);
      }
    } finally {
      delivery.unlock();
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
      } catch (RuntimeException e) {
        LOG.warn("a listener failed on {}: {}", event.type(), e.getClass().getName());
      }
    }
  }
}
