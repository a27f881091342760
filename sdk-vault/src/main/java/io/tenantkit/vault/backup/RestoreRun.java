package io.tenantkit.vault.backup;

import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.spi.VaultStores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the parts share while one backup is read, the first time or the second. For one thread. */
final class RestoreRun {
  final PlaneRuntime runtime;
  final SecretArchive archive;
  final VaultStores stores;
  final TenantContext context;
  final Optional<Operator> operator;
  final RestoreOptions options;
  final String fileId;
  final ContentDigest digest;

  /** False while it is only looked whether all of it opens and fits. */
  final boolean writing;

  /** What the first reading found of secrets that were there, by their ids in the backup. */
  final Map<SecretId, RestoreReport.Outcome> settled;

  final LibraryPlaces places;

  /** What became of secrets, by where they are here. */
  final Map<SecretRef, RestoreReport.Outcome> outcomes = new HashMap<>();

  final List<RestoreReport.RestoredTeam> teams = new ArrayList<>();
  final List<RestoreReport.RestoredIntegration> integrations = new ArrayList<>();
  final List<RestoreReport.RestoredWebhook> webhooks = new ArrayList<>();
  final List<RestoreReport.RestoredSecret> secrets = new ArrayList<>();
  final List<RestoreReport.RestoredRotation> rotations = new ArrayList<>();
  Optional<OrganizationId> from = Optional.empty();
  boolean organizationCreated;
  long membersLeftOut;
  long sharesLeftOut;
  long versions;
  String plan = "";

  private RestoreRun(
      PlaneRuntime runtime,
      SecretArchive archive,
      VaultStores stores,
      TenantContext context,
      Optional<Operator> operator,
      RestoreOptions options,
      String fileId,
      ContentDigest digest,
      boolean writing,
      Map<SecretId, RestoreReport.Outcome> settled,
      LibraryPlaces places) {
    this.runtime = runtime;
    this.archive = archive;
    this.stores = stores;
    this.context = context;
    this.operator = operator;
    this.options = options;
    this.fileId = fileId;
    this.digest = digest;
    this.writing = writing;
    this.settled = settled;
    this.places = places;
  }

  static RestoreRun looking(
      PlaneRuntime runtime,
      SecretArchive archive,
      VaultStores stores,
      TenantContext context,
      Optional<Operator> operator,
      RestoreOptions options,
      String fileId,
      ContentDigest digest) {
    return new RestoreRun(
        runtime,
        archive,
        stores,
        context,
        operator,
        options,
        fileId,
        digest,
        false,
        new HashMap<>(),
        new LibraryPlaces());
  }

  /** The second reading, after the first one found nothing against it. */
  RestoreRun thenWriting() {
    return new RestoreRun(
        runtime,
        archive,
        stores,
        context,
        operator,
        options,
        fileId,
        digest,
        true,
        settled,
        places.again());
  }

  void begin(Members manifest) {
    from = Optional.of(OrganizationId.of(manifest.text("organization")));
    manifest.time("createdAt");
    manifest.texts("environments");
    manifest.requireNoMore();
  }

  /** A team of the backup, by its id there. */
  Optional<RestoreReport.RestoredTeam> team(String fromId) {
    return teams.stream().filter(team -> team.fromId().equals(fromId)).findFirst();
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
        integrations,
        webhooks,
        secrets,
        versions,
        sharesLeftOut,
        rotations);
  }
}
