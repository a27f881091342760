package io.tenantkit.livekit;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.CredentialMarker;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.CredentialClaim;
import io.tenantkit.vault.spi.CredentialMarkStore.MarkedVersion;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import io.tenantkit.vault.spi.CredentialMarks;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
    if (host != null
        && (host.excludes(marks)
            || (host.key().equals(marks.key()) && host.server().equals(marks.server())))) {
      throw CredentialMarks.taken();
    }
  }

  /** What a put of these credentials claims, or the refusal of the host's. */
  CredentialClaim claim(CredentialMarks marks, Optional<Instant> overlapUntil) {
    requireNotHost(marks);
    return new CredentialClaim(marks, overlapUntil);
  }

  /**
   * For credentials that are there, however they came.
   *
   * @throws io.tenantkit.TenantkitException with {@code CREDENTIALS_TAKEN}
   */
  void claim(TenantContext context, Secret secret, CredentialMarks marks) {
    requireNotHost(marks);
    if (!marker.store().claim(context, secret, marks, runtime.now())) {
      throw CredentialMarks.taken();
    }
  }

  /** Whether they are another tenant's. */
  boolean isHeld(TenantContext context, CredentialMarks marks) {
    return marker.store().isHeld(context, marks, runtime.now());
  }

  List<Owner> owners(String apiKey, @Nullable Owner after, int limit) {
    return marker.store().owners(marker.keyMark(apiKey), runtime.now(), after, limit);
  }

  List<MarkedVersion> versions(TenantContext context, Secret secret) {
    return marker.store().find(context, secret.id());
  }
}
