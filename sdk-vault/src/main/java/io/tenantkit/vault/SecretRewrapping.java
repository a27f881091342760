package io.tenantkit.vault;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.AssociatedData;
import io.tenantkit.vault.crypto.SecretEnvelope;
import io.tenantkit.vault.crypto.SecretVersionId;
import io.tenantkit.vault.spi.SecretRewrapStore;
import io.tenantkit.vault.spi.SecretRewrapStore.Rewrapped;
import io.tenantkit.vault.spi.SecretRewrapStore.WrappedVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts secret versions under an organization's newest key. It keeps no place of its own: what is
 * left to do is what is still under other keys, whoever stopped whenever.
 */
final class SecretRewrapping {
  /** Versions in one transaction. */
  static final int BATCH = 500;

  /** A version that was put under an old key while a pass was beyond it is found by the next. */
  private static final int PASSES = 3;

  private final PlaneRuntime runtime;
  private final SecretRewrapStore store;
  private final OrganizationKeyRing ring;

  /** Most versions that do not open of which one run tells; it counts all. */
  private static final int TOLD = 100;

  private final SecretEnvelope envelope;
  private final SecretEvents events;

  SecretRewrapping(
      PlaneRuntime runtime,
      SecretRewrapStore store,
      OrganizationKeyRing ring,
      SecretEnvelope envelope) {
    this.runtime = runtime;
    this.store = store;
    this.ring = ring;
    this.envelope = envelope;
    this.events = new SecretEvents(runtime);
  }

  SecretsRewrap run(TenantContext context) {
    long rewrapped = 0;
    long failed = 0;
    // A later pass meets them again.
    Set<List<Object>> told = new HashSet<>();
    String keyId = "";
    for (int pass = 1; pass <= PASSES; pass++) {
      failed = 0;
      boolean quiet = true;
      @Nullable WrappedVersion after = null;
      List<WrappedVersion> page;
      do {
        WrappedVersion from = after;
        Batch batch = ring.working(() -> batch(context, from));
        keyId = batch.keyId();
        page = batch.page();
        if (!page.isEmpty()) {
          after = page.get(page.size() - 1);
        }
        failed += batch.failed().size();
        tell(context, batch.failed(), told);
        int done = batch.rewrapped().isEmpty() ? 0 : write(context, batch);
        rewrapped += done;
        quiet &= done == 0 && page.size() == batch.failed().size();
      } while (page.size() == BATCH);
      if (quiet) {
        break;
      }
    }
    return new SecretsRewrap(keyId, false, rewrapped, failed);
  }

  private void tell(TenantContext context, List<WrappedVersion> failed, Set<List<Object>> told) {
    for (WrappedVersion version : failed) {
      if (told.size() < TOLD && told.add(List.of(version.secretId(), version.number()))) {
        events.rejected(context, version.secretId(), version.number(), "rewrap");
      }
    }
  }

  /** What a run would do, and nothing of it: nothing is counted, made or written. */
  SecretsRewrap plan(TenantContext context) {
    Optional<String> newest = ring.newestId(context);
    if (newest.isEmpty()) {
      return new SecretsRewrap("", true, 0, 0);
    }
    long opened = 0;
    long failed = 0;
    @Nullable WrappedVersion after = null;
    List<WrappedVersion> page;
    do {
      page = store.notUnder(context, newest.get(), after, BATCH);
      for (WrappedVersion version : page) {
        after = version;
        switch (ring.working(() -> look(context, version))) {
          case OPENS -> opened++;
          case FAILS -> failed++;
          case CHANGED -> {}
        }
      }
    } while (page.size() == BATCH);
    return new SecretsRewrap(newest.get(), true, opened, failed);
  }

  private enum Look {
    OPENS,
    FAILS,
    CHANGED
  }

  private Look look(TenantContext context, WrappedVersion version) {
    try {
      envelope.requireOpens(
          ring.get(context, version.organizationKeyId()),
          associated(context.organization(), version),
          version.wrappedDataKey(),
          version.fields());
      return Look.OPENS;
    } catch (TenantkitException e) {
      return failed(context, version, e) ? Look.FAILS : Look.CHANGED;
    }
  }

  /**
   * Whether the row itself does not open. Otherwise another node has put the version under a newer
   * key since the row was read, and then destroyed the key that it named.
   */
  private boolean failed(TenantContext context, WrappedVersion read, TenantkitException e) {
    if (e.code() != ErrorCode.CIPHERTEXT_REJECTED) {
      throw e;
    }
    return store
        .find(context, read.secretId(), read.number())
        .filter(now -> now.organizationKeyId().equals(read.organizationKeyId()))
        .isPresent();
  }

  private record Batch(
      String keyId,
      List<WrappedVersion> page,
      List<Rewrapped> rewrapped,
      List<WrappedVersion> failed) {}

  private Batch batch(TenantContext context, @Nullable WrappedVersion after) {
    // Asked for each time: the newest is another one when somebody rotates meanwhile.
    OrganizationKeyRing.NamedKey newest = ring.newest(context, BATCH);
    List<WrappedVersion> page = store.notUnder(context, newest.id(), after, BATCH);
    List<Rewrapped> rewrapped = new ArrayList<>();
    List<WrappedVersion> failed = new ArrayList<>();
    for (WrappedVersion version : page) {
      try {
        SealingKey old = ring.get(context, version.organizationKeyId());
        byte[] wrapped =
            envelope.rewrap(
                old,
                newest.key(),
                associated(context.organization(), version),
                version.wrappedDataKey(),
                version.fields());
        rewrapped.add(new Rewrapped(version, version.under(newest.id(), wrapped)));
      } catch (TenantkitException e) {
        if (failed(context, version, e)) {
          failed.add(version);
        }
      }
    }
    return new Batch(newest.id(), page, rewrapped, failed);
  }

  private int write(TenantContext context, Batch batch) {
    return store.rewrap(context, batch.rewrapped(), count -> event(context, batch, count));
  }

  private AuditEvent event(TenantContext context, Batch batch, int count) {
    return runtime
        .event(context, runtime.now(), "secrets.rewrapped", "organization_key", batch.keyId())
        .with("versions", Integer.toString(count));
  }

  /**
   * As the vault has it for the same version: the one place to change when that is bound to more.
   */
  private static AssociatedData associated(OrganizationId organization, WrappedVersion version) {
    try {
      AssociatedData bound =
          AssociatedData.of(
              new SecretVersionId(
                  organization.value(),
                  version.projectId(),
                  version.environment().toLowerCase(Locale.ROOT),
                  version.secretId(),
                  version.number()));
      return version.destination().isEmpty()
          ? bound
          : bound.withBinding(version.destination().getBytes(StandardCharsets.UTF_8));
    } catch (InvalidInputException e) {
      throw SealingKey.rejected();
    }
  }
}
