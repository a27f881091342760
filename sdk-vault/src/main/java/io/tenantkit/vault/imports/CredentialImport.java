package io.tenantkit.vault.imports;

import io.tenantkit.ConflictException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.imports.CredentialTarget.Held;
import io.tenantkit.vault.imports.ImportReport.Problem;
import io.tenantkit.vault.imports.ImportReport.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Imports an organization's credentials from where a host has kept them: stores each, reads it back
 * and compares it in constant time, then empties it where it was.
 *
 * <p>It may be stopped at any point, by {@code kill -9} too, and run again: what is in the vault
 * already is compared and not stored twice, and what is there under the same name but differs is
 * never replaced. Several may run at once. A credential is lost at no point: it is emptied only
 * after it was read back from the vault.
 *
 * <p>What the database itself keeps of a row that was emptied (dead rows, its log, backups) is not
 * reached: change such credentials at their providers afterwards. Immutable and safe for use by
 * several threads; blocks on the storage.
 */
public final class CredentialImport {
  private static final int PAGE = 100;
  private static final int MAX_ID = 255;

  private final PlaneRuntime runtime;
  private final CredentialSource source;
  private final CredentialTarget target;

  private CredentialImport(PlaneRuntime runtime, CredentialSource source, CredentialTarget target) {
    this.runtime = runtime;
    this.source = Objects.requireNonNull(source, "source");
    this.target = Objects.requireNonNull(target, "target");
  }

  /** An import from there to here. */
  public static CredentialImport of(
      SecretVault vault, CredentialSource source, CredentialTarget target) {
    return new CredentialImport(vault.runtime(), source, target);
  }

  /**
   * Says what {@link #run} would do. Writes nothing but the audit events of what it compares.
   *
   * @throws TenantkitException when the source or the storage fails
   */
  public ImportReport dryRun(TenantContext context) {
    return new Run(context, true).all();
  }

  /**
   * Imports all that is pending. One that cannot be imported is reported and left as it is.
   *
   * @throws TenantkitException when the source or the storage fails; what was done stays done
   */
  public ImportReport run(TenantContext context) {
    context.requireOwnTransaction("an import");
    return new Run(context, false).all();
  }

  /** One call. */
  private final class Run {
    private final TenantContext context;
    private final boolean dry;
    private final List<Problem> problems = new ArrayList<>();
    private long read;
    private long imported;
    private long failed;

    Run(TenantContext context, boolean dry) {
      this.context = context;
      this.dry = dry;
    }

    ImportReport all() {
      @Nullable String last = null;
      List<HostCredential> page;
      do {
        page = source.pending(context, last, PAGE);
        try {
          page.forEach(this::one);
        } finally {
          page.forEach(HostCredential::close);
        }
        if (!page.isEmpty()) {
          last = page.get(page.size() - 1).id();
        }
      } while (!page.isEmpty());
      return new ImportReport(dry, read, imported, problems, failed);
    }

    private void one(HostCredential credential) {
      read++;
      if (credential.refusal().isPresent()) {
        told(credential, Reason.REFUSED, credential.refusal().get());
        return;
      }
      try {
        target.check(context, credential);
        @Nullable Reason reason = problem(credential);
        if (reason == null) {
          imported++;
        } else {
          told(credential, reason, "");
        }
      } catch (TenantkitException e) {
        // What is wrong with the storage is wrong with all of them, and may pass.
        if (e.code().retryable() || e.code().httpStatus() >= 500) {
          throw e;
        }
        told(credential, Reason.REFUSED, String.valueOf(e.getMessage()));
      }
    }

    private @Nullable Reason problem(HostCredential credential) {
      Held held = target.held(context, credential);
      if (held == Held.OTHER) {
        return Reason.TARGET_DIFFERS;
      }
      if (dry) {
        return null;
      }
      if (held == Held.NOTHING) {
        store(credential);
        // Read from the storage again, so that what is compared is what was kept.
        if (target.held(context, credential) != Held.SAME) {
          return Reason.READ_BACK_DIFFERS;
        }
      }
      return source.scrub(context, credential, evidence(credential))
          ? null
          : Reason.CHANGED_MEANWHILE;
    }

    private void store(HostCredential credential) {
      try {
        target.store(context, credential);
      } catch (ConflictException e) {
        // Somebody else imports at the same time: what is there now is compared like one's own.
      }
    }

    private java.util.function.Consumer<TenantContext> evidence(HostCredential credential) {
      AuditEvent event =
          runtime
              .event(
                  context, runtime.now(), "credential.imported", "host_credential", credential.id())
              .with("kind", credential.kind());
      return joined -> runtime.coreStores().audit().append(joined, event);
    }

    private void told(HostCredential credential, Reason reason, String message) {
      failed++;
      if (problems.size() < ImportReport.MAX_PROBLEMS) {
        String id = credential.id();
        problems.add(
            new Problem(id.length() > MAX_ID ? id.substring(0, MAX_ID) : id, reason, message));
      }
    }
  }
}
