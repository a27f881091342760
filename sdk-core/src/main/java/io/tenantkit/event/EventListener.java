package io.tenantkit.event;

/**
 * Takes a host's events. Called on the thread that runs the control plane's due work, one event
 * after the other, so it should hand long work on: while it runs, usage, checkpoints and notices
 * wait, though neither revocation nor limits do. What it throws is logged and goes no further.
 */
@FunctionalInterface
public interface EventListener {
  /** One event. */
  void on(Event event);
}
