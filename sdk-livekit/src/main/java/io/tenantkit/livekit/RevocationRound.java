package io.tenantkit.livekit;

import io.tenantkit.TenantkitException;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * One look at the rooms of an organization's environment, and what it may take, so that no tenant
 * holds up the others: it ends with its time, at the first list that does not come, and when
 * removals fail one after the other. The next one goes on where this one ended. Not safe for use by
 * several threads.
 */
final class RevocationRound {
  /** After this nothing more is asked. */
  static final Duration TIME = Duration.ofSeconds(5);

  /** For each call of the server, so that a round takes so much longer at most. */
  static final Duration CALL_AT_MOST = Duration.ofSeconds(3);

  /** So many people one after the other with whom the server failed end it. */
  static final int MOST_FAILURES = 8;

  /** So many of whom it said nothing in time. */
  private static final int MOST_SILENCES = 2;

  /**
   * How far it came.
   *
   * @param room the last one that was begun
   * @param person the last one in it, when there are more; otherwise empty
   */
  record Place(String room, String person) {
    /** Before all. */
    static final Place FIRST = new Place("", "");
  }

  private final long began = System.nanoTime();
  private final Place after;
  private Place last;
  private int failures;
  private int silences;
  private boolean failed;
  private boolean ended;

  /** One from the first room on. */
  RevocationRound() {
    this(Place.FIRST);
  }

  /** One that begins after this. */
  RevocationRound(Place after) {
    this.after = after;
    this.last = after;
  }

  /** The rooms from where it begins, then those before. */
  List<String> inTurn(Collection<String> rooms) {
    return turned(rooms, after.room(), !after.person().isEmpty());
  }

  /** The people of a room from where it begins, then those before. */
  List<String> inTurn(String room, Collection<String> people) {
    return turned(people, room.equals(after.room()) ? after.person() : "", false);
  }

  private static List<String> turned(Collection<String> names, String from, boolean with) {
    TreeSet<String> sorted = new TreeSet<>(names);
    List<String> all = new ArrayList<>(sorted.tailSet(from, with));
    all.addAll(sorted.headSet(from, !with));
    return all;
  }

  /** Whether nothing more is to be asked. */
  boolean isOver() {
    return ended || System.nanoTime() - began >= TIME.toNanos();
  }

  /** Whether what prepares it shall end, so that there is time for it. */
  boolean isHalfOver() {
    return ended || System.nanoTime() - began >= TIME.toNanos() / 2;
  }

  /** Where it is now: it begins with the room, or is through with it. */
  void at(String room) {
    last = new Place(room, "");
  }

  /** The same within a room, of somebody who was looked at. */
  void at(String room, String person) {
    last = new Place(room, person);
  }

  /** How far it came. */
  Place last() {
    return last;
  }

  /** An answer did not come, or was a failure: it is over. */
  void fail() {
    failed = true;
    ended = true;
  }

  /**
   * What was asked about one person failed, which may have to do with that person alone.
   *
   * @return false when it says as much about all others
   */
  boolean failWithOne(TenantkitException e) {
    boolean silent =
        e instanceof EgressException egress && egress.failure() == EgressFailure.TIMEOUT;
    if (!silent && !(e instanceof LiveKitException answer && isOfOne(answer.failure()))) {
      return false;
    }
    failed = true;
    failures++;
    silences += silent ? 1 : 0;
    ended |= failures >= MOST_FAILURES || silences >= MOST_SILENCES;
    return true;
  }

  private static boolean isOfOne(ServerFailure failure) {
    return switch (failure) {
      case FAILED, UNAVAILABLE, INVALID, CONFLICT -> true;
      default -> false;
    };
  }

  /** The server did what it was asked about one person. */
  void answered() {
    failures = 0;
    silences = 0;
  }

  /** Whether the server failed. */
  boolean hasFailed() {
    return failed;
  }
}
