package io.tenantkit.vault.spi;

import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVersion;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One change of one secret: its row, what happens to its versions, and the event.
 *
 * <p>Whatever else is asked for, the change destroys each version whose number is {@link
 * #destroyedUpTo} or less, that has no stage in the new row and that no rotation needs ({@link
 * StoredRotation#needs}), and forgets those whose number is {@link #forgottenUpTo} or less: of them
 * not even the mark stays.
 *
 * @param before the row that must still be there, at that revision; empty when there must be no
 *     such secret and its project is added unless there is one of that name and id
 * @param secret the new row
 * @param added a version that is added; always there when {@code before} is empty
 * @param marks versions by number that get another state; one that gets {@code DESTROYED} loses its
 *     data key and fields. Each must be there and must not be destroyed already
 * @param event what is written with it
 * @param teams the teams that it is shared with from then on; empty when they stay
 * @param plans what an addition is held to, once all of the changes are made: with what it adds,
 *     the organization has no more than its plan allows
 * @param claim whose credentials the added version holds; empty when it holds none that are marked
 */
public record SecretWrite(
    Optional<Secret> before,
    Secret secret,
    Optional<StoredSecretVersion> added,
    Map<Long, SecretVersion.State> marks,
    AuditEvent event,
    Optional<SortedSet<TeamId>> teams,
    Plans plans,
    Optional<CredentialClaim> claim) {
  /** How many numbers a destroyed version stays marked behind those that are kept. */
  public static final int MARKS_KEPT = 100;

  public SecretWrite {
    if (before.isEmpty() && added.isEmpty()) {
      throw new IllegalArgumentException("a new secret has a version");
    }
    marks = Collections.unmodifiableMap(new TreeMap<>(marks));
    teams = teams.map(all -> Collections.unmodifiableSortedSet(new TreeSet<>(all)));
    Objects.requireNonNull(plans, "plans");
    Objects.requireNonNull(claim, "claim");
  }

  private SecretWrite(
      Optional<Secret> before,
      Secret secret,
      Optional<StoredSecretVersion> added,
      AuditEvent event) {
    this(
        before,
        secret,
        added,
        Map.of(),
        event,
        Optional.empty(),
        Plans.unlimited(),
        Optional.empty());
  }

  /** A secret that is not there yet, with its first version. */
  public static SecretWrite create(Secret secret, StoredSecretVersion first, AuditEvent event) {
    return new SecretWrite(Optional.empty(), secret, Optional.of(first), event);
  }

  /** A change of the row alone. */
  public static SecretWrite change(Secret before, Secret secret, AuditEvent event) {
    return new SecretWrite(Optional.of(before), secret, Optional.empty(), event);
  }

  /** A change of the row that comes with a version. */
  public static SecretWrite add(
      Secret before, Secret secret, StoredSecretVersion added, AuditEvent event) {
    return new SecretWrite(Optional.of(before), secret, Optional.of(added), event);
  }

  /** The same with a version in another state. */
  public SecretWrite marking(long number, SecretVersion.State state) {
    Map<Long, SecretVersion.State> more = new TreeMap<>(marks);
    more.put(number, state);
    return new SecretWrite(before, secret, added, more, event, teams, plans, claim);
  }

  /** The same, shared with these teams and no others. */
  public SecretWrite sharing(Collection<TeamId> shared) {
    return new SecretWrite(
        before, secret, added, marks, event, Optional.of(new TreeSet<>(shared)), plans, claim);
  }

  /** The same, held to the organization's plan. */
  public SecretWrite heldTo(Plans all) {
    return new SecretWrite(before, secret, added, marks, event, teams, all, claim);
  }

  /** The same, done only when no other organization has the credentials. */
  public SecretWrite claiming(Optional<CredentialClaim> claimed) {
    return new SecretWrite(before, secret, added, marks, event, teams, plans, claimed);
  }

  /** What these changes are held to: the plans of the first addition that is held to any. */
  public static Plans plans(List<SecretWrite> writes) {
    return writes.stream()
        .filter(write -> write.before().isEmpty())
        .map(SecretWrite::plans)
        .filter(plans -> !plans.isUnlimited())
        .findFirst()
        .orElse(Plans.unlimited());
  }

  /** The secrets that these changes add and that a plan may refuse. */
  public static List<Secret> limited(List<SecretWrite> writes) {
    return writes.stream()
        .filter(write -> write.before().isEmpty() && !write.plans().isUnlimited())
        .map(SecretWrite::secret)
        .toList();
  }

  /** Versions up to this number are destroyed unless they are needed; 0 or less for none. */
  public long destroyedUpTo() {
    return secret.stages().newest() - secret.maxVersions();
  }

  /** Versions up to this number are forgotten unless they are needed; 0 or less for none. */
  public long forgottenUpTo() {
    return destroyedUpTo() - MARKS_KEPT;
  }

  /** Whether the tags differ from those of the row before. */
  public boolean changesTags() {
    return before.isEmpty() ? !secret.tags().isEmpty() : !before.get().tags().equals(secret.tags());
  }
}
