package io.tenantkit.vault;

import io.tenantkit.InvalidInputException;
import io.tenantkit.tenant.Environment;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which secrets are looked for; each filter narrows. Immutable.
 *
 * <p>The order follows from the filters, so that a page costs the same however many secrets there
 * are: with {@code expiresBefore} the soonest come first; else with a name prefix and no tag they
 * come by name, else by id. Within the order the remaining filters are tried one by one, so a page
 * is flat when the first of expiry, tag, name prefix, project, type that is given is the selective
 * one.
 *
 * @param project the project's name
 * @param environment the environment; else all that are in reach
 * @param tags at most {@value SecretDescription#MAX_TAGS}, of which a secret must have all
 * @param type the type
 * @param status the status; else every one that is not deleted
 * @param namePrefix what the name begins with, a name itself
 * @param expiresBefore the current version expires before this time, or has expired
 * @param rotationDueBefore a policy of rotation says that it is due before this time, or was; as
 *     due work has it, which looks once a minute at what somebody put
 */
public record SecretQuery(
    Optional<String> project,
    Optional<Environment> environment,
    SortedSet<String> tags,
    Optional<String> type,
    Optional<SecretStatus> status,
    Optional<String> namePrefix,
    Optional<Instant> expiresBefore,
    Optional<Instant> rotationDueBefore) {

  /** In what order the answers come. */
  public enum Order {
    /** By id in ASCII order. */
    ID,
    /** By name in ASCII order, then by id. */
    NAME,
    /** By the time the current version expires, then by id. */
    EXPIRY
  }

  public SecretQuery {
    project.ifPresent(name -> SecretRef.requireName("project", name));
    Objects.requireNonNull(environment, "environment");
    if (tags.size() > SecretDescription.MAX_TAGS) {
      throw new InvalidInputException("tags", "at most " + SecretDescription.MAX_TAGS);
    }
    tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
    tags.forEach(SecretDescription::requireTag);
    type.ifPresent(name -> SecretRef.requireName("type", name));
    Objects.requireNonNull(status, "status");
    namePrefix.ifPresent(name -> SecretRef.requireName("namePrefix", name));
    Objects.requireNonNull(expiresBefore, "expiresBefore");
    Objects.requireNonNull(rotationDueBefore, "rotationDueBefore");
  }

  /** Every secret that is not deleted. */
  public static SecretQuery all() {
    return new SecretQuery(
        Optional.empty(),
        Optional.empty(),
        new TreeSet<>(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Of this project. */
  public SecretQuery inProject(String name) {
    return new SecretQuery(
        Optional.of(name),
        environment,
        tags,
        type,
        status,
        namePrefix,
        expiresBefore,
        rotationDueBefore);
  }

  /** Of this environment. */
  public SecretQuery in(Environment only) {
    return new SecretQuery(
        project,
        Optional.of(only),
        tags,
        type,
        status,
        namePrefix,
        expiresBefore,
        rotationDueBefore);
  }

  /** With all of these tags. */
  public SecretQuery tagged(Collection<String> all) {
    return new SecretQuery(
        project,
        environment,
        new TreeSet<>(all),
        type,
        status,
        namePrefix,
        expiresBefore,
        rotationDueBefore);
  }

  /** With all of these tags. */
  public SecretQuery tagged(String... all) {
    return tagged(java.util.Arrays.asList(all));
  }

  /** Of this type. */
  public SecretQuery ofType(String only) {
    return new SecretQuery(
        project,
        environment,
        tags,
        Optional.of(only),
        status,
        namePrefix,
        expiresBefore,
        rotationDueBefore);
  }

  /** Of this status. */
  public SecretQuery with(SecretStatus only) {
    return new SecretQuery(
        project,
        environment,
        tags,
        type,
        Optional.of(only),
        namePrefix,
        expiresBefore,
        rotationDueBefore);
  }

  /** Whose name begins so. */
  public SecretQuery named(String prefix) {
    return new SecretQuery(
        project,
        environment,
        tags,
        type,
        status,
        Optional.of(prefix),
        expiresBefore,
        rotationDueBefore);
  }

  /** Whose current version expires before this time, or has expired. */
  public SecretQuery expiringBefore(Instant time) {
    return new SecretQuery(
        project, environment, tags, type, status, namePrefix, Optional.of(time), rotationDueBefore);
  }

  /** Whose rotation is due before this time, or was. */
  public SecretQuery rotatingBefore(Instant time) {
    return new SecretQuery(
        project, environment, tags, type, status, namePrefix, expiresBefore, Optional.of(time));
  }

  /** In what order the answers come. */
  public Order order() {
    if (expiresBefore.isPresent()) {
      return Order.EXPIRY;
    }
    return namePrefix.isPresent() && tags.isEmpty() ? Order.NAME : Order.ID;
  }

  /**
   * Whether it finds this secret, which is for storages that can look at each. Of rotation the
   * secret does not know, so {@link #rotationDueBefore} is the storage's to ask.
   *
   * @param now decides what has expired
   */
  public boolean matches(Secret secret, Instant now) {
    SecretRef ref = secret.ref();
    SecretStatus is = secret.statusAt(now);
    return project.map(ref.project()::equals).orElse(true)
        && environment.map(ref.environment()::equals).orElse(true)
        && secret.tags().containsAll(tags)
        && type.map(secret.type()::equals).orElse(true)
        && status.map(is::equals).orElse(is != SecretStatus.DELETED)
        && namePrefix.map(ref.name()::startsWith).orElse(true)
        && expiresBefore
            .map(time -> secret.expiresAt().isPresent() && secret.expiresAt().get().isBefore(time))
            .orElse(true);
  }
}
