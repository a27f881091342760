package io.tenantkit.livekit;

import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.LiveKitConnection.Replaced;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore.CredentialCheck;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import io.tenantkit.vault.spi.CredentialMarks;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Stores, replaces, shows and removes tenants' credentials. */
final class Connections {
  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final OwnAccounts accounts;
  private final SigningKeys keys;
  private final KeyOwners owners;

  Connections(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      OwnAccounts accounts,
      SigningKeys keys,
      KeyOwners owners) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.accounts = accounts;
    this.keys = keys;
    this.owners = owners;
  }

  LiveKitConnection connect(TenantContext context, LiveKitCredentials wanted, Duration overlap) {
    context.require(Scopes.LIVEKIT_CONNECT);
    if (overlap.isNegative() || overlap.compareTo(LiveKit.MAX_OVERLAP) > 0) {
      throw new InvalidInputException("overlap", "0 to " + LiveKit.MAX_OVERLAP.toDays() + " days");
    }
    Optional<Instant> until =
        overlap.isZero()
            ? Optional.empty()
            : Optional.of(runtime.now().plus(overlap).truncatedTo(ChronoUnit.MICROS));
    CredentialMarks marks = accounts.marks(wanted);
    accounts.requireFree(context, marks);
    Secret stored = credentials.put(context, wanted, new CredentialClaim(marks, until));
    // Its server may send at once.
    changed(
        context,
        () -> {
          evict(context);
          owners.forget(wanted.apiKey());
        });
    return new LiveKitConnection(
        stored.ref().environment(),
        wanted.serverUrl(),
        wanted.apiKey(),
        stored.currentVersion(),
        stored.updatedAt(),
        marks.shortSecret(),
        List.of(),
        Optional.empty());
  }

  void disconnect(TenantContext context) {
    context.require(Scopes.LIVEKIT_CONNECT);
    credentials.destroy(context);
    changed(context, () -> evict(context));
  }

  /** In a joined transaction once the host has committed: until then nothing has changed. */
  private static void changed(TenantContext context, Runnable then) {
    context.transaction().ifPresentOrElse(joined -> joined.afterCommit(then), then);
  }

  private void evict(TenantContext context) {
    keys.evict(context.organization(), context.environment());
  }

  Optional<LiveKitConnection> connection(TenantContext context) {
    context.require(Scopes.LIVEKIT_READ);
    try {
      TenantKeys entry = keys.known(context);
      Optional<MarkedVersion> marked =
          accounts.versions(context, entry.secret()).stream()
              .filter(each -> each.version() == entry.version())
              .findFirst();
      return Optional.of(
          new LiveKitConnection(
              context.environment(),
              entry.serverUrl(),
              entry.apiKey(),
              entry.version(),
              entry.secret().updatedAt(),
              marked.map(each -> each.marks().shortSecret()).orElse(false),
              entry.replaced().stream()
                  .filter(each -> each.until().filter(runtime.now()::isBefore).isPresent())
                  .map(each -> new Replaced(each.apiKey(), each.until().orElseThrow()))
                  .toList(),
              marked.flatMap(MarkedVersion::check).map(Connections::shown)));
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  private static LiveKitCheck shown(CredentialCheck kept) {
    return new LiveKitCheck(
        LiveKitCheck.Status.valueOf(kept.verdict()),
        kept.message(),
        Duration.ofMillis(kept.millis()),
        kept.at());
  }
}
