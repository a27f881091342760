package io.tenantkit.livekit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * One look at the rooms of an organization's environment, and what it may take, so that no tenant
 * holds up the others: it ends with its time, and at the first answer that does not come. The next
 * one goes on where this one ended. Not safe for use by several threads.
 */
final class RevocationRound {
  /** After this nothing more is asked. */
  static final Duration TIME = Duration.ofSeconds(5);

  /** For each call of the server, so that a round takes so much longer at most. */
  static final Duration CALL_AT_MOST = Duration.ofSeconds(3);

  private final long began = System.nanoTime();
  private final String after;
  private String last;
  private boolean failed;

  /** One from the first room on. */
  RevocationRound() {
    this("");
  }

  /** One that begins after this room. */
  RevocationRound(String after) {
    this.after = after;
    this.last = after;
  }

  /** The rooms from where it begins, then those before. */
  List<String> inTurn(Collection<String> rooms) {
    TreeSet<String> sorted = new TreeSet<>(rooms);
    List<String> all = new ArrayList<>(sorted.tailSet(after, false));
    all.addAll(sorted.headSet(after, true));
    return all;
  }

  /** Whether nothing more is to be asked. */
  boolean isOver() {
    return failed || System.nanoTime() - began >= TIME.toNanos();
  }

  /** Where it is now. */
  void at(String room) {
    last = room;
  }

  /** The room that it came to. */
  String last() {
    return last;
  }

  /** An answer did not come, or was a failure. */
  void fail() {
    failed = true;
  }

  /** Whether the server failed. */
  boolean hasFailed() {
    return failed;
  }
}
