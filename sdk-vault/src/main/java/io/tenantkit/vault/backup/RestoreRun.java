package io.tenantkit.vault.backup;

import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the parts share while one backup is read, the first time or the second. For one thread. */
final class RestoreRun {
  final PlaneRuntime runtime;
  final SecretArchive archive;
  final TenantContext context;
  final Optional<Operator> operator;
  final RestoreOptions options;
  final String fileId;
  final ContentDigest digest;

  /** False while it is only looked whether all of it opens and fits. */
  final boolean writing;

  /** What the first reading found of secrets that were there, by their ids in the backup. */
  final Map<SecretId, RestoreReport.Outcome> settled;

  final List<RestoreReport.RestoredTeam> teams = new ArrayList<>();
  final List<RestoreReport.RestoredSecret> secrets = new ArrayList<>();
  Optional<OrganizationId> from = Optional.empty();
  boolean organizationCreated;
  long membersLeftOut;
  long versions;
  String plan = "";

  private RestoreRun(
      PlaneRuntime runtime,
      SecretArchive archive,
      TenantContext context,
      Optional<Operator> operator,
      RestoreOptions options,
      String fileId,
      ContentDigest digest,
      boolean writing,
      Map<SecretId, RestoreReport.Outcome> settled) {
    this.runtime = runtime;
    this.archive = archive;
    this.context = context;
    this.operator = operator;
    this.options = options;
    this.fileId = fileId;
    this.digest = digest;
    this.writing = writing;
    this.settled = settled;
  }

  static RestoreRun looking(
      PlaneRuntime runtime,
      SecretArchive archive,
      TenantContext context,
      Optional<Operator> operator,
      RestoreOptions options,
      String fileId,
      ContentDigest digest) {
    return new RestoreRun(
        runtime, archive, context, operator, options, fileId, digest, false, new HashMap<>());
  }

  /** The second reading, after the first one found nothing against it. */
  RestoreRun thenWriting() {
    return new RestoreRun(
        runtime, archive, context, operator, options, fileId, digest, true, settled);
  }

  void begin(Members manifest) {
    from = Optional.of(OrganizationId.of(manifest.text("organization")));
    manifest.time("createdAt");
    manifest.texts("environments");
    manifest.requireNoMore();
  }

  boolean skips() {
    return options.onConflict() == RestoreOptions.OnConflict.SKIP || options.dryRun();
  }

  RestoreReport report() {
    return new RestoreReport(
        fileId,
        from.orElseThrow(Rejected::content),
        context.organization(),
        !writing,
        organizationCreated,
        teams,
        membersLeftOut,
        secrets,
        versions);
  }
}
