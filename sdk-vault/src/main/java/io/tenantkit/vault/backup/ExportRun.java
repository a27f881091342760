package io.tenantkit.vault.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.spi.VaultStores;
import java.util.Locale;

/** What the parts share while one backup is written. For one thread. */
final class ExportRun {
  final PlaneRuntime runtime;
  final SecretArchive archive;
  final VaultStores stores;
  final TenantContext context;
  final String fileId;
  long teams;
  long integrations;
  long webhooks;
  long secrets;
  long versions;
  long rotations;

  ExportRun(
      PlaneRuntime runtime,
      SecretArchive archive,
      VaultStores stores,
      TenantContext context,
      String fileId) {
    this.runtime = runtime;
    this.archive = archive;
    this.stores = stores;
    this.context = context;
    this.fileId = fileId;
  }

  ObjectNode manifest() {
    ObjectNode manifest =
        RecordWriter.record(BackupParts.MANIFEST)
            .put("organization", context.organization().value())
            .put("createdAt", runtime.now().toString());
    context.environments().stream()
        .sorted()
        .map(environment -> environment.name().toLowerCase(Locale.ROOT))
        .forEach(manifest.putArray("environments")::add);
    return manifest;
  }

  BackupSummary summary() {
    return new BackupSummary(
        fileId,
        context.environments(),
        teams,
        integrations,
        webhooks,
        secrets,
        versions,
        rotations);
  }
}
