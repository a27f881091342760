package io.tenantkit.vault.rotation;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.spi.StoredRotation;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The values of one rotation between the vault and the rotator. A version that a rotation puts
 * names the rotation as who put it, so whoever takes up the work of a killed node finds it. For one
 * thread.
 */
final class RotationValues {
  private static final Purpose PURPOSE = Purpose.of("rotation");

  private final RotationParts parts;
  private final TenantContext context;
  private final TenantContext maker;
  private final StoredRotation row;
  private final Secret secret;
  private final SecretRotator rotator;

  RotationValues(RotationParts parts, TenantContext context, StoredRotation row, Secret secret) {
    this.parts = parts;
    this.context = context;
    this.row = row;
    this.secret = secret;
    this.maker =
        TenantContext.trusted(
            context.organization(), new Actor(Actor.Kind.SYSTEM, "rotation:" + row.rotationId()));
    this.rotator = Objects.requireNonNull(parts.rotators().get(secret.type()), "rotator");
  }

  /**
   * The pending version that this rotation put before its node was killed, 0 for none. Others that
   * it put, and that nobody will ever promote, are destroyed.
   */
  long adopt() {
    long pending = 0;
    for (SecretVersion version : parts.vault().versions(context, row.ref())) {
      if (version.createdBy().equals(maker.actor().id())) {
        if (version.stage().equals(Optional.of(Stage.PENDING))) {
          pending = version.number();
        } else if (version.stage().isEmpty() && version.state() == SecretVersion.State.ACTIVE) {
          discard(version.number());
        }
      }
    }
    return pending;
  }

  /** Makes and puts a pending version; its number. */
  long create() {
    try {
      return parts
          .vault()
          .useFields(
              context, row.ref(), PURPOSE, fields -> create(values(fields), fields.destination()));
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.SECRET_EXPIRED) {
        return create(Map.of(), currentDestination());
      }
      throw e;
    }
  }

  private Destination currentDestination() {
    return parts.vault().versions(context, row.ref()).stream()
        .filter(version -> version.number() == secret.currentVersion())
        .map(SecretVersion::destination)
        .findFirst()
        .orElse(Destination.none());
  }

  private long create(Map<String, SecretValue> current, Destination destination) {
    RotationCall call = call(destination);
    Map<String, SecretValue> made =
        parts
            .calls()
            .call(
                context.organization(),
                () -> Map.copyOf(rotator.create(call, current)),
                late -> undoLate(call, late));
    try {
      NewSecret wanted =
          NewSecret.of(secret.type(), made)
              .to(destination)
              .onlyAfter(row.baseVersion())
              .asPending();
      return parts.vault().put(maker, row.ref(), wanted).stages().pending().orElseThrow();
    } catch (TenantkitException e) {
      // What may have been stored after all must stay accepted; it is found by who takes it up.
      if (e.code() != ErrorCode.COMMIT_UNKNOWN) {
        undo(call, made);
      }
      throw e;
    } finally {
      close(made.values());
    }
  }

  /** It came after we gave up, so nobody will ever know it. */
  private void undoLate(RotationCall call, Map<String, SecretValue> late) {
    try {
      rotator.undo(call, late);
    } catch (Exception e) {
      // The rotation has failed already, and what is thrown may quote the value.
    } finally {
      close(late.values());
    }
  }

  /** Whether the undoing worked. */
  private boolean undo(RotationCall call, Map<String, SecretValue> made) {
    try {
      return run(() -> rotator.undo(call, made));
    } catch (RotatorCalls.FailedException e) {
      return false;
    }
  }

  /** Whether the pending version works. */
  boolean test() {
    return parts
        .vault()
        .useFields(
            context,
            row.ref(),
            Stage.PENDING,
            PURPOSE,
            fields ->
                fields.version() == row.pendingVersion()
                    && parts
                        .calls()
                        .call(
                            context.organization(),
                            () -> rotator.test(call(fields.destination()), values(fields)),
                            late -> {}));
  }

  /** Tells the rotator that the version is in force. */
  void promoted() {
    parts
        .vault()
        .useFields(
            context,
            row.ref(),
            PURPOSE,
            fields ->
                fields.version() != row.pendingVersion()
                    || run(() -> rotator.promoted(call(fields.destination()), values(fields))));
  }

  /**
   * Revokes a version's values.
   *
   * @return false when they cannot be had any more
   */
  boolean retire(long number) {
    try (SecretFields fields = parts.vault().reveal(context, row.ref(), number)) {
      return run(() -> rotator.retire(call(fields.destination()), values(fields)));
    } catch (NotFoundException e) {
      return false;
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.SECRET_EXPIRED) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Undoes a version that is never to come into force, and destroys it. It is deleted first, so
   * that nobody can promote it meanwhile; when somebody has, it is left.
   *
   * @return whether the rotator could undo it, or need not
   */
  boolean discard(long number) {
    Optional<SecretVersion> version =
        parts.vault().versions(context, row.ref()).stream()
            .filter(each -> each.number() == number)
            .findFirst();
    if (version.isEmpty() || version.get().state() == SecretVersion.State.DESTROYED) {
      return true;
    }
    if (version.get().state() == SecretVersion.State.DELETED) {
      // By us, before our node was killed.
      parts.vault().undeleteVersion(context, row.ref(), number);
    }
    boolean undone = true;
    try (SecretFields fields = parts.vault().reveal(context, row.ref(), number)) {
      Secret after = parts.vault().deleteVersion(context, row.ref(), number);
      Optional<Stage> stage = after.stages().of(number);
      if (stage.isPresent() && stage.get() != Stage.PENDING) {
        parts.vault().undeleteVersion(context, row.ref(), number);
        return true;
      }
      undone = undo(call(fields.destination()), values(fields));
    } catch (NotFoundException e) {
      undone = false;
    } catch (TenantkitException e) {
      if (e.code() != ErrorCode.SECRET_EXPIRED) {
        throw e;
      }
      undone = false;
    }
    try {
      parts.vault().destroyVersion(context, row.ref(), number);
    } catch (ConflictException | NotFoundException e) {
      // Somebody else did.
      return undone;
    }
    return undone;
  }

  /** A call without an answer. */
  private interface Work {
    void run() throws Exception;
  }

  private boolean run(Work work) {
    return parts
        .calls()
        .call(
            context.organization(),
            () -> {
              work.run();
              return true;
            },
            late -> {});
  }

  private RotationCall call(Destination destination) {
    return new RotationCall(
        context.organization(),
        row.ref(),
        secret.type(),
        destination,
        row.rotationId(),
        parts.runtime().random());
  }

  private static Map<String, SecretValue> values(SecretFields fields) {
    Map<String, SecretValue> values = new HashMap<>();
    fields.names().forEach(name -> values.put(name, fields.field(name)));
    return Map.copyOf(values);
  }

  private static void close(Collection<SecretValue> values) {
    values.forEach(SecretValue::close);
  }
}
