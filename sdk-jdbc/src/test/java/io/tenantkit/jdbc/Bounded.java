package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls of which it is said how long they take, measured; and waits for what is to happen. */
final class Bounded {
  /** For a busy machine. Far less than what a call takes that forgets one of its bounds. */
  static final Duration LEEWAY = Duration.ofSeconds(4);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Bounded() {}

  /** The call fails like this, in no more than this time and a leeway. */
  static void failsWith(ErrorCode code, Duration atMost, ThrowingCallable call) {
    Throwable failed = within(atMost, () -> catchThrowable(call));
    assertThat(failed)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e).hasMessageNotContaining("CANARY");
            });
  }

  /** The call's answer, which comes in no more than this time and a leeway. */
  static <T> T within(Duration atMost, Supplier<T> call) {
    long began = System.nanoTime();
    T answer = call.get();
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("the call's time, answered by %s", answer)
        .isLessThanOrEqualTo(atMost.plus(LEEWAY));
    return answer;
  }

  /** Asks again and again until it is so, and fails when it never is. */
  static void await(String what, BooleanSupplier isSo) {
    await(() -> what, isSo);
  }

  /** The same, with words for how it is when that is given up. */
  static void await(Supplier<String> what, BooleanSupplier isSo) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isSo.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** Until this many of the role's sessions in this database wait for a lock. */
  static void awaitBlocked(Cluster.Database database, String role, int sessions) {
    try (Connection dba = database.dba();
        PreparedStatement blocked =
            dba.prepareStatement(
                "SELECT count(*) AS n FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND usename = ? AND wait_event_type = 'Lock'")) {
      blocked.setString(1, role);
      await(
          role + " waits for a lock",
          () -> {
            try (ResultSet found = blocked.executeQuery()) {
              found.next();
              return found.getInt("n") == sessions;
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
