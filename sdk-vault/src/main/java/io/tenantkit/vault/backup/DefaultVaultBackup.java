package io.tenantkit.vault.backup;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.VaultStores;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

final class DefaultVaultBackup implements VaultBackup {
  private final PlaneRuntime runtime;
  private final SecretArchive archive;
  private final VaultStores stores;

  DefaultVaultBackup(SecretVault vault) {
    this.runtime = vault.runtime();
    this.archive = vault.archive();
    this.stores =
        runtime.storage() instanceof InMemoryStorage memory
            ? InMemoryVaultStores.in(memory)
            : runtime.stores(VaultStores.class);
  }

  @Override
  public BackupSummary export(TenantContext context, BackupKey key, OutputStream out)
      throws IOException {
    return export(context, Optional.empty(), key, out);
  }

  @Override
  public BackupSummary export(
      Operator operator, OrganizationId organization, BackupKey key, OutputStream out)
      throws IOException {
    return export(context(operator, organization), Optional.of(operator), key, out);
  }

  /** The operator's authority over this organization, and over this call's time alone. */
  private static TenantContext context(Operator operator, OrganizationId organization) {
    if (operator.transaction().isPresent()) {
      throw new TenantkitException(
          ErrorCode.JOINED_TRANSACTION_REFUSED, "backup is refused inside a joined transaction");
    }
    return TenantContext.trusted(organization, operator.actor());
  }

  private static void require(TenantContext context) {
    context.requireOwnTransaction("backup");
    context.require(Scopes.SECRETS_MANAGE);
    context.require(Scopes.SECRETS_READ);
    context.require(Scopes.SECRETS_USE);
    context.require(Scopes.TEAMS_READ);
  }

  private BackupSummary export(
      TenantContext context, Optional<Operator> operator, BackupKey key, OutputStream out)
      throws IOException {
    require(context);
    try (BackupKey.Opened opened = key.seal(runtime.random())) {
      String fileId = opened.facts().fileId();
      ExportRun run = new ExportRun(runtime, archive, stores, context, fileId);
      Trail.write(runtime, context, operator, "backup.export_started", Map.of("backup", fileId));
      try (RecordWriter writer = new RecordWriter(out, opened)) {
        new BackupParts().export(run, writer);
      }
      Trail.write(
          runtime,
          context,
          operator,
          "backup.exported",
          Map.of(
              "backup",
              fileId,
              "teams",
              Long.toString(run.teams),
              "integrations",
              Long.toString(run.integrations),
              "webhooks",
              Long.toString(run.webhooks),
              "secrets",
              Long.toString(run.secrets),
              "versions",
              Long.toString(run.versions),
              "rotations",
              Long.toString(run.rotations)));
      return run.summary();
    }
  }

  @Override
  public RestoreReport restore(
      TenantContext context, BackupKey key, BackupSource source, RestoreOptions options)
      throws IOException {
    return restore(context, Optional.empty(), key, source, options);
  }

  @Override
  public RestoreReport restore(
      Operator operator,
      OrganizationId organization,
      BackupKey key,
      BackupSource source,
      RestoreOptions options)
      throws IOException {
    return restore(context(operator, organization), Optional.of(operator), key, source, options);
  }

  private RestoreReport restore(
      TenantContext context,
      Optional<Operator> operator,
      BackupKey key,
      BackupSource source,
      RestoreOptions options)
      throws IOException {
    require(context);
    context.require(Scopes.SECRETS_WRITE);
    context.require(Scopes.TEAMS_MANAGE);
    try (InputStream in = source.open();
        BackupKey.Opened opened = key.open(BackupHeader.read(in));
        ContentDigest digest = new ContentDigest(runtime.random())) {
      RestoreRun looking =
          RestoreRun.looking(
              runtime,
              archive,
              stores,
              context,
              operator,
              options,
              opened.facts().fileId(),
              digest);
      boolean there = runtime.coreStores().organizations().find(context).isPresent();
      if (there || operator.isEmpty()) {
        Trail.started(looking);
      }
      read(looking, in, opened);
      if (options.dryRun()) {
        return looking.report();
      }
      RestoreRun writing = looking.thenWriting();
      readAgain(writing, source, opened);
      return done(writing);
    }
  }

  private static void read(RestoreRun run, InputStream in, BackupKey.Opened opened)
      throws IOException {
    try (RecordReader reader = new RecordReader(in, opened)) {
      new BackupParts().restore(run, reader);
    }
  }

  /** The very same file, or nothing: its header holds what every chunk of it is bound to. */
  private static void readAgain(RestoreRun run, BackupSource source, BackupKey.Opened opened)
      throws IOException {
    try (InputStream in = source.open()) {
      if (!Arrays.equals(BackupHeader.read(in).bytes(), opened.header().bytes())) {
        throw Rejected.backup();
      }
      read(run, in, opened);
    }
  }

  private RestoreReport done(RestoreRun run) {
    RestoreReport report = run.report();
    Trail.write(
        runtime,
        run.context,
        run.operator,
        "backup.restored",
        Map.of(
            "backup",
            run.fileId,
            "from",
            report.from().value(),
            "created",
            Long.toString(report.secrets(RestoreReport.Outcome.CREATED)),
            "unchanged",
            Long.toString(report.secrets(RestoreReport.Outcome.UNCHANGED)),
            "skipped",
            Long.toString(report.secrets(RestoreReport.Outcome.SKIPPED)),
            "versions",
            Long.toString(report.versions())));
    return report;
  }
}
