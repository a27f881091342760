package io.tenantkit.vault.spi;

import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A secret's rotation as it is stored. Times have microsecond precision; numbers of versions are 0
 * for none.
 *
 * @param secret whose rotation it is
 * @param ref where that secret is; read from its row, not written
 * @param policy when it is rotated
 * @param dueAt when it is due next
 * @param step how far a rotation has come
 * @param rotationId of the rotation under way or the last one; empty before the first
 * @param baseVersion the current version when the due date was set
 * @param pendingVersion the version that the rotation under way has put
 * @param previousVersion the version that is retired when the overlap ends
 * @param retireAt when the overlap ends
 * @param attempts how many attempts there were since {@code attemptsSince}
 * @param attemptsSince when the first of them began
 * @param failure why the last one failed, {@code step: code}, at most 128 characters; empty when it
 *     did not
 * @param lastRotatedAt when the current version came into force
 * @param soonToldFor the due date of which it was told that it is near
 * @param dueToldFor the due date of which it was told that it has passed
 * @param wakeAt when due work has to look at it again: while a node is at work the end of its
 *     lease; empty for never
 * @param claimedBy the node that was last at work; empty before the first
 * @param revision one more with every change, from 1
 */
public record StoredRotation(
    SecretId secret,
    SecretRef ref,
    RotationPolicy policy,
    Optional<Instant> dueAt,
    RotationStep step,
    String rotationId,
    long baseVersion,
    long pendingVersion,
    long previousVersion,
    Optional<Instant> retireAt,
    int attempts,
    Optional<Instant> attemptsSince,
    String failure,
    Optional<Instant> lastRotatedAt,
    Optional<Instant> soonToldFor,
    Optional<Instant> dueToldFor,
    Optional<Instant> wakeAt,
    String claimedBy,
    long revision) {

  public StoredRotation {
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(ref, "ref");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(step, "step");
  }

  /** A rotation that is not there yet, at revision 1, of which nothing is due. */
  public static Change first(SecretId secret, SecretRef ref, RotationPolicy policy) {
    return new Change(
        new StoredRotation(
            secret,
            ref,
            policy,
            Optional.empty(),
            RotationStep.IDLE,
            "",
            0,
            0,
            0,
            Optional.empty(),
            0,
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "",
            0));
  }

  /** This row, to be changed: one revision on. */
  public Change change() {
    return new Change(this);
  }

  /** Whether a new value is being made. */
  public boolean isUnderWay() {
    return step != RotationStep.IDLE && step != RotationStep.PROMOTED;
  }

  /**
   * Whether a rotation that is not over yet has this version in hand: it takes it for the current
   * one, has put it, or has still to revoke it. Such a version keeps its value, whatever is put.
   */
  public boolean needs(long version) {
    return step != RotationStep.IDLE
        && (version == baseVersion || version == pendingVersion || version == previousVersion);
  }

  /** Collects what changes of a row. Not safe for use by several threads. */
  public static final class Change {
    private final StoredRotation before;
    private RotationPolicy policy;
    private Optional<Instant> dueAt;
    private RotationStep step;
    private String rotationId;
    private long baseVersion;
    private long pendingVersion;
    private long previousVersion;
    private Optional<Instant> retireAt;
    private int attempts;
    private Optional<Instant> attemptsSince;
    private String failure;
    private Optional<Instant> lastRotatedAt;
    private Optional<Instant> soonToldFor;
    private Optional<Instant> dueToldFor;
    private Optional<Instant> wakeAt;
    private String claimedBy;

    private Change(StoredRotation before) {
      this.before = before;
      this.policy = before.policy;
      this.dueAt = before.dueAt;
      this.step = before.step;
      this.rotationId = before.rotationId;
      this.baseVersion = before.baseVersion;
      this.pendingVersion = before.pendingVersion;
      this.previousVersion = before.previousVersion;
      this.retireAt = before.retireAt;
      this.attempts = before.attempts;
      this.attemptsSince = before.attemptsSince;
      this.failure = before.failure;
      this.lastRotatedAt = before.lastRotatedAt;
      this.soonToldFor = before.soonToldFor;
      this.dueToldFor = before.dueToldFor;
      this.wakeAt = before.wakeAt;
      this.claimedBy = before.claimedBy;
    }

    /** When it is rotated. */
    public Change policy(RotationPolicy value) {
      policy = value;
      return this;
    }

    /** When it is due next. */
    public Change dueAt(Optional<Instant> value) {
      dueAt = value;
      return this;
    }

    /** How far a rotation has come. */
    public Change step(RotationStep value) {
      step = value;
      return this;
    }

    /** The rotation under way. */
    public Change rotationId(String value) {
      rotationId = value;
      return this;
    }

    /** The current version when the due date was set. */
    public Change baseVersion(long value) {
      baseVersion = value;
      return this;
    }

    /** The version that was put; 0 for none. */
    public Change pendingVersion(long value) {
      pendingVersion = value;
      return this;
    }

    /** What is retired, and when; 0 for nothing. */
    public Change retiring(long version, Optional<Instant> at) {
      previousVersion = version;
      retireAt = at;
      return this;
    }

    /** How many attempts there were since a time. */
    public Change attempts(int value, Optional<Instant> since) {
      attempts = value;
      attemptsSince = since;
      return this;
    }

    /** Why the last attempt failed; empty when it did not. */
    public Change failure(String value) {
      failure = value;
      return this;
    }

    /** When the current version came into force. */
    public Change lastRotatedAt(Optional<Instant> value) {
      lastRotatedAt = value;
      return this;
    }

    /** It was told that this due date is near. */
    public Change soonToldFor(Optional<Instant> value) {
      soonToldFor = value;
      return this;
    }

    /** It was told that this due date has passed. */
    public Change dueToldFor(Optional<Instant> value) {
      dueToldFor = value;
      return this;
    }

    /** When due work looks at it again. */
    public Change wakeAt(Optional<Instant> value) {
      wakeAt = value;
      return this;
    }

    /** The node that is at work. */
    public Change claimedBy(String value) {
      claimedBy = value;
      return this;
    }

    /** The changed row. */
    public StoredRotation row() {
      return new StoredRotation(
          before.secret,
          before.ref,
          policy,
          dueAt,
          step,
          rotationId,
          baseVersion,
          pendingVersion,
          previousVersion,
          retireAt,
          attempts,
          attemptsSince,
          failure,
          lastRotatedAt,
          soonToldFor,
          dueToldFor,
          wakeAt,
          claimedBy,
          before.revision + 1);
    }
  }
}
