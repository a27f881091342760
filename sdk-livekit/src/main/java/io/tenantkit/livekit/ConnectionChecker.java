package io.tenantkit.livekit;

import io.tenantkit.livekit.LiveKitCheck.Status;
import io.tenantkit.livekit.spi.ServerCalls;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.EgressResponse;
import io.tenantkit.vault.spi.CredentialMarkStore.CredentialCheck;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Asks a server whether it takes credentials: for the rooms of a name that nobody uses, with a
 * token that grants to list rooms, for a minute. Whatever goes wrong is an answer.
 */
final class ConnectionChecker {
  /** The longest that a check takes. */
  static final Duration DEADLINE = Duration.ofSeconds(5);

  private static final Purpose CHECKED =
      new Purpose("livekit.connection.checked", "check the LiveKit connection", Map.of());
  private static final String CALL = "/twirp/livekit.RoomService/ListRooms";
  private static final byte[] ROOMS =
      "{\"names\":[\"tenantkit-check\"]}".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_ANSWER = 65_536;

  /** Of no organization: none has a name with a blank. */
  private static final String HOST = "the host";

  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final OwnAccounts accounts;
  private final Egress egress;

  ConnectionChecker(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      OwnAccounts accounts,
      Egress egress) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.organizations = organizations;
    this.accounts = accounts;
    this.egress = egress;
  }

  /** A server and a token for one call to it. */
  private record Signed(Secret secret, ServerUrl server, SecretValue token) {}

  LiveKitCheck check(TenantContext context) {
    context.requireOwnTransaction("a check of LiveKit credentials");
    context.require(Scopes.LIVEKIT_CONNECT);
    organizations.require(context);
    Signed signed =
        credentials.open(
            context,
            CHECKED,
            (secret, stored) -> new Signed(secret, stored.serverUrl(), token(stored)));
    LiveKitCheck check;
    try (SecretValue token = signed.token()) {
      check = ask(signed.server(), token, context.organization().value());
    }
    accounts.checked(
        context,
        signed.secret(),
        new CredentialCheck(
            check.at(), check.status().name(), check.message(), check.took().toMillis()));
    return check;
  }

  /** Of no tenant's: the host's own. */
  LiveKitCheck check(ServerUrl server, String apiKey, SigningKey key) {
    try (SecretValue token = token(apiKey, key)) {
      return ask(server, token, HOST);
    }
  }

  private SecretValue token(LiveKitCredentials stored) {
    try (SigningKey key = SigningKey.takeOver(stored.apiSecret().bytes(SecretAccess.get()))) {
      return token(stored.apiKey(), key);
    }
  }

  private SecretValue token(String apiKey, SigningKey key) {
    TokenSpec spec =
        ApiToken.of("tenantkit")
            .grant(VideoPermission.ROOM_LIST)
            .ttl(Duration.ofSeconds(ServerCalls.TOKEN_SECONDS))
            .spec;
    long now = runtime.now().getEpochSecond();
    UnsignedToken unsigned =
        new UnsignedToken(spec, runtime.ids().next("tok"), now, now + ServerCalls.TOKEN_SECONDS);
    return SecretValue.takeOver(unsigned.sign(apiKey, key));
  }

  private LiveKitCheck ask(ServerUrl server, SecretValue token, String onBehalfOf) {
    Instant began = runtime.now();
    Status status;
    try {
      status =
          status(
              egress.send(
                  EgressRequest.post(server.http() + CALL)
                      .secretHeader("Authorization", "Bearer ", token)
                      .body(ROOMS, "application/json")
                      .timeout(DEADLINE)
                      .maxAnswerBytes(MAX_ANSWER)
                      .onBehalfOf(onBehalfOf)
                      .build()));
    } catch (EgressException e) {
      status =
          e.failure().isRefusal()
              ? Status.NOT_ALLOWED
              : switch (e.failure()) {
                case TOO_LARGE -> Status.NO_LIVEKIT;
                default -> Status.UNREACHABLE;
              };
    }
    Duration took = Duration.between(began, runtime.now());
    return new LiveKitCheck(status, status.sentence(), Duration.ofMillis(took.toMillis()), began);
  }

  private static Status status(EgressResponse answer) {
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    if (answer.isSuccess()) {
      return ServerAnswer.object(answer.body())
              .filter(json -> json.path("rooms").isArray())
              .isPresent()
          ? Status.CONNECTED
          : Status.NO_LIVEKIT;
    }
    return switch (answer.status()) {
      case 401, 403 ->
          body.contains("permissions denied")
              ? Status.RESTRICTED
              : body.contains("token is expired") || body.contains("not valid yet")
                  ? Status.CLOCKS_DIFFER
                  : Status.WRONG_KEY;
      case 408, 425, 429 -> Status.FAILING;
      default -> answer.status() >= 500 ? Status.FAILING : Status.NO_LIVEKIT;
    };
  }
}
