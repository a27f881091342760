package io.tenantkit.vault.rotation;

import io.tenantkit.InvalidInputException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.usage.OverdueRotations;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Policies that say when secrets are rotated, and the due work that does it.
 *
 * <p>A due secret whose type has a {@link SecretRotator} gets a new value: created, put as pending,
 * tested, promoted; the value before stays valid as the previous one until the overlap ends, and is
 * then retired. Each step is recorded under a lease, so several nodes do nothing twice, and what a
 * killed node has begun another one takes up when the lease has ended. When a step fails the new
 * value is undone and destroyed, and it is tried again later, a bounded number of times a day; the
 * secret is never left without a current version that works. Of a due secret whose type has none
 * only events tell; who puts a new value has rotated it, and the due date moves on.
 *
 * <p>The events are {@code SECRET_ROTATION_DUE_SOON} and {@code SECRET_ROTATION_DUE}, each once for
 * a secret and due date, {@code SECRET_ROTATED} and {@code SECRET_ROTATION_FAILED}. All nodes must
 * know the same rotators.
 *
 * <p>A policy ends with its secret; while the secret is deleted it rests. A secret that the caller
 * may not see answers as one that is not there. Safe for use by several threads; all operations
 * block on the storage.
 */
public interface SecretRotations {

  /** The fewest versions that a secret with a policy keeps: current, pending and previous. */
  int MIN_VERSIONS = 3;

  /** Without rotators: due dates and events only. One for a vault. */
  static SecretRotations of(SecretVault vault) {
    return builder(vault).build();
  }

  /** To be configured. One for a vault. */
  static Builder builder(SecretVault vault) {
    return new Builder(vault);
  }

  /**
   * Gives a secret a policy, in place of the one it may have. With {@link RotationPolicy#every} it
   * is due when the current version is that old, which may be at once. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ} and {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws InvalidInputException when the policy's time is not to come
   * @throws io.tenantkit.ConflictException when the secret has no current version or keeps fewer
   *     than {@value #MIN_VERSIONS}
   * @throws io.tenantkit.NotFoundException when there is no such secret
   */
  SecretRotation set(TenantContext context, SecretRef ref, RotationPolicy policy);

  /**
   * A secret's rotation. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ}.
   *
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it has no policy
   */
  SecretRotation get(TenantContext context, SecretRef ref);

  /**
   * Ends a secret's policy; an overlap that is running is then the caller's to end. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ} and {@link io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws io.tenantkit.ConflictException when a rotation is under way
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it has no policy
   */
  void clear(TenantContext context, SecretRef ref);

  /**
   * Rotations that are due before a time, by the secrets' ids, of secrets that the caller may see.
   * A page may hold fewer than its limit, or none, and yet not be the last. Needs {@link
   * io.tenantkit.tenant.Scopes#SECRETS_READ}.
   */
  Page<SecretRotation> list(TenantContext context, Instant dueBefore, PageRequest page);

  /**
   * Makes a secret due now, whatever its policy says and however often it failed; the next due work
   * rotates it. Needs {@link io.tenantkit.tenant.Scopes#SECRETS_READ} and {@link
   * io.tenantkit.tenant.Scopes#SECRETS_WRITE}.
   *
   * @throws io.tenantkit.ConflictException when a rotation is under way, or there is no rotator for
   *     the secret's type
   * @throws io.tenantkit.NotFoundException when there is no such secret, or it has no policy
   */
  SecretRotation rotateNow(TenantContext context, SecretRef ref);

  /**
   * Those that were due at a time, as {@link #list} shows them; an {@link OverdueRotations} for
   * compliance reports.
   */
  Page<OverdueRotations.Rotation> overdue(TenantContext context, Instant at, PageRequest page);

  /** How rotations are done. Not safe for use by several threads. */
  final class Builder {
    private static final Duration LONGEST_CALL = Duration.ofMinutes(5);

    final SecretVault vault;
    final Map<String, SecretRotator> rotators = new HashMap<>();
    Duration callTimeout = Duration.ofSeconds(10);
    int attemptsPerDay = 5;

    private Builder(SecretVault vault) {
      this.vault = Objects.requireNonNull(vault, "vault");
    }

    /** This rotator for secrets of this type, {@link Secret#type()}. */
    public Builder rotator(String type, SecretRotator rotator) {
      rotators.put(
          Objects.requireNonNull(type, "type"), Objects.requireNonNull(rotator, "rotator"));
      return this;
    }

    /** How long one call of a rotator may take, 1 ms to 5 minutes; 10 seconds unless told. */
    public Builder callTimeout(Duration timeout) {
      if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_CALL) > 0) {
        throw new InvalidInputException("callTimeout", "1 millisecond to 5 minutes");
      }
      callTimeout = timeout;
      return this;
    }

    /** How often a rotation that fails is tried within a day, 1 to 24; 5 times unless told. */
    public Builder attemptsPerDay(int attempts) {
      if (attempts < 1 || attempts > 24) {
        throw new InvalidInputException("attemptsPerDay", "1 to 24");
      }
      attemptsPerDay = attempts;
      return this;
    }

    /** Begins with the control plane's next due work. */
    public SecretRotations build() {
      return DefaultSecretRotations.of(this);
    }
  }
}
