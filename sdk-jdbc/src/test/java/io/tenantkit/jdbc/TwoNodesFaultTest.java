package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.jdbc.TwoNodes.Seen;
import io.tenantkit.jdbc.TwoNodes.Subject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * As {@link TwoNodesTest}, while something is wrong with the node that verifies. How often it is
 * stopped is the system property {@code tenantkit.stop.rounds}; the Maven profile {@code long}
 * makes it more.
 */
final class TwoNodesFaultTest {
  private static final int ROUNDS = Integer.getInteger("tenantkit.stop.rounds", 4);

  /** What is left of a call after it last read the clock takes no longer, once it runs again. */
  private static final long REST_OF_A_CALL_MICROS = 1_000_000;

  private static TwoNodes nodes;

  @BeforeAll
  static void startBoth() throws Exception {
    nodes = new TwoNodes();
  }

  @AfterAll
  static void stopBoth() {
    nodes.close();
  }

  /**
   * A call may be stopped anywhere. After it goes on it still answers by what it found before only
   * when it had read the clock for the last time already: no code can tell what happens after that.
   * So the last reading is held against the stop, of every call, and the answer's own time may be
   * later for the one call that was under way.
   */
  @Test
  void nodeThatWasStoppedDoesNotAnswerFromBefore() throws Exception {
    Random random = new Random(7);
    int underWay = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Subject> subjects = List.of(nodes.subject(), nodes.subject(), nodes.subject());
      for (int wait = random.nextInt(40); wait > 0; wait--) {
        nodes.database().asDba("SELECT 1");
      }
      switch (round % 4) {
        // While it answers from its cache,
        case 0 -> {}
        // while it reads the rows anew,
        case 1 -> subjects.forEach(subject -> nodes.byHand(subject, "name = 'other'"));
        // when it may just have asked, or not yet, for what was changed,
        case 2 -> subjects.forEach(nodes::revoke);
        // and with one key gone and others there.
        default -> nodes.revoke(subjects.get(0));
      }
      signal("STOP");
      awaitStopped();
      long stopped = VerifyingNode.micros();
      if (round % 4 != 2) {
        subjects.subList(round % 4 == 3 ? 1 : 0, 3).forEach(nodes::revoke);
      }
      passBound();
      long continued = VerifyingNode.micros();
      signal("CONT");

      int late = 0;
      for (Subject subject : subjects) {
        Seen seen = nodes.refused(subject);
        assertThat(seen.why()).isEqualTo("REVOKED");
        assertThat(seen.began()).as("round %s: began", round).isLessThanOrEqualTo(stopped);
        assertThat(seen.judged()).as("round %s: judged", round).isLessThanOrEqualTo(stopped);
        assertThat(seen.answered())
            .as("round %s: answered", round)
            .isLessThanOrEqualTo(continued + REST_OF_A_CALL_MICROS);
        late += seen.answered() > stopped ? 1 : 0;
      }
      // One thread verifies there, so one call was under way.
      assertThat(late).as("round %s: answers from before the stop", round).isLessThanOrEqualTo(1);
      underWay += late;
    }
    System.out.printf("stopped within the last part of a call: %d of %d%n", underWay, ROUNDS);
  }

  @Test
  void deadFeed() {
    String function = " ON FUNCTION tenantkit.changes_since(varchar, varchar, integer) ";
    String role = '"' + nodes.database().roles().application() + '"';
    nodes.database().asDba("REVOKE EXECUTE" + function + "FROM " + role);
    try {
      nodes.assertSeenWithinTheBound("dead feed", TwoNodes.RUNS / 4, "REVOKED", nodes::revoke);
    } finally {
      nodes.database().asDba("GRANT EXECUTE" + function + "TO " + role);
    }
  }

  private static void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(nodes.childId())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** A signal is sent before it has arrived. */
  private static void awaitStopped() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    String state = "";
    while (!state.startsWith("T")) {
      assertThat(System.nanoTime()).as("the node stops: " + state).isLessThan(deadline);
      Process ps =
          new ProcessBuilder("ps", "-o", "state=", "-p", Long.toString(nodes.childId())).start();
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(ps.getInputStream(), StandardCharsets.UTF_8))) {
        state = String.valueOf(lines.readLine()).strip();
      }
      ps.waitFor();
    }
  }

  /** The other node goes by the machine's own clock, so this has to pass. */
  private static void passBound() {
    long until =
        VerifyingNode.micros() + TwoNodes.BOUND_MICROS + Duration.ofMillis(500).toNanos() / 1_000;
    while (VerifyingNode.micros() < until) {
      nodes.database().asDba("SELECT 1");
    }
  }
}
