package io.tenantkit.livekit;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.CredentialMarker;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialMarkStore;
import io.tenantkit.vault.spi.CredentialMarkStore.CredentialCheck;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarks;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that each tenant's credentials are that tenant's own: neither the host's nor another
 * tenant's. Compared by keyed marks; nothing is opened for it.
 */
final class OwnAccounts {
  /** LiveKit asks for as many (RFC 7518 §3.2). */
  static final int GOOD_SECRET_BYTES = 32;

  private final PlaneRuntime runtime;
  private final CredentialMarker marker;
  private final @Nullable CredentialMarks host;

  OwnAccounts(PlaneRuntime runtime, CredentialMarker marker, @Nullable LiveKitCredentials host) {
    this.runtime = runtime;
    this.marker = marker;
    this.host = host == null ? null : marks(host);
  }

  /** The marks of credentials. */
  CredentialMarks marks(LiveKitCredentials credentials) {
    byte[] secret = credentials.apiSecret().bytes(SecretAccess.get());
    try {
      return marks(credentials, secret);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** The marks of credentials whose secret is at hand. */
  CredentialMarks marks(LiveKitCredentials credentials, byte[] secret) {
    return marker.mark(
        credentials.serverUrl().canonical(),
        credentials.apiKey(),
        secret,
        secret.length < GOOD_SECRET_BYTES);
  }

  /**
   * Refuses the host's account: its secret with its key or on its server, and its key on its server
   * whatever the secret, for there that key is nobody else's.
   *
   * @throws io.tenantkit.TenantkitException with {@code CREDENTIALS_TAKEN}
   */
  void requireNotHost(CredentialMarks marks) {
    if (isHost(marks)) {
      throw CredentialMarks.taken();
    }
  }

  /** Whether they are the host's account. */
  boolean isHost(CredentialMarks marks) {
    return host != null
        && (host.excludes(marks)
            || (host.key().equals(marks.key()) && host.server().equals(marks.server())));
  }

  boolean isHostSecretShort() {
    return host != null && host.shortSecret();
  }

  /**
   * For the credentials that are in force, however they came into the vault.
   *
   * @throws io.tenantkit.TenantkitException with {@code CREDENTIALS_TAKEN}
   */
  void requireOwn(TenantContext context, Secret secret, LiveKitCredentials credentials) {
    CredentialMarks marks = marks(credentials);
    requireNotHost(marks);
    boolean claimed =
        versions(context, secret).stream()
            .anyMatch(
                each ->
                    each.version() == secret.currentVersion()
                        && each.until().isEmpty()
                        && each.marks().equals(marks));
    if (!claimed && !marker.store().claim(context, secret, marks, runtime.now())) {
      throw CredentialMarks.taken();
    }
  }

  /** Keeps how a check ended. */
  void checked(TenantContext context, Secret secret, CredentialCheck check) {
    marker.store().checked(context, secret.id(), secret.currentVersion(), check);
  }

  CredentialMarkStore store() {
    return marker.store();
  }

  /**
   * Refuses what is another tenant's before anything is written or made for it; the put itself
   * claims, so that of two at once one is refused.
   */
  void requireFree(TenantContext context, CredentialMarks marks) {
    requireNotHost(marks);
    if (marker.store().isHeld(context, marks, runtime.now())) {
      throw CredentialMarks.taken();
    }
  }

  List<Owner> owners(String apiKey, @Nullable Owner after, int limit) {
    return marker.store().owners(marker.keyMark(apiKey), runtime.now(), after, limit);
  }

  List<MarkedVersion> versions(TenantContext context, Secret secret) {
    return marker.store().find(context, secret.id());
  }
}
