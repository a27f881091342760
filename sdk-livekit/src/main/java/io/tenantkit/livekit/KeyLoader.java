package io.tenantkit.livekit;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens a tenant's credentials for {@link SigningKeys}, when they are the tenant's own. */
final class KeyLoader {
  private static final Purpose LOADED =
      new Purpose("livekit.key.loaded", "sign and verify LiveKit tokens", Map.of());

  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final OwnAccounts accounts;

  KeyLoader(PlaneRuntime runtime, StoredCredentials credentials, OwnAccounts accounts) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.accounts = accounts;
  }

  /** The secret's row; nothing is opened. */
  Secret find(TenantContext context) {
    return credentials.find(context);
  }

  TenantKeys load(TenantContext context, Organization organization) {
    List<TenantKey> opened = new ArrayList<>();
    boolean done = false;
    try {
      TenantKeys entry =
          credentials.open(
              context,
              LOADED,
              (secret, stored) -> {
                TenantKey current = key(stored, secret.currentVersion(), Optional.empty());
                opened.add(current);
                return new TenantKeys(runtime, organization, secret, current, List.of());
              });
      entry = withReplaced(context, organization, entry, opened);
      done = true;
      return entry;
    } finally {
      if (!done) {
        opened.forEach(key -> key.mac().close());
      }
    }
  }

  private TenantKeys withReplaced(
      TenantContext context, Organization organization, TenantKeys entry, List<TenantKey> opened) {
    Instant now = runtime.now();
    List<TenantKey> replaced = new ArrayList<>();
    for (MarkedVersion version : accounts.versions(context, entry.secret())) {
      if (version.version() != entry.version()
          && version.until().isPresent()
          && version.countsAt(now)) {
        replaced(context, version).ifPresent(replaced::add);
      }
    }
    opened.addAll(replaced);
    return replaced.isEmpty()
        ? entry
        : new TenantKeys(runtime, organization, entry.secret(), entry.currentKey(), replaced);
  }

  private static TenantKey key(LiveKitCredentials stored, long version, Optional<Instant> until) {
    return new TenantKey(
        stored.apiKey(),
        SigningKey.takeOver(stored.apiSecret().bytes(SecretAccess.get())),
        stored.serverUrl(),
        version,
        until);
  }

  /** Empty when the version is gone: it was destroyed, or nobody kept so many. */
  private Optional<TenantKey> replaced(TenantContext context, MarkedVersion version) {
    try {
      return Optional.of(
          credentials.open(
              context,
              version.version(),
              LOADED,
              (secret, stored) -> key(stored, version.version(), version.until())));
    } catch (NotFoundException e) {
      return Optional.empty();
    } catch (TenantkitException e) {
      if (e.code() == ErrorCode.SECRET_EXPIRED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
