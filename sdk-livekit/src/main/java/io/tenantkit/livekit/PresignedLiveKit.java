package io.tenantkit.livekit;

import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One LiveKit server, called with a token that somebody else signed: for a process that has no
 * secret, as an agent that moderates its room. Whoever has the secret issues the token, with what
 * its bearer may do and no more, and hands it over with the server's URL:
 *
 * <pre>{@code
 * livekit.tokens().issue(acme, ApiToken.inRoom("desk", "bridge").grant(VideoPermission.ROOM_ADMIN))
 * }</pre>
 *
 * <p>It takes neither storage nor control plane. The services over it ({@link
 * io.tenantkit.livekit.room.LiveKitRooms#of(PresignedLiveKit)} and the others) are called as ever
 * with a tenant's context, whose scopes they ask for; such a process makes one by {@link
 * TenantContext#trusted}. One of another organization or environment than this is for is answered
 * as one without credentials. Beyond that, the token decides: what it does not grant, the server
 * refuses ({@link ServerFailure#REFUSED}). Sending an agent takes {@link
 * VideoPermission#ROOM_CREATE} beside {@link VideoPermission#ROOM_ADMIN}, and listing who was sent
 * {@link VideoPermission#ROOM_LIST}.
 *
 * <p>Once the token has expired nothing is sent any more: {@link LiveKitException} with {@link
 * ServerFailure#EXPIRED}. Calls leave no event, since there is no audit trail here: that the token
 * was issued is in the ledger and the trail of who issued it.
 *
 * <p>Safe for use by several threads; calls block on the server.
 */
public interface PresignedLiveKit extends AutoCloseable {

  /**
   * To be configured.
   *
   * @param owner whose server it is: of the context, organization and environment
   * @param jwt the token, of which a copy is taken when this is built; its grants are the server's
   *     to check
   * @throws io.tenantkit.InvalidInputException when it is no signed token with an expiry
   */
  static Builder builder(TenantContext owner, ServerUrl server, SecretValue jwt) {
    return new Builder(owner, server, jwt);
  }

  /** The server. */
  ServerUrl serverUrl();

  /** Until when the token is good. */
  Instant expiresAt();

  /** Calls to the server. For upper modules. */
  ServerCalls calls();

  /**
   * Wipes the token, and closes the way out unless it was given. Later calls are refused: {@link
   * io.tenantkit.TenantkitException} with {@link io.tenantkit.ErrorCode#CLOSED}.
   */
  @Override
  void close();

  /** Collects settings. For one thread. */
  final class Builder {
    final TenantContext owner;
    final ServerUrl server;
    final SecretValue jwt;
    final Instant expiresAt;
    Optional<Egress> egress = Optional.empty();
    Clock clock = Clock.systemUTC();

    private Builder(TenantContext owner, ServerUrl server, SecretValue jwt) {
      this.owner = Objects.requireNonNull(owner, "owner");
      this.server = Objects.requireNonNull(server, "server");
      this.jwt = jwt;
      this.expiresAt = DefaultPresignedLiveKit.expiry(jwt);
    }

    /**
     * The way out to the server, which stays the caller's to close. Unless set, one as it comes:
     * public addresses, HTTPS, ports 443 and 8443.
     */
    public Builder egress(Egress given) {
      this.egress = Optional.of(given);
      return this;
    }

    /** By which the token expires; the system's unless set. */
    public Builder clock(Clock shown) {
      this.clock = Objects.requireNonNull(shown, "shown");
      return this;
    }

    /** The server, to be closed. */
    public PresignedLiveKit build() {
      return new DefaultPresignedLiveKit(this);
    }

    /** The server and the expiry; not the token. */
    @Override
    public String toString() {
      return "PresignedLiveKit.Builder[" + server + ", until " + expiresAt + "]";
    }
  }
}
