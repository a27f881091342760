package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.TenantkitException;
import io.tenantkit.jdbc.HostCredentialTable;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretArchive;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVersion;
import io.tenantkit.vault.Stage;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.RestoreReport;
import io.tenantkit.vault.imports.CredentialImport;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.ImportReport;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.spi.SecretHistory;
import io.tenantkit.vault.spi.StoredSecretVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls on whole secrets, keys, rotations and imports, for {@link IsolationTest}. */
final class VaultCalls {
  private VaultCalls() {}

  /** Those that name something; they come before globex has a secret at the same place. */
  static Map<String, IsolationTest.Call> thatName() {
    Map<String, IsolationTest.Call> calls = new LinkedHashMap<>();
    rotations(calls);
    imports(calls);
    archive(calls);
    calls.put(
        "VaultKeys.eraseSecret(TenantContext,SecretRef,String)",
        (h, ids) -> h.keyring().eraseSecret(h.globex(), ids.ref(), "not mine"));
    granted(
        calls,
        "VaultKeys.erasures(TenantContext)",
        (h, ids) -> ownRows(h.keyring().erasures(h.globex()).toString()));
    granted(
        calls,
        "VaultKeys.doctor(TenantContext)",
        (h, ids) -> ownRows(h.keyring().doctor(h.globex()).toString()));
    granted(
        calls,
        "VaultBackup.export(TenantContext,BackupKey,OutputStream)",
        (h, ids) -> {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          h.backups()
              .export(h.globex(), BackupKey.recipient(TwoTenants.BACKUP_KEYS.recipient()), out);
          RestoreOptions looking = RestoreOptions.standard().asDryRun();
          return ownRows(restored(h, out.toByteArray(), looking).toString());
        });
    return calls;
  }

  /** A call that names nothing of the other's must not be equal for being refused both times. */
  private static void granted(
      Map<String, IsolationTest.Call> calls, String name, IsolationTest.Call call) {
    calls.put(
        name,
        (h, ids) -> {
          try {
            return call.with(h, ids);
          } catch (TenantkitException e) {
            throw new AssertionError(name + " was refused", e);
          }
        });
  }

  private static void rotations(Map<String, IsolationTest.Call> calls) {
    calls.put(
        "SecretRotations.set(TenantContext,SecretRef,RotationPolicy)",
        (h, ids) -> h.rotations().set(h.globex(), ids.ref(), RotationPolicy.everyDays(1)));
    calls.put(
        "SecretRotations.get(TenantContext,SecretRef)",
        (h, ids) -> h.rotations().get(h.globex(), ids.ref()));
    calls.put(
        "SecretRotations.rotateNow(TenantContext,SecretRef)",
        (h, ids) -> h.rotations().rotateNow(h.globex(), ids.ref()));
    calls.put(
        "SecretRotations.clear(TenantContext,SecretRef)",
        (h, ids) -> {
          h.rotations().clear(h.globex(), ids.ref());
          return "cleared";
        });
    granted(
        calls,
        "SecretRotations.list(TenantContext,Instant,PageRequest)",
        (h, ids) ->
            IsolationTest.everyPage(
                ids, page -> h.rotations().list(h.globex(), h.ever(), page)));
    granted(
        calls,
        "SecretRotations.overdue(TenantContext,Instant,PageRequest)",
        (h, ids) ->
            IsolationTest.everyPage(
                ids, page -> h.rotations().overdue(h.globex(), h.ever(), page)));
  }

  private static void imports(Map<String, IsolationTest.Call> calls) {
    // What hosts implement, as our own table does; on a storage without SQL there is no row.
    for (String source : List.of("CredentialSource", "HostCredentialTable")) {
      calls.put(
          source + ".pending(TenantContext,String,int)",
          (h, ids) -> {
            String all = h.legacy().pending(h.globex(), null, 100).toString();
            assertThat(all.contains("globex")).isEqualTo(h.legacy() instanceof HostCredentialTable);
            return all + rowsAfter(h, ids.credential().id());
          });
      calls.put(
          source + ".scrub(TenantContext,HostCredential,Consumer)",
          (h, ids) ->
              h.legacy()
                  .scrub(
                      h.globex(),
                      ids.credential(),
                      joined -> {
                        throw new AssertionError("nothing was there to scrub");
                      }));
    }
    granted(
        calls,
        "CredentialTarget.check(TenantContext,HostCredential)",
        (h, ids) -> {
          at(h, ids.ref()).check(h.globex(), ids.credential());
          return "checked";
        });
    granted(
        calls,
        "CredentialTarget.held(TenantContext,HostCredential)",
        (h, ids) -> at(h, ids.ref()).held(h.globex(), ids.credential()));
    granted(
        calls,
        "CredentialImport.dryRun(TenantContext)",
        (h, ids) ->
            CredentialImport.of(h.vault(), h.legacy(), at(h, ids.ref())).dryRun(h.globex()));
  }

  /** Which rows follow depends on the id; whose they are does not. */
  private static String rowsAfter(TwoTenants h, String id) {
    return IsolationTest.ownRows(h.legacy().pending(h.globex(), id, 100).toString());
  }

  private static CredentialTarget at(TwoTenants h, SecretRef place) {
    return CredentialTarget.secrets(h.vault(), credential -> place);
  }

  private static void archive(Map<String, IsolationTest.Call> calls) {
    calls.put(
        "SecretArchive.find(TenantContext,SecretRef)",
        (h, ids) -> h.vault().archive().find(h.globex(), ids.ref()));
    granted(
        calls,
        "SecretArchive.list(TenantContext,String,int)",
        (h, ids) -> {
          SecretArchive archive = h.vault().archive();
          String after = ids.secret().id().value();
          assertThat(archive.list(h.globex(), after, 1_000).toString())
              .doesNotContain(TwoTenants.CANARY);
          return ownRows(archive.list(h.globex(), null, 1_000).toString());
        });
    calls.put(
        "SecretArchive.open(TenantContext,SecretId,String,Map,Visitor)",
        (h, ids) ->
            h.vault()
                .archive()
                .open(
                    h.globex(), ids.secret().id(), "secret.exported", Map.of(), new NothingShown()));
    granted(
        calls,
        "SecretArchive.planned(TenantContext,Secret)",
        (h, ids) -> {
          Secret planned = h.vault().archive().planned(h.globex(), ids.secret());
          assertThat(planned.id()).isNotEqualTo(ids.secret().id());
          assertThat(planned.projectId()).isNotEqualTo(ids.secret().projectId());
          return planned.organization();
        });
    granted(
        calls,
        "SecretArchive.seal(TenantContext,Secret,SecretVersion,Map)",
        (h, ids) -> {
          sealed(h, ids.secret());
          return "sealed with a key of one's own";
        });
  }

  private static StoredSecretVersion sealed(TwoTenants h, Secret secret) {
    SecretVersion first =
        new SecretVersion(
            1,
            SecretVersion.State.ACTIVE,
            Optional.of(Stage.CURRENT),
            Optional.empty(),
            Destination.none(),
            "globex",
            secret.createdAt());
    try (SecretValue value = SecretValue.of("globex")) {
      return h.vault()
          .archive()
          .seal(h.globex(), secret, first, Map.of(NewSecret.VALUE, value));
    }
  }

  /** Those after which globex has secrets that are called like the other's. */
  static Map<String, IsolationTest.Call> thatPut() {
    Map<String, IsolationTest.Call> calls = new LinkedHashMap<>();
    granted(
        calls,
        "CredentialTarget.store(TenantContext,HostCredential)",
        (h, ids) -> {
          at(h, ids.ref()).store(h.globex(), ids.credential());
          return "stored";
        });
    granted(
        calls,
        "CredentialImport.run(TenantContext)",
        (h, ids) -> {
          SecretRef place = SecretRef.of("imported", Environment.PRODUCTION, "globex");
          ImportReport report =
              CredentialImport.of(h.vault(), h.legacy(), at(h, place)).run(h.globex());
          return report.problems();
        });
    calls.put(
        "SecretArchive.restore(TenantContext,SecretHistory,Map)",
        (h, ids) -> {
          Secret named = named(h, ids.secret().id());
          SecretHistory history = new SecretHistory(named, List.of(sealed(h, named)));
          try {
            assertThat(h.vault().archive().restore(h.globex(), history, Map.of())).isTrue();
          } catch (TenantkitException e) {
            throw new AssertionError("a row of one's own was refused", e);
          }
          // The row as it is would be the other tenant's.
          Secret row = ids.secret();
          return h.vault()
              .archive()
              .restore(
                  h.globex(), new SecretHistory(row, List.of(sealed(h, row))), Map.of());
        });
    return calls;
  }

  /** A secret of globex under an id that may be another's. */
  private static Secret named(TwoTenants h, SecretId id) {
    SecretRef place = SecretRef.of("restored", Environment.PRODUCTION, id.value());
    Secret own =
        h.vault()
            .archive()
            .find(h.globex(), SecretRef.of("globex", Environment.PRODUCTION, "globex"))
            .orElseThrow();
    Secret planned =
        h.vault().archive().planned(h.globex(), at(own, own.id(), own.projectId(), place));
    return at(planned, id, planned.projectId(), place);
  }

  private static Secret at(Secret planned, SecretId id, String project, SecretRef place) {
    return new Secret(
        id,
        planned.organization(),
        project,
        place,
        planned.type(),
        planned.description(),
        planned.stages(),
        planned.maxVersions(),
        planned.expiresAt(),
        planned.deletedAt(),
        planned.owner(),
        planned.access(),
        planned.createdAt(),
        planned.updatedAt(),
        planned.revision());
  }

  /** Those that change all that globex has. */
  static Map<String, IsolationTest.Call> thatTurnKeys() {
    Map<String, IsolationTest.Call> calls = new LinkedHashMap<>();
    granted(
        calls,
        "VaultKeys.rotate(TenantContext)",
        (h, ids) -> {
          h.keyring().rotate(h.globex());
          return "rotated";
        });
    granted(
        calls,
        "VaultKeys.rewrapSecrets(TenantContext)",
        (h, ids) -> "failed: " + h.keyring().rewrapSecrets(h.globex()).failed());
    granted(
        calls,
        "VaultKeys.destroyUnusedKeys(TenantContext)",
        (h, ids) -> h.keyring().destroyUnusedKeys(h.globex()).size());
    // Who holds a backup and its key may have what is in it, as secrets of their own.
    granted(
        calls,
        "VaultBackup.restore(TenantContext,BackupKey,BackupSource,RestoreOptions)",
        (h, ids) -> {
          RestoreReport report =
              restored(h, ids.backup(), RestoreOptions.standard().skippingConflicts());
          assertThat(report.secrets()).isNotEmpty();
          return "into " + report.into();
        });
    return calls;
  }

  private static RestoreReport restored(TwoTenants h, byte[] backup, RestoreOptions options)
      throws IOException {
    return h.backups()
        .restore(
            h.globex(),
            BackupKey.privateKey(TwoTenants.BACKUP_KEYS.privateKey()),
            () -> new ByteArrayInputStream(backup),
            options);
  }

  private static String ownRows(String all) {
    assertThat(all).contains("globex");
    return IsolationTest.ownRows(all);
  }

  /** Is shown nothing. */
  private static final class NothingShown implements SecretArchive.Visitor {
    @Override
    public void secret(Secret secret) {
      throw new AssertionError("a secret was opened");
    }

    @Override
    public void version(SecretVersion version, Map<String, SecretValue> fields) {
      throw new AssertionError("a version was opened");
    }
  }
}
