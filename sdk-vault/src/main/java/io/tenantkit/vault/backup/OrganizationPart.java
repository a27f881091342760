package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.ratelimit.Limits;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.Organizations;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Name and settings: restored only by an operator, and only when there is no such organization. */
final class OrganizationPart implements BackupPart {
  private static final String KIND = "organization";

  private boolean read;

  @Override
  public Set<String> kinds() {
    return Set.of(KIND);
  }

  @Override
  public void export(ExportRun run, RecordWriter out) throws IOException {
    Organization organization = organizations(run.runtime).get(run.context);
    OrganizationSettings settings = organization.settings();
    ObjectNode json =
        RecordWriter.record(KIND)
            .put("name", organization.name())
            .put("plan", settings.plan())
            .put("pool", new Limits(settings.pool(), Optional.empty()).toJson());
    ObjectNode metadata = json.putObject("metadata");
    settings.metadata().forEach(metadata::put);
    KeyPolicy keys = settings.keys();
    keys.longestLifetime().ifPresent(time -> json.put("longestLifetime", time.toString()));
    keys.rotateAfter().ifPresent(time -> json.put("rotateAfter", time.toString()));
    keys.unusedAfter().ifPresent(time -> json.put("unusedAfter", time.toString()));
    keys.prefixName().ifPresent(name -> json.put("prefixName", name));
    out.write(json);
  }

  /** Nobody else knows of an organization that is new, so nobody need be told of the change. */
  private static Organizations organizations(PlaneRuntime runtime) {
    return Organizations.of(runtime, changed -> {});
  }

  @Override
  public void restore(RestoreRun run, BackupRecord record) {
    if (read) {
      throw Rejected.content();
    }
    read = true;
    Members members = new Members(record.json());
    String name = members.text("name");
    KeyPolicy keys =
        new KeyPolicy(
            duration(members, "longestLifetime"),
            duration(members, "rotateAfter"),
            duration(members, "unusedAfter"),
            members.optional("prefixName"));
    OrganizationSettings settings =
        new OrganizationSettings(
            members.text("plan"),
            members.map("metadata"),
            Limits.fromJson(members.text("pool")).rates(),
            keys);
    members.requireNoMore();
    Optional<Organization> there = run.runtime.coreStores().organizations().find(run.context);
    run.plan = there.map(found -> found.settings().plan()).orElse(settings.plan());
    if (there.isPresent()) {
      return;
    }
    if (run.operator.isEmpty()) {
      throw new NotFoundException("organization");
    }
    run.runtime.plans().require(settings.plan());
    run.organizationCreated = true;
    if (run.writing) {
      organizations(run.runtime)
          .create(run.operator.get(), run.context.organization(), name, settings);
      Trail.started(run);
    }
  }

  @Override
  public void end(RestoreRun run) {
    if (!read) {
      throw Rejected.content();
    }
  }

  private static Optional<Duration> duration(Members members, String name) {
    return members
        .optional(name)
        .map(
            text -> {
              try {
                return Duration.parse(text);
              } catch (DateTimeException | ArithmeticException e) {
                throw Rejected.content();
              }
            });
  }
}
