package io.tenantkit.vault.rotation;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.EventType;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.spi.StoredRotation;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes one secret's rotation as far as it goes now. Each step ends with a change of the row that
 * was read: who finds it changed by another node leaves it. Between two changes the process may be
 * killed, so each step looks first whether it was done already. For one thread.
 */
final class RotationRun {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LOOK_AGAIN = Duration.ofHours(1);
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(5);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(6);
  private static final int MOST_STEPS = 16;
  private static final String SUPERSEDED = "superseded";
  private static final int MAX_FAILURE = 128;

  /** With these it is not known what was done, or no row can be written either. */
  private static final Set<ErrorCode> UNFINISHED =
      Set.of(
          ErrorCode.COMMIT_UNKNOWN,
          ErrorCode.STORAGE_UNAVAILABLE,
          ErrorCode.STORAGE_BUSY,
          ErrorCode.STORAGE_READ_ONLY,
          ErrorCode.STORAGE_IN_USE,
          ErrorCode.STORAGE_FAILED,
          ErrorCode.CLOSED);

  private final RotationParts parts;
  private final TenantContext context;
  private final RotationTurn turn;
  private final Instant begun;

  RotationRun(RotationParts parts, TenantContext context, RotationTurn turn, Instant begun) {
    this.parts = parts;
    this.context = context;
    this.turn = turn;
    this.begun = begun;
  }

  void advance(StoredRotation found) {
    @Nullable StoredRotation row = found;
    for (int i = 0; row != null && i < MOST_STEPS; i++) {
      Optional<Secret> secret = secret(row);
      if (secret.isEmpty()) {
        return;
      }
      if (i == 0 && row.isUnderWay()) {
        row = takeUp(row, secret.get());
      } else {
        row = step(row, secret.get());
      }
    }
  }

  private Optional<Secret> secret(StoredRotation row) {
    try {
      return Optional.of(parts.vault().get(context, row.ref()))
          .filter(found -> found.id().equals(row.secret()));
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  private @Nullable StoredRotation step(StoredRotation row, Secret secret) {
    try {
      return switch (row.step()) {
        case IDLE -> idle(row, secret);
        case CREATING -> create(row, secret);
        case CREATED -> test(row, secret);
        case TESTED -> promote(row, secret);
        case PROMOTED -> overlap(row, secret);
        case UNDOING -> undo(row, secret);
      };
    } catch (RotatorCalls.FailedException e) {
      return failedIn(row, secret, e.code());
    } catch (TenantkitException e) {
      return met(row, secret, e);
    }
  }

  /** What is known to be in vain ends here; what may have happened anyway is taken up later. */
  private @Nullable StoredRotation met(StoredRotation row, Secret secret, TenantkitException e) {
    if (UNFINISHED.contains(e.code())) {
      throw e;
    }
    if (e.code() == ErrorCode.ORGANIZATION_ERASED) {
      // For ever: no attempt will end otherwise.
      return sleep(row, Optional.empty());
    }
    return failedIn(row, secret, e.code().name().toLowerCase(Locale.ROOT));
  }

  /** What was made is undone, what was promoted stays. */
  private @Nullable StoredRotation failedIn(StoredRotation row, Secret secret, String code) {
    if (code.equals(RotatorCalls.TIMED_OUT)) {
      turn.slow(secret.type());
    }
    return switch (row.step()) {
      case CREATED -> undoing(row, "test: " + code);
      case TESTED -> failed(row, RotationStep.TESTED, "promote: " + code);
      case PROMOTED -> failed(row, RotationStep.PROMOTED, "retire: " + code);
      case UNDOING -> failed(row, RotationStep.UNDOING, "undo: " + code);
      case IDLE, CREATING -> failed(row, RotationStep.IDLE, "create: " + code);
    };
  }

  // What is due

  private @Nullable StoredRotation idle(StoredRotation row, Secret secret) {
    Instant now = now();
    if (secret.currentVersion() != row.baseVersion()) {
      return settled(row, secret, now);
    }
    if (row.dueAt().isEmpty()) {
      return sleep(row, Optional.empty());
    }
    Instant due = row.dueAt().get();
    if (due.isAfter(now)) {
      return soon(row, due, due, now);
    }
    if (rotator(secret) != null) {
      return begin(row, secret, now);
    }
    if (row.dueToldFor().equals(row.dueAt())) {
      return sleep(row, Optional.of(now.plus(LOOK_AGAIN)));
    }
    if (write(
        row.change().dueToldFor(row.dueAt()).wakeAt(Optional.of(now.plus(LOOK_AGAIN))).row())) {
      tell(EventType.SECRET_ROTATION_DUE, row, now);
    }
    return null;
  }

  /** Somebody put a version, which counts as a rotation, or rolled one back, which does not. */
  private @Nullable StoredRotation settled(StoredRotation row, Secret secret, Instant now) {
    StoredRotation.Change change =
        row.change().baseVersion(secret.currentVersion()).wakeAt(Optional.of(now));
    parts
        .putSince(context, row, secret)
        .ifPresent(
            put ->
                change
                    .dueAt(RotationParts.dueAfter(row, put))
                    .lastRotatedAt(Optional.of(put))
                    .attempts(0, Optional.empty())
                    .failure(""));
    return written(change.row());
  }

  /** Tells once that it is due soon; sleeps until it is, or until an earlier time. */
  private @Nullable StoredRotation soon(
      StoredRotation row, Instant due, Instant wake, Instant now) {
    Instant notice = due.minus(row.policy().notice());
    boolean told = row.soonToldFor().equals(row.dueAt());
    if (notice.isAfter(now)) {
      return sleep(row, Optional.of(notice.isBefore(wake) ? notice : wake));
    }
    if (told) {
      return sleep(row, Optional.of(wake));
    }
    if (write(row.change().soonToldFor(row.dueAt()).wakeAt(Optional.of(wake)).row())) {
      tell(EventType.SECRET_ROTATION_DUE_SOON, row, now);
    }
    return null;
  }

  private void tell(EventType type, StoredRotation row, Instant now) {
    parts.publish(
        type, context, row, now, Map.of("dueAt", row.dueAt().map(Instant::toString).orElse("")));
  }

  // A new value

  private @Nullable StoredRotation begin(StoredRotation row, Secret secret, Instant now) {
    if (!turn.mayBegin(secret.type())) {
      return null;
    }
    if (isExhausted(row, now)) {
      return sleep(row, nextDay(row));
    }
    StoredRotation.Change change =
        attempt(row, now)
            .step(RotationStep.CREATING)
            .rotationId(parts.runtime().ids().next("rot"))
            .baseVersion(secret.currentVersion())
            .pendingVersion(0);
    StoredRotation begun = change.row();
    return written(begun, audit(begun, now, "secret.rotation_started", Map.of()));
  }

  private @Nullable StoredRotation takeUp(StoredRotation row, Secret secret) {
    Instant now = now();
    if (rotator(secret) == null || !turn.mayBegin(secret.type())) {
      // Another node may have the rotator.
      return null;
    }
    return isExhausted(row, now) ? sleep(row, nextDay(row)) : written(attempt(row, now).row());
  }

  private @Nullable StoredRotation create(StoredRotation row, Secret secret) {
    RotationValues values = values(row, secret);
    long adopted = values.adopt();
    if (adopted == 0 && secret.stages().pending().isPresent()) {
      return failed(row, RotationStep.IDLE, "create: another-version-is-pending");
    }
    if (adopted == 0 && secret.currentVersion() != row.baseVersion()) {
      return superseded(row);
    }
    long number;
    try {
      number = adopted > 0 ? adopted : values.create();
    } catch (ConflictException e) {
      boolean put =
          secret(row).filter(now -> now.currentVersion() != row.baseVersion()).isPresent();
      return put ? superseded(row) : failed(row, RotationStep.IDLE, "create: conflict");
    }
    return written(leased(row).step(RotationStep.CREATED).pendingVersion(number).row());
  }

  private @Nullable StoredRotation test(StoredRotation row, Secret secret) {
    Optional<Stage> stage = secret.stages().of(row.pendingVersion());
    if (stage.isPresent() && stage.get() != Stage.PENDING) {
      // Somebody promoted it: then it is in force, tested or not.
      return written(leased(row).step(RotationStep.TESTED).row());
    }
    if (secret.currentVersion() != row.baseVersion()) {
      return undoing(row, SUPERSEDED);
    }
    if (stage.isEmpty()) {
      return undoing(row, "test: pending-version-replaced");
    }
    return values(row, secret).test()
        ? written(leased(row).step(RotationStep.TESTED).row())
        : undoing(row, "test: refused");
  }

  private @Nullable StoredRotation promote(StoredRotation row, Secret secret) {
    Secret after = secret;
    Optional<Stage> stage = secret.stages().of(row.pendingVersion());
    if (stage.isEmpty()) {
      return failed(row, RotationStep.IDLE, "promote: pending-version-replaced");
    }
    if (stage.get() == Stage.PENDING) {
      if (secret.currentVersion() != row.baseVersion()) {
        return undoing(row, SUPERSEDED);
      }
      try {
        after = parts.vault().promote(context, row.ref(), row.pendingVersion());
      } catch (ConflictException e) {
        return undoing(row, "promote: conflict");
      }
    }
    if (after.currentVersion() == row.pendingVersion()) {
      values(row, after).promoted();
    }
    return inForce(row);
  }

  private @Nullable StoredRotation inForce(StoredRotation row) {
    Instant now = now();
    Instant retireAt = now.plus(row.policy().overlap());
    Optional<Instant> due =
        row.policy().at().isPresent() ? Optional.empty() : RotationParts.dueAfter(row, now);
    StoredRotation promoted =
        row.change()
            .step(RotationStep.PROMOTED)
            .retiring(row.baseVersion(), Optional.of(retireAt))
            .dueAt(due)
            .baseVersion(row.pendingVersion())
            .attempts(0, Optional.empty())
            .failure("")
            .lastRotatedAt(Optional.of(now))
            .wakeAt(Optional.of(now))
            .row();
    Map<String, String> details =
        Map.of(
            "version", Long.toString(row.pendingVersion()),
            "retireAt", retireAt.toString());
    @Nullable StoredRotation done =
        written(promoted, audit(promoted, now, "secret.rotated", details));
    if (done != null) {
      parts.publish(EventType.SECRET_ROTATED, context, row, now, details);
    }
    return done;
  }

  // The old value

  private @Nullable StoredRotation overlap(StoredRotation row, Secret secret) {
    Instant now = now();
    Instant retireAt = row.retireAt().orElse(now);
    boolean isDue = row.dueAt().isPresent() && !row.dueAt().get().isAfter(now);
    if (!retireAt.isAfter(now) || isDue) {
      return retire(row, secret, now);
    }
    return row.dueAt().isPresent()
        ? soon(row, row.dueAt().get(), retireAt, now)
        : sleep(row, Optional.of(retireAt));
  }

  private @Nullable StoredRotation retire(StoredRotation found, Secret secret, Instant now) {
    if (rotator(secret) == null || !turn.mayBegin(secret.type())) {
      return null;
    }
    if (isExhausted(found, now)) {
      return sleep(found, nextDay(found));
    }
    @Nullable StoredRotation row = written(attempt(found, now).row());
    if (row == null) {
      return null;
    }
    try {
      return retired(row, secret, now);
    } catch (RotatorCalls.FailedException e) {
      return failedIn(row, secret, e.code());
    } catch (TenantkitException e) {
      // The row as the attempt left it: what is written to the one before is written to none.
      return met(row, secret, e);
    }
  }

  /** First in the vault, so that nobody can roll back to what is then revoked. */
  private @Nullable StoredRotation retired(StoredRotation row, Secret secret, Instant now) {
    long old = row.previousVersion();
    Secret after = secret;
    if (secret.stages().previous().orElse(0) == old) {
      try {
        after = parts.vault().retire(context, row.ref());
      } catch (ConflictException e) {
        after = parts.vault().get(context, row.ref());
      }
    }
    StoredRotation ended =
        row.change()
            .step(RotationStep.IDLE)
            .retiring(0, Optional.empty())
            .pendingVersion(0)
            .attempts(0, Optional.empty())
            .failure("")
            .wakeAt(Optional.of(now))
            .row();
    if (after.currentVersion() == old) {
      return written(ended, audit(ended, now, "secret.rotation_rolled_back", version(old)));
    }
    boolean revoked = values(row, after).retire(old);
    if (!revoked) {
      parts.publish(
          EventType.SECRET_ROTATION_FAILED,
          context,
          row,
          now,
          Map.of("reason", "retire: old-value-is-gone"));
    }
    return written(
        ended,
        audit(
            ended,
            now,
            revoked ? "secret.rotation_retired" : "secret.rotation_gone",
            version(old)));
  }

  private static Map<String, String> version(long number) {
    return Map.of("version", Long.toString(number));
  }

  // What fails

  private @Nullable StoredRotation undoing(StoredRotation row, String failure) {
    return written(leased(row).step(RotationStep.UNDOING).failure(failure).row());
  }

  private @Nullable StoredRotation undo(StoredRotation row, Secret secret) {
    boolean undone = values(row, secret).discard(row.pendingVersion());
    if (row.failure().equals(SUPERSEDED)) {
      return superseded(row);
    }
    return failed(row, RotationStep.IDLE, row.failure() + (undone ? "" : "; undo failed"));
  }

  /** Somebody put a version meanwhile, so there is nothing left to do. */
  private @Nullable StoredRotation superseded(StoredRotation row) {
    StoredRotation ended =
        row.change()
            .step(RotationStep.IDLE)
            .pendingVersion(0)
            .failure("")
            .wakeAt(Optional.of(now()))
            .row();
    return written(ended, audit(ended, now(), "secret.rotation_superseded", Map.of()));
  }

  private @Nullable StoredRotation failed(StoredRotation row, RotationStep then, String why) {
    Instant now = now();
    String reason = why.length() > MAX_FAILURE ? why.substring(0, MAX_FAILURE) : why;
    Instant next =
        isExhausted(row, now) ? nextDay(row).orElse(now) : now.plus(pause(row.attempts()));
    boolean isDue = row.dueAt().isPresent() && !row.dueAt().get().isAfter(now);
    boolean tellsDue = isDue && !row.dueToldFor().equals(row.dueAt());
    StoredRotation.Change change =
        row.change().step(then).failure(reason).wakeAt(Optional.of(next));
    if (then == RotationStep.IDLE) {
      change.pendingVersion(0);
    }
    if (tellsDue) {
      change.dueToldFor(row.dueAt());
    }
    StoredRotation after = change.row();
    Map<String, String> details = Map.of("reason", reason, "nextAttemptAt", next.toString());
    if (write(after, audit(after, now, "secret.rotation_failed", details))) {
      parts.publish(EventType.SECRET_ROTATION_FAILED, context, row, now, details);
      if (tellsDue) {
        tell(EventType.SECRET_ROTATION_DUE, row, now);
      }
    }
    return null;
  }

  private static Duration pause(int attempts) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(10, Math.max(0, attempts - 1)));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  private boolean isExhausted(StoredRotation row, Instant now) {
    return row.attempts() >= parts.attemptsPerDay()
        && nextDay(row).filter(next -> next.isAfter(now)).isPresent();
  }

  private static Optional<Instant> nextDay(StoredRotation row) {
    return row.attemptsSince().map(since -> since.plus(DAY));
  }

  /** The row with one more attempt, in this node's lease. */
  private StoredRotation.Change attempt(StoredRotation row, Instant now) {
    boolean sameDay = nextDay(row).filter(next -> next.isAfter(now)).isPresent();
    return leased(row)
        .attempts(
            sameDay ? row.attempts() + 1 : 1, sameDay ? row.attemptsSince() : Optional.of(now))
        .claimedBy(parts.node());
  }

  private StoredRotation.Change leased(StoredRotation row) {
    return row.change().wakeAt(Optional.of(now().plus(parts.lease())));
  }

  // Rows

  private RotationValues values(StoredRotation row, Secret secret) {
    return new RotationValues(parts, context, row, secret);
  }

  private @Nullable SecretRotator rotator(Secret secret) {
    return parts.rotators().get(secret.type());
  }

  private @Nullable StoredRotation sleep(StoredRotation row, Optional<Instant> until) {
    write(row.change().wakeAt(until).row());
    return null;
  }

  private AuditEvent audit(
      StoredRotation row, Instant now, String action, Map<String, String> more) {
    return parts.audit(context, row, now, action, more);
  }

  private boolean write(StoredRotation row) {
    return parts.store().write(context, row, Optional.empty());
  }

  private boolean write(StoredRotation row, AuditEvent event) {
    return parts.store().write(context, row, Optional.of(event));
  }

  private @Nullable StoredRotation written(StoredRotation row) {
    return write(row) ? row : null;
  }

  private @Nullable StoredRotation written(StoredRotation row, AuditEvent event) {
    return write(row, event) ? row : null;
  }

  /** The later of the run's time and the clock's: a lease must not begin in the past. */
  private Instant now() {
    Instant now = parts.runtime().now();
    return now.isAfter(begun) ? now : begun.truncatedTo(java.time.temporal.ChronoUnit.MICROS);
  }
}
