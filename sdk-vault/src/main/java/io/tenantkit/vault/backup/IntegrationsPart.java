package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.ConflictException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.backup.RestoreReport.Outcome;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.spi.IntegrationStore;
import io.tenantkit.vault.spi.LibraryProjects;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Integrations without their credentials, which are secrets and come behind. A row is restored
 * switched off, so that nobody uses or checks it before its credential is there, and is switched on
 * at the end.
 */
final class IntegrationsPart implements BackupPart {
  private static final String KIND = "integration";
  private static final int PAGE = 100;

  private final List<Incoming> incoming = new ArrayList<>();

  /**
   * One of the backup.
   *
   * @param row as it is restored
   * @param enabled whether it is switched on at the end
   * @param there what has its id here
   */
  private record Incoming(
      IntegrationId from, Integration row, boolean enabled, Optional<Integration> there) {

    /** Half of it was restored before. */
    boolean isUnfinished() {
      return there
          .filter(
              row -> row.version() == 1 && row.status() == IntegrationStatus.DISABLED && enabled)
          .isPresent();
    }

    boolean isSame() {
      return there
          .filter(
              other ->
                  other.provider().equals(row.provider())
                      && other.environment() == row.environment()
                      && other.name().equals(row.name())
                      && other.config().equals(row.config()))
          .isPresent();
    }

    SecretRef place() {
      return place(row.environment(), row.id().value());
    }

    static SecretRef place(Environment environment, String id) {
      return SecretRef.of(LibraryProjects.INTEGRATIONS, environment, id);
    }
  }

  @Override
  public Set<String> kinds() {
    return Set.of(KIND);
  }

  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    IntegrationStore store = run.stores.integrations();
    @Nullable String after = null;
    List<Integration> page;
    do {
      page = store.list(run.context, after, PAGE);
      for (Integration row : page) {
        run.context.require(Scopes.INTEGRATIONS_WRITE);
        out.write(json(row));
        run.integrations++;
        after = row.id().value();
      }
    } while (page.size() == PAGE);
  }

  private static ObjectNode json(Integration row) {
    ObjectNode json =
        RecordWriter.record(KIND)
            .put("id", row.id().value())
            .put("provider", row.provider())
            .put("environment", SecretJson.lower(row.environment()))
            .put("name", row.name())
            .put("enabled", row.status() != IntegrationStatus.DISABLED)
            .put("credentialVersion", row.credentialVersion())
            .put("createdBy", row.createdBy())
            .put("createdAt", row.createdAt().toString());
    ObjectNode config = json.putObject("config");
    row.config().forEach(config::put);
    return json;
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) {
    run.context.require(Scopes.INTEGRATIONS_WRITE);
    Members members = new Members(record.json());
    OrganizationId from = run.from.orElseThrow(Rejected::content);
    OrganizationId into = run.context.organization();
    IntegrationId id = new IntegrationId(members.text("id"));
    Environment environment = members.constant(Environment.class, "environment");
    run.context.require(environment);
    boolean enabled = members.flag("enabled");
    Instant now = run.runtime.now();
    Integration row =
        new Integration(
            new IntegrationId(RestoredIds.of(from, into, "int", id.value())),
            into,
            members.shortText("provider", 64),
            environment,
            members.text("name"),
            IntegrationStatus.DISABLED,
            members.map("config"),
            Optional.empty(),
            Optional.empty(),
            members.number("credentialVersion"),
            members.shortText("createdBy", 255),
            members.time("createdAt"),
            now,
            Optional.empty(),
            Optional.empty(),
            now,
            1);
    members.requireNoMore();
    Incoming one =
        new Incoming(id, row, enabled, run.stores.integrations().find(run.context, row.id()));
    if (incoming.stream().anyMatch(other -> other.row().id().equals(row.id()))) {
      throw Rejected.content();
    }
    if (one.there().isPresent() && !one.isSame()) {
      if (!run.skips()) {
        throw new ConflictException("an integration of this id exists, and is not the same");
      }
    } else {
      run.places.map(LibraryProjects.INTEGRATIONS, environment, id.value(), row.id().value());
      // Of one that the first reading met no credential of, the row would say what is not so.
      if (run.writing && one.there().isEmpty() && run.places.isRestored(one.place())) {
        insert(run, row);
      }
    }
    incoming.add(one);
  }

  private static void insert(RestoreRun run, Integration row) {
    if (!run.stores
        .integrations()
        .insert(run.context, row, event(run, row, "integration.restored"))) {
      throw ConflictException.stale("integration");
    }
  }

  private static AuditEvent event(RestoreRun run, Integration row, String action) {
    return run.runtime
        .event(run.context, run.runtime.now(), action, "integration", row.id().value())
        .with(
            Map.of(
                "backup", run.fileId,
                "provider", row.provider(),
                "environment", row.environment().name(),
                "name", row.name()));
  }

  /** By now it is known of which there are credentials. */
  @Override
  public void last(RestoreRun run) {
    for (Incoming one : incoming) {
      Outcome outcome = outcome(run, one);
      boolean isNew = outcome == Outcome.CREATED || one.isUnfinished();
      if (run.writing && isNew && one.enabled()) {
        enable(run, one);
      }
      run.integrations.add(
          new RestoreReport.RestoredIntegration(
              one.row().provider(), one.row().name(), one.from(), one.row().id(), outcome));
    }
  }

  private static Outcome outcome(RestoreRun run, Incoming one) {
    if (one.there().isPresent()) {
      return one.isSame() ? Outcome.UNCHANGED : Outcome.SKIPPED;
    }
    return run.places.isRestored(one.place()) ? Outcome.CREATED : Outcome.LEFT_OUT;
  }

  private static void enable(RestoreRun run, Incoming one) {
    Integration row = one.row();
    Instant now = run.runtime.now();
    Integration on =
        new Integration(
            row.id(),
            row.organization(),
            row.provider(),
            row.environment(),
            row.name(),
            IntegrationStatus.VERIFYING,
            row.config(),
            Optional.empty(),
            Optional.empty(),
            row.credentialVersion(),
            row.createdBy(),
            row.createdAt(),
            now,
            Optional.empty(),
            Optional.empty(),
            now,
            2);
    // Whoever was faster has decided what becomes of it.
    run.stores
        .integrations()
        .update(run.context, on, 1, true, Optional.of(event(run, on, "integration.enabled")));
  }
}
