package io.tenantkit.vault;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StoredAuditKey;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.crypto.WrappedOrganizationKey;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.OrganizationKeyStore.Counted;
import io.tenantkit.vault.spi.OrganizationKeyStore.Rewrapped;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Wraps organizations' keys under the current master key, and ends the use of previous ones. */
final class MasterKeyRewrapping {
  private static final int PAGE = 1_000;
  private static final int ATTEMPTS = 5;

  private final PlaneRuntime runtime;
  private final OrganizationKeyStore store;
  private final OrganizationKeyRing ring;
  private final WrappedKeys erasureKeys;
  private final WrappedKeys marks;

  MasterKeyRewrapping(
      PlaneRuntime runtime,
      OrganizationKeyStore store,
      OrganizationKeyRing ring,
      WrappedKeys erasureKeys,
      WrappedKeys marks) {
    this.runtime = runtime;
    this.store = store;
    this.ring = ring;
    this.erasureKeys = erasureKeys;
    this.marks = marks;
  }

  /** Does the work for each organization as that organization, in the operator's name. */
  void each(Operator operator, Consumer<TenantContext> work) {
    @Nullable String after = null;
    List<Organization> page;
    do {
      page = runtime.coreStores().organizations().list(operator, after, PAGE);
      for (Organization organization : page) {
        after = organization.id().value();
        work.accept(TenantContext.trusted(organization.id(), operator.actor()));
      }
    } while (page.size() == PAGE);
  }

  MasterKeyRewrap run(Operator operator, boolean dryRun) {
    if (!dryRun) {
      erasureKeys.rewrap(operator);
      marks.rewrap(operator);
    }
    long[] counts = new long[3];
    List<OrganizationId> failed = new ArrayList<>();
    each(
        operator,
        context -> {
          counts[0]++;
          try {
            List<Counted> keys = store.ring(context);
            counts[1] += keys.size();
            counts[2] += dryRun ? old(keys).size() : rewrap(operator, context, keys);
          } catch (TenantkitException e) {
            if (e.code() != ErrorCode.CIPHERTEXT_REJECTED) {
              throw e;
            }
            if (failed.size() < MasterKeyRewrap.MOST_NAMED) {
              failed.add(context.organization());
            }
          }
        });
    return new MasterKeyRewrap(
        runtime.masterKeys().currentId(), dryRun, counts[0], counts[1], counts[2], failed);
  }

  private List<StoredOrganizationKey> old(List<Counted> keys) {
    String current = runtime.masterKeys().currentId();
    return keys.stream()
        .map(Counted::key)
        .filter(key -> !key.masterKeyId().equals(current))
        .toList();
  }

  private int rewrap(Operator operator, TenantContext context, List<Counted> ringAsRead) {
    List<StoredOrganizationKey> old = old(ringAsRead);
    for (int attempt = 1; !old.isEmpty(); attempt++) {
      List<Rewrapped> rewrapped =
          old.stream().map(key -> new Rewrapped(key, rewrapped(context, key))).toList();
      boolean done =
          store.rewrap(
              context,
              rewrapped,
              runtime
                  .event(
                      operator,
                      context.organization(),
                      runtime.now(),
                      "organization_keys.rewrapped")
                  .with("keys", Integer.toString(rewrapped.size()))
                  .with("masterKey", runtime.masterKeys().currentId()));
      if (done) {
        return rewrapped.size();
      }
      if (attempt == ATTEMPTS) {
        throw ConflictException.stale("organization key");
      }
      // Another node is at the same work, or a key was destroyed.
      old = old(store.ring(context));
    }
    return 0;
  }

  private StoredOrganizationKey rewrapped(TenantContext context, StoredOrganizationKey key) {
    WrappedOrganizationKey anew = ring.envelope().rewrap(OrganizationKeyRing.wrapped(context, key));
    // Seen to open before the old wrapping goes, for then it is too late.
    ring.envelope().open(anew).close();
    return new StoredOrganizationKey(
        key.number(),
        key.keyId(),
        runtime.masterKeys().currentId(),
        anew.record(),
        key.createdAt());
  }

  void retire(Operator operator, String masterKeyId) {
    if (runtime.masterKeys().currentId().equals(masterKeyId)) {
      throw new ConflictException("the current master key cannot be retired");
    }
    if (runtime.coreStores().masterKeys().list().stream()
        .noneMatch(check -> check.id().equals(masterKeyId))) {
      throw new NotFoundException("master key");
    }
    if (isNeededByAudit(masterKeyId)) {
      throw new ConflictException(
          "a key that signs the audit trail is wrapped by this master key alone; the due work wraps"
              + " it anew before it signs next");
    }
    erasureKeys.rewrap(operator);
    if (!erasureKeys.release(operator, masterKeyId)) {
      throw new ConflictException("a key that signs erasures is wrapped by this master key alone");
    }
    marks.rewrap(operator);
    if (!marks.release(operator, masterKeyId)) {
      throw new ConflictException("the key of marks is wrapped by this master key alone");
    }
    if (!runtime.coreStores().masterKeys().retire(operator, masterKeyId, runtime.now())) {
      throw new ConflictException(
          "an organization's key, or one that was just made for the installation, is wrapped by this"
              + " master key still");
    }
  }

  private boolean isNeededByAudit(String masterKeyId) {
    List<StoredAuditKey> stored = runtime.coreStores().auditCheckpoints().keys();
    Set<Integer> others =
        stored.stream()
            .filter(key -> !key.masterKeyId().equals(masterKeyId))
            .filter(key -> runtime.masterKeys().ids().contains(key.masterKeyId()))
            .map(StoredAuditKey::number)
            .collect(Collectors.toSet());
    return stored.stream()
        .anyMatch(key -> key.masterKeyId().equals(masterKeyId) && !others.contains(key.number()));
  }
}
