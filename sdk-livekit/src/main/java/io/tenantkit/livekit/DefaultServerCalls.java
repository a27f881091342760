package io.tenantkit.livekit;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.NotFoundException;
import io.tenantkit.livekit.spi.AnswerReader;
import io.tenantkit.livekit.spi.ServerCall;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Twirp over the guarded way out. The credentials are wiped before anything is sent. */
final class DefaultServerCalls implements ServerCalls {
  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final SigningKeys keys;
  private final Egress egress;
  private final Kind kind;

  /** The key of a server that was replaced; empty for the current one. */
  private final Optional<TenantKey> replaced;

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

  private DefaultServerCalls(DefaultServerCalls others, Kind kind, Optional<TenantKey> replaced) {
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
    return call(context, call, SignedCall::object);
  }

  @Override
  public <T> T call(TenantContext context, ServerCall call, AnswerReader<T> reader) {
    context.requireOwnTransaction("a call of LiveKit's server");
    if (kind.atMost().isEmpty()) {
      organizations.require(context);
    }
    Signed signed = sign(context, call);
    try (SecretValue token = signed.token()) {
      return new SignedCall(signed.server(), token, context.organization(), kind.atMost())
          .send(egress, call, reader);
    }
  }

  private Signed sign(TenantContext context, ServerCall call) {
    if (replaced
        .flatMap(TenantKey::until)
        .filter(end -> !runtime.now().isBefore(end))
        .isPresent()) {
      // It may be another organization's by now.
      throw new NotFoundException("livekit credentials");
    }
    TokenSpec spec = call.token().ttl(Duration.ofSeconds(TOKEN_SECONDS)).spec;
    long now = runtime.now().getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, runtime.ids().next("tok"), now, now + TOKEN_SECONDS);
    StoredCredentials.Use<Signed> signing =
        (server, apiKey, key) ->
            new Signed(server, SecretValue.takeOver(unsigned.sign(apiKey, key)));
    if (!kind.recorded()) {
      TenantKey key = replaced.orElseGet(() -> keys.known(context).currentKey());
      return signing.with(key.server(), key.apiKey(), key.mac());
    }
    return replaced.isEmpty()
        ? credentials.use(context, call.purpose(), signing)
        : credentials.use(context, replaced.get().version(), call.purpose(), signing);
  }
}
