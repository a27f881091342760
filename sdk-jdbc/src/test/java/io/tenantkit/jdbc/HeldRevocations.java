package io.tenantkit.jdbc;

import io.tenantkit.jdbc.TwoNodes.Subject;
import io.tenantkit.tck.Race;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two transactions of a host, each of which has taken a key's right and is held open, while others
 * commit changes of another key all the time. One has joined without a way to say that it
 * committed, the other is SQL that knows nothing of the library: only the feed tells of either.
 */
final class HeldRevocations implements AutoCloseable {
  static final Duration HOLD = Duration.ofSeconds(10);

  /**
   * One of them, in microseconds.
   *
   * @param why for what the key is refused
   * @param changed when the change was made, not committed
   * @param committing when the commit began
   * @param committed when it was acknowledged
   */
  record Held(
      String what, Subject subject, String why, long changed, long committing, long committed) {}

  /** What the host does in its transaction. */
  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private final TwoNodes nodes;
  private final ScheduledExecutorService host = Executors.newScheduledThreadPool(4);
  private final CountDownLatch changed = new CountDownLatch(2);
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger commits = new AtomicInteger();
  private final Subject untouched;
  private final List<Future<Held>> both;
  private final Future<?> timer;
  private final Future<Integer> others;

  /** Begins; the transactions have changed their keys when this returns. */
  HeldRevocations(TwoNodes nodes) {
    this.nodes = nodes;
    untouched = nodes.subject();
    Subject joined = nodes.subject();
    Subject byHand = nodes.subject();
    both =
        List.of(
            host.submit(
                () ->
                    held(
                        "a joined revocation",
                        joined,
                        "REVOKED",
                        connection ->
                            nodes
                                .storage()
                                .join(
                                    joined.tenant(),
                                    connection,
                                    (tx, c) ->
                                        nodes.plane().apiKeys().revoke(tx, joined.id(), "left")))),
            host.submit(
                () ->
                    held(
                        "SQL by hand",
                        byHand,
                        "DISABLED",
                        connection -> {
                          try (Statement statement = connection.createStatement()) {
                            statement.execute(
                                "SELECT set_config('app.organization_id', '"
                                    + byHand.name()
                                    + "', true)");
                            statement.execute("UPDATE tenantkit.api_keys SET enabled = false");
                          }
                        })));
    Race.await(changed);
    timer = host.schedule(end::countDown, HOLD.toMillis() + 1, TimeUnit.MILLISECONDS);
    others = host.submit(this::commitOthers);
  }

  private Held held(String what, Subject subject, String why, Work work) throws SQLException {
    try (Connection connection = nodes.app().getConnection()) {
      connection.setAutoCommit(false);
      work.on(connection);
      long made = VerifyingNode.micros();
      changed.countDown();
      Race.await(end);
      long committing = VerifyingNode.micros();
      connection.commit();
      return new Held(what, subject, why, made, committing, VerifyingNode.micros());
    }
  }

  /** Until the last of the held ones is seen: what is numbered after them is committed before. */
  private int commitOthers() {
    Subject other = nodes.unwatched();
    while (!over.get()) {
      nodes.plane().apiKeys().disable(other.tenant(), other.id());
      nodes.plane().apiKeys().enable(other.tenant(), other.id());
      commits.addAndGet(end.getCount() > 0 ? 2 : 0);
    }
    return commits.get();
  }

  /** Waits for both commits. */
  List<Held> committed() {
    return both.stream().map(Race::get).toList();
  }

  /** How many others committed while these were held. */
  int commitsMeanwhile() {
    return commits.get();
  }

  /** A key that the other node verifies too. */
  Subject untouched() {
    return untouched;
  }

  @Override
  public void close() {
    over.set(true);
    timer.cancel(false);
    end.countDown();
    try {
      Race.get(others);
      committed();
    } finally {
      host.shutdownNow();
    }
  }
}
