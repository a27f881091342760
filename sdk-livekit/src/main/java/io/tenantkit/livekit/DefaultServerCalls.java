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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Twirp over the guarded way out. The credentials are wiped before anything is sent. */
final class DefaultServerCalls implements ServerCalls {
  private static final String JSON_TYPE = "application/json";

  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final SigningKeys keys;
  private final Egress egress;
  private final Kind kind;

  /** The key of a server that was replaced; empty for the current one. */
  private final Optional<SigningKeys.Key> replaced;

  /**
   * What sort of calls.
   *
   * @param recorded whether each leaves an event; what the library asks for itself, again and
   *     again, does not
   * @param atMost of the library's own calls, which are made for suspended organizations too
   */
  private record Kind(boolean recorded, Optional<Duration> atMost) {}

  DefaultServerCalls(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      SigningKeys keys,
      Egress egress) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.organizations = organizations;
    this.keys = keys;
    this.egress = egress;
    this.kind = new Kind(true, Optional.empty());
    this.replaced = Optional.empty();
  }

  private DefaultServerCalls(
      DefaultServerCalls others, Kind kind, Optional<SigningKeys.Key> replaced) {
    this.runtime = others.runtime;
    this.credentials = others.credentials;
    this.organizations = others.organizations;
    this.keys = others.keys;
    this.egress = others.egress;
    this.kind = kind;
    this.replaced = replaced;
  }

  /** The same calls for the library itself, suspended organizations or not, each in this time. */
  DefaultServerCalls own(Duration eachAtMost) {
    return new DefaultServerCalls(this, new Kind(true, Optional.of(eachAtMost)), replaced);
  }

  /** As {@link #own(Duration)}, without an event. */
  DefaultServerCalls unrecorded(Duration eachAtMost) {
    return new DefaultServerCalls(this, new Kind(false, Optional.of(eachAtMost)), replaced);
  }

  @Override
  public List<ServerCalls> replaced(TenantContext context) {
    return List.copyOf(elsewhere(context));
  }

  /** As {@link #replaced}. */
  List<DefaultServerCalls> elsewhere(TenantContext context) {
    return keys.known(context).elsewhere().stream()
        .map(key -> new DefaultServerCalls(this, kind, Optional.of(key)))
        .toList();
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
    if (kind.atMost().isEmpty()) {
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
      kind.atMost().ifPresent(request::timeout);
      call.body().in(request);
      return read(egress.send(request.build()), call.body().contentType(), reader);
    }
  }

  private Signed sign(TenantContext context, ServerCall call) {
    TokenSpec spec = call.token().ttl(Duration.ofSeconds(TOKEN_SECONDS)).spec;
    long now = runtime.now().getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, runtime.ids().next("tok"), now, now + TOKEN_SECONDS);
    StoredCredentials.Use<Signed> signing =
        (server, apiKey, key) ->
            new Signed(server, SecretValue.takeOver(unsigned.sign(apiKey, key)));
    if (!kind.recorded()) {
      SigningKeys.Key key = replaced.orElseGet(() -> keys.known(context).currentKey());
      return signing.with(key.server(), key.apiKey(), key.mac());
    }
    return replaced.isEmpty()
        ? credentials.use(context, call.purpose(), signing)
        : credentials.use(context, replaced.get().version(), call.purpose(), signing);
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
