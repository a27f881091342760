package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.EgressResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Twirp over the guarded way out. The credentials are wiped before anything is sent. */
final class DefaultServerCalls implements ServerCalls {
  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final Egress egress;

  DefaultServerCalls(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      Egress egress) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.organizations = organizations;
    this.egress = egress;
  }

  /** A server and a token for one call to it. */
  private record Signed(ServerUrl server, SecretValue token) {}

  @Override
  public JsonNode call(TenantContext context, ServerCall call) {
    context.requireOwnTransaction("a call of LiveKit's server");
    organizations.require(context);
    Signed signed = sign(context, call);
    try (SecretValue token = signed.token()) {
      EgressRequest request =
          EgressRequest.post(
                  signed.server().http() + "/twirp/livekit." + call.service() + "/" + call.method())
              .secretHeader("Authorization", "Bearer ", token)
              .body(call.json().getBytes(StandardCharsets.UTF_8), "application/json")
              .onBehalfOf(context.organization().value())
              .wholeAnswer()
              .build();
      return read(egress.send(request));
    }
  }

  private Signed sign(TenantContext context, ServerCall call) {
    TokenSpec spec = call.token().ttl(Duration.ofSeconds(TOKEN_SECONDS)).spec;
    long now = runtime.now().getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, runtime.ids().next("tok"), now, now + TOKEN_SECONDS);
    return credentials.use(
        context,
        call.purpose(),
        (server, apiKey, key) ->
            new Signed(server, SecretValue.takeOver(unsigned.sign(apiKey, key))));
  }

  private static JsonNode read(EgressResponse answer) {
    @Nullable JsonNode json = ServerAnswer.object(answer.body()).orElse(null);
    if (answer.isSuccess() && json != null) {
      return json;
    }
    throw new LiveKitException(failure(answer.status(), json));
  }

  /** By Twirp's codes; what has none of them did not come from LiveKit. */
  private static ServerFailure failure(int status, @Nullable JsonNode json) {
    String code = json == null ? "" : json.path("code").asText("");
    return switch (code) {
      case "unauthenticated", "permission_denied" -> ServerFailure.REFUSED;
      case "not_found" -> ServerFailure.NOT_FOUND;
      case "invalid_argument", "malformed", "out_of_range" -> ServerFailure.INVALID;
      case "already_exists", "failed_precondition", "aborted" -> ServerFailure.CONFLICT;
      case "resource_exhausted" -> ServerFailure.EXHAUSTED;
      case "unimplemented", "bad_route" -> ServerFailure.UNSUPPORTED;
      case "unavailable", "deadline_exceeded", "canceled" -> ServerFailure.UNAVAILABLE;
      case "internal", "unknown", "dataloss" -> ServerFailure.FAILED;
      default -> byStatus(status);
    };
  }

  /** Of a proxy in front of a server, or of none. */
  private static ServerFailure byStatus(int status) {
    return switch (status) {
      case 401, 403 -> ServerFailure.REFUSED;
      case 429 -> ServerFailure.EXHAUSTED;
      case 502, 503, 504 -> ServerFailure.UNAVAILABLE;
      case 500 -> ServerFailure.FAILED;
      default -> ServerFailure.NO_LIVEKIT;
    };
  }
}
