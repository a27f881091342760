package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.livekit.spi.AnswerReader;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Twirp over the guarded way out. The credentials are wiped before anything is sent. */
final class DefaultServerCalls implements ServerCalls {
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
    return call(context, call, SignedCall::object);
  }

  @Override
  public <T> T call(TenantContext context, ServerCall call, AnswerReader<T> reader) {
    context.requireOwnTransaction("a call of LiveKit's server");
    if (atMost.isEmpty()) {
      organizations.require(context);
    }
    Signed signed = sign(context, call);
    try (SecretValue token = signed.token()) {
      return new SignedCall(signed.server(), token, context.organization(), atMost)
          .send(egress, call, reader);
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
}
