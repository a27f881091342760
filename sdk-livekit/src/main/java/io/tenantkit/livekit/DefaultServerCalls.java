package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.AnswerReader;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.EgressResponse;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Twirp over the guarded way out. The credentials are wiped before anything is sent. */
final class DefaultServerCalls implements ServerCalls {
  private static final String JSON_TYPE = "application/json";

  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final Egress egress;

  /** Signs without an event, for what the library asks for itself, again and again. */
  private final @Nullable SigningKeys unrecorded;

  /** Of the library's own calls, which are made for suspended organizations too. */
  private final Optional<Duration> atMost;

  private DefaultServerCalls(
      DefaultServerCalls recorded, @Nullable SigningKeys keys, Duration atMost) {
    this.runtime = recorded.runtime;
    this.credentials = recorded.credentials;
    this.organizations = recorded.organizations;
    this.egress = recorded.egress;
    this.unrecorded = keys;
    this.atMost = Optional.of(atMost);
  }

  /** The same calls for the library itself, suspended organizations or not, each in this time. */
  ServerCalls own(Duration eachAtMost) {
    return new DefaultServerCalls(this, null, eachAtMost);
  }

  /** As {@link #own(Duration)}, signed with these keys and without an event. */
  ServerCalls unrecorded(SigningKeys keys, Duration eachAtMost) {
    return new DefaultServerCalls(this, keys, eachAtMost);
  }

  DefaultServerCalls(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      Egress egress) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.organizations = organizations;
    this.egress = egress;
    this.unrecorded = null;
    this.atMost = Optional.empty();
  }

  /** A server and a token for one call to it. */
  private record Signed(ServerUrl server, SecretValue token) {}

  @Override
  public JsonNode call(TenantContext context, ServerCall call) {
    return call(context, call, DefaultServerCalls::object);
  }

  @Override
  public <T> T call(TenantContext context, ServerCall call, AnswerReader<T> reader) {
    context.requireOwnTransaction("a call of LiveKit's server");
    if (atMost.isEmpty()) {
      organizations.require(context);
    }
    Signed signed = sign(context, call);
    try (SecretValue token = signed.token()) {
      EgressRequest.Builder request =
          EgressRequest.post(
                  signed.server().http() + "/twirp/livekit." + call.service() + "/" + call.method())
              .secretHeader("Authorization", "Bearer ", token)
              .onBehalfOf(context.organization().value())
              .wholeAnswer();
      call.patience().ifPresent(request::patience);
      atMost.ifPresent(request::timeout);
      call.body().in(request);
      return read(egress.send(request.build()), call.body().contentType(), reader);
    }
  }

  private Signed sign(TenantContext context, ServerCall call) {
    TokenSpec spec = call.token().ttl(Duration.ofSeconds(TOKEN_SECONDS)).spec;
    long now = runtime.now().getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, runtime.ids().next("tok"), now, now + TOKEN_SECONDS);
    if (unrecorded != null) {
      SigningKeys.Entry keyed = unrecorded.known(context);
      return new Signed(
          keyed.serverUrl(), SecretValue.takeOver(unsigned.sign(keyed.apiKey(), keyed.key())));
    }
    return credentials.use(
        context,
        call.purpose(),
        (server, apiKey, key) ->
            new Signed(server, SecretValue.takeOver(unsigned.sign(apiKey, key))));
  }

  private static <T> T read(EgressResponse answer, String contentType, AnswerReader<T> reader) {
    byte[] body = answer.body();
    try {
      if (answer.isSuccess() && isOf(answer, contentType)) {
        return reader.read(body);
      }
      throw failed(answer.status(), ServerAnswer.object(body).orElse(null));
    } catch (IOException e) {
      throw new LiveKitException(failure(answer.status(), null));
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }

  /** JSON is known by being read; bytes of another kind may pass for a protocol buffer. */
  private static boolean isOf(EgressResponse answer, String contentType) {
    return contentType.equals(JSON_TYPE)
        || answer.header("content-type").filter(type -> type.startsWith(contentType)).isPresent();
  }

  private static JsonNode object(byte[] body) throws IOException {
    return ServerAnswer.object(body).orElseThrow(() -> new StreamCorruptedException("no object"));
  }

  /** Of a telephone call that failed, the code is about the call, not about the server. */
  private static LiveKitException failed(int status, @Nullable JsonNode json) {
    if (json != null) {
      int sip = json.path("meta").path("sip_status_code").asInt(0);
      if (sip >= SipStatus.LOWEST && sip <= SipStatus.HIGHEST) {
        return new LiveKitException(new SipStatus(sip));
      }
    }
    return new LiveKitException(failure(status, json));
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
