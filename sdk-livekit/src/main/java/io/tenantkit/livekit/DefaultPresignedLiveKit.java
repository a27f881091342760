package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.livekit.spi.AnswerReader;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The token is copied for each call, so that wiping it does not break one under way. */
final class DefaultPresignedLiveKit implements PresignedLiveKit, ServerCalls {
  private final OrganizationId organization;
  private final Environment environment;
  private final ServerUrl server;
  private final Instant expiresAt;
  private final Clock clock;
  private final Egress egress;
  private final boolean ownsEgress;
  private final SecretValue jwt;

  DefaultPresignedLiveKit(Builder settings) {
    this.organization = settings.owner.organization();
    this.environment = settings.owner.environment();
    this.server = settings.server;
    this.expiresAt = settings.expiresAt;
    this.clock = settings.clock;
    this.jwt = copy(settings.jwt);
    this.ownsEgress = settings.egress.isEmpty();
    this.egress = settings.egress.orElseGet(Egress::create);
  }

  private static SecretValue copy(SecretValue jwt) {
    return SecretValue.takeOver(jwt.bytes(SecretAccess.get()));
  }

  /** Nobody here can tell whether the token is genuine; what it says of its end is for us alone. */
  static Instant expiry(SecretValue jwt) {
    try {
      CompactJws token = CompactJws.parse(jwt.string(SecretAccess.get()));
      return ClaimsReader.read(token.payload())
          .expiresAt()
          .orElseThrow(() -> new InvalidInputException("jwt", "a token that expires"));
    } catch (TokenRefusal e) {
      throw new InvalidInputException("jwt", "a token that is signed with HS256");
    }
  }

  @Override
  public ServerUrl serverUrl() {
    return server;
  }

  @Override
  public Instant expiresAt() {
    return expiresAt;
  }

  @Override
  public ServerCalls calls() {
    return this;
  }

  @Override
  public JsonNode call(TenantContext context, ServerCall call) {
    return call(context, call, SignedCall::object);
  }

  @Override
  public <T> T call(TenantContext context, ServerCall call, AnswerReader<T> reader) {
    context.requireOwnTransaction("a call of LiveKit's server");
    if (!context.organization().equals(organization) || context.environment() != environment) {
      throw new NotFoundException("livekit credentials");
    }
    try (SecretValue token = open()) {
      if (!clock.instant().isBefore(expiresAt)) {
        throw new LiveKitException(ServerFailure.EXPIRED);
      }
      return new SignedCall(server, token, organization, Optional.empty())
          .send(egress, call, reader);
    }
  }

  /** None: it knows one server. */
  @Override
  public List<ServerCalls> replaced(TenantContext context) {
    return List.of();
  }

  private SecretValue open() {
    try {
      return copy(jwt);
    } catch (IllegalStateException e) {
      throw new TenantkitException(ErrorCode.CLOSED, "the token for the LiveKit server was wiped");
    }
  }

  @Override
  public void close() {
    jwt.close();
    if (ownsEgress) {
      egress.close();
    }
  }

  /** The server and the expiry; not the token. */
  @Override
  public String toString() {
    return "PresignedLiveKit[" + server + ", until " + expiresAt + "]";
  }
}
