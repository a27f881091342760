package io.tenantkit.livekit;

import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Operator;
import java.time.Instant;
import java.util.Objects;

final class DefaultHostAccount implements HostAccount {
  private final PlaneRuntime runtime;
  private final ServerUrl serverUrl;
  private final String apiKey;
  private final SigningKey key;
  private final ConnectionChecker checker;

  DefaultHostAccount(
      PlaneRuntime runtime, LiveKitCredentials credentials, ConnectionChecker checker) {
    this.runtime = runtime;
    this.serverUrl = credentials.serverUrl();
    this.apiKey = credentials.apiKey();
    this.key = SigningKey.takeOver(credentials.apiSecret().bytes(SecretAccess.get()));
    this.checker = checker;
    runtime.onClose().accept(key::close);
  }

  @Override
  public ServerUrl serverUrl() {
    return serverUrl;
  }

  @Override
  public String apiKey() {
    return apiKey;
  }

  @Override
  public IssuedToken issue(Operator operator, TokenRequest<?> request) {
    Objects.requireNonNull(operator, "operator");
    TokenSpec spec = request.spec;
    String id = runtime.ids().next("tok");
    long issuedAt = runtime.now().getEpochSecond();
    long expiresAt = issuedAt + spec.ttl().toSeconds(); // At most a day: cannot overflow.
    UnsignedToken unsigned = new UnsignedToken(spec, id, issuedAt, expiresAt);
    unsigned.requireLength(LiveKitTokenIssuer.MAX_TOKEN_LENGTH);
    return new IssuedToken(
        SecretValue.takeOver(unsigned.sign(apiKey, key)),
        serverUrl,
        Instant.ofEpochSecond(expiresAt),
        spec.room(),
        spec.identity(),
        id);
  }

  @Override
  public LiveKitCheck check(Operator operator) {
    Objects.requireNonNull(operator, "operator");
    return checker.check(serverUrl, apiKey, key);
  }

  /** Server and public id. */
  @Override
  public String toString() {
    return "HostAccount[" + serverUrl + ", " + apiKey + "]";
  }
}
