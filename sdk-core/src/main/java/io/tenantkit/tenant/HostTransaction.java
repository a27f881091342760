package io.tenantkit.tenant;

/**
 * The host's own transaction, as a context carries it after a storage has joined it. Hosts neither
 * implement nor call this; a storage recognises its own transactions and refuses foreign ones.
 */
public interface HostTransaction {
  /** Runs the action once the host has committed, and never when it rolled back. */
  void afterCommit(Runnable action);
}
