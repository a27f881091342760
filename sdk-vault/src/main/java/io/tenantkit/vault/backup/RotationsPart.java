package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.RotationStep;
import io.tenantkit.vault.spi.RotationStore;
import io.tenantkit.vault.spi.StoredRotation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When secrets are rotated, with the time that each is due and the overlap that it may be in. A
 * rotation that is under way is not carried on: another installation would work on the same account
 * at the provider.
 */
final class RotationsPart implements BackupPart {
  private static final String KIND = "rotation";
  private static final int PAGE = 100;

  /** Behind all that can be due. */
  private static final Instant EVER = Instant.parse("9999-12-31T00:00:00Z");

  private final Set<SecretRef> seen = new HashSet<>();

  @Override
  public Set<String> kinds() {
    return Set.of(KIND);
  }

  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    RotationStore store = run.stores.rotations();
    @Nullable String after = null;
    List<StoredRotation> page;
    do {
      page = store.list(run.context, EVER, after, PAGE);
      for (StoredRotation row : page) {
        out.write(json(row));
        run.rotations++;
        after = row.secret().value();
      }
    } while (page.size() == PAGE);
  }

  private static ObjectNode json(StoredRotation row) {
    RotationPolicy policy = row.policy();
    ObjectNode json =
        RecordWriter.record(KIND)
            .put("project", row.ref().project())
            .put("environment", SecretJson.lower(row.ref().environment()))
            .put("name", row.ref().name())
            .put("noticeSeconds", policy.notice().toSeconds())
            .put("overlapSeconds", policy.overlap().toSeconds());
    policy.every().ifPresent(length -> json.put("everySeconds", length.toSeconds()));
    policy.at().ifPresent(time -> json.put("at", time.toString()));
    row.dueAt().ifPresent(time -> json.put("dueAt", time.toString()));
    row.lastRotatedAt().ifPresent(time -> json.put("lastRotatedAt", time.toString()));
    if (row.step() == RotationStep.PROMOTED && row.retireAt().isPresent()) {
      json.put("rotationId", row.rotationId())
          .put("retires", row.previousVersion())
          .put("retireAt", row.retireAt().get().toString());
    }
    return json;
  }

  /**
   * One of the backup.
   *
   * @param retires the version whose overlap ends at {@code retireAt}; 0 for none
   */
  private record Incoming(
      SecretRef from,
      RotationPolicy policy,
      Optional<Instant> dueAt,
      Optional<Instant> lastRotatedAt,
      String rotationId,
      long retires,
      Optional<Instant> retireAt) {}

  private static Incoming read(Members members) {
    boolean overlap = members.has("retires");
    Incoming read =
        new Incoming(
            new SecretRef(
                members.text("project"),
                members.constant(Environment.class, "environment"),
                members.text("name")),
            new RotationPolicy(
                members.has("everySeconds")
                    ? Optional.of(Duration.ofSeconds(members.number("everySeconds")))
                    : Optional.empty(),
                members.optionalTime("at"),
                Duration.ofSeconds(members.number("noticeSeconds")),
                Duration.ofSeconds(members.number("overlapSeconds"))),
            members.optionalTime("dueAt"),
            members.optionalTime("lastRotatedAt"),
            overlap ? members.shortText("rotationId", 64) : "",
            overlap ? members.number("retires") : 0,
            overlap ? Optional.of(members.time("retireAt")) : Optional.empty());
    members.requireNoMore();
    return read;
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) {
    Incoming wanted = read(new Members(record.json()));
    if (!seen.add(wanted.from())) {
      throw Rejected.content();
    }
    Optional<SecretRef> place = run.places.of(wanted.from());
    @Nullable Outcome secret = place.map(run.outcomes::get).orElse(null);
    Outcome outcome;
    if (place.isEmpty() || secret == null || secret == Outcome.SKIPPED) {
      // The secret is another one here, or none: a policy is of no use to either.
      outcome = secret == null ? Outcome.LEFT_OUT : Outcome.SKIPPED;
    } else {
      outcome = restore(run, wanted, place.get());
    }
    run.rotations.add(new RestoreReport.RestoredRotation(place.orElse(wanted.from()), outcome));
  }

  private static Outcome restore(RestoreRun run, Incoming wanted, SecretRef place) {
    Optional<Secret> secret = run.archive.find(run.context, place);
    RotationStore store = run.stores.rotations();
    Optional<StoredRotation> there = secret.flatMap(found -> store.find(run.context, found.id()));
    if (there.isPresent()) {
      if (there.get().policy().equals(wanted.policy())) {
        return Outcome.UNCHANGED;
      }
      if (!run.skips()) {
        throw new ConflictException("the secret is rotated by another policy");
      }
      return Outcome.SKIPPED;
    }
    if (run.writing) {
      StoredRotation row = row(run, wanted, secret.orElseThrow(Rejected::content));
      AuditEvent event =
          run.runtime
              .event(
                  run.context,
                  run.runtime.now(),
                  "secret.rotation_restored",
                  "secret",
                  row.secret().value())
              .with(Map.of("backup", run.fileId));
      if (!store.write(run.context, row, Optional.of(event))) {
        throw ConflictException.stale("rotation");
      }
    }
    return Outcome.CREATED;
  }

  private static StoredRotation row(RestoreRun run, Incoming wanted, Secret secret) {
    StoredRotation.Change change =
        StoredRotation.first(secret.id(), secret.ref(), wanted.policy())
            .dueAt(wanted.dueAt())
            .lastRotatedAt(wanted.lastRotatedAt())
            .baseVersion(secret.currentVersion())
            // Due work finds out when it has to look again.
            .wakeAt(Optional.of(run.runtime.now()));
    OptionalLong previous = secret.stages().previous();
    if (wanted.retires() > 0 && previous.equals(OptionalLong.of(wanted.retires()))) {
      change
          .step(RotationStep.PROMOTED)
          .rotationId(wanted.rotationId())
          .pendingVersion(secret.currentVersion())
          .retiring(wanted.retires(), wanted.retireAt());
    }
    return change.row();
  }
}
