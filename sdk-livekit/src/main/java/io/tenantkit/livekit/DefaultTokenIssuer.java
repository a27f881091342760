package io.tenantkit.livekit;

import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Purpose;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class DefaultTokenIssuer implements LiveKitTokenIssuer {
  private final PlaneRuntime runtime;
  private final StoredCredentials credentials;
  private final ActiveOrganizations organizations;
  private final TokenPolicies policies;

  DefaultTokenIssuer(
      PlaneRuntime runtime,
      StoredCredentials credentials,
      ActiveOrganizations organizations,
      TokenPolicies policies) {
    this.runtime = runtime;
    this.credentials = credentials;
    this.organizations = organizations;
    this.policies = policies;
  }

  @Override
  public IssuedToken issue(TenantContext context, TokenRequest<?> request) {
    context.requireOwnTransaction("token issue");
    context.require(Scopes.LIVEKIT_CREATE_SESSION);
    TokenPolicy policy = policies.policy(context, organizations.require(context));
    TokenSpec spec = new TokenRules(context, policy).apply(request.spec);
    String id = runtime.ids().next("tok");
    long issuedAt = runtime.now().getEpochSecond();
    long expiresAt = issuedAt + spec.ttl().toSeconds(); // At most a day: cannot overflow.
    UnsignedToken unsigned = new UnsignedToken(spec, id, issuedAt, expiresAt);
    unsigned.requireLength(policy.maxTokenLength());
    Instant expiry = Instant.ofEpochSecond(expiresAt);
    return credentials.use(
        context,
        issued(spec, id, expiry),
        (serverUrl, apiKey, key) ->
            new IssuedToken(
                SecretValue.takeOver(unsigned.sign(apiKey, key)),
                serverUrl,
                expiry,
                spec.room(),
                spec.identity(),
                id));
  }

  @Override
  public TokenVerification verify(TenantContext context, @Nullable String jwt) {
    context.requireOwnTransaction("token verification");
    context.require(Scopes.LIVEKIT_READ);
    if (jwt == null) {
      return new TokenVerification.Refused(EnumSet.of(TokenVerification.Reason.MALFORMED));
    }
    ReceivedToken token;
    try {
      token = ReceivedToken.parse(jwt);
    } catch (TokenRefusal refusal) {
      return new TokenVerification.Refused(EnumSet.of(refusal.reason()));
    }
    // Nothing of the token goes into the audit trail: at this point anybody may have written it.
    Purpose checked = new Purpose("livekit.token.checked", "verify a LiveKit token", Map.of());
    return credentials.use(
        context, checked, (serverUrl, apiKey, key) -> token.verify(apiKey, key, runtime.now()));
  }

  private static Purpose issued(TokenSpec spec, String id, Instant expiry) {
    return new Purpose(
        "livekit.token.issued",
        "issue a LiveKit token",
        Map.of(
            "room", spec.room(),
            "identity", spec.identity(),
            "kind", spec.kind().claim(),
            "grants", grants(spec),
            "jti", id,
            "expires_at", expiry.toString()));
  }

  /** What it grants beyond a plain join, so that the trail shows who was given power. */
  private static String grants(TokenSpec spec) {
    return Stream.concat(
            spec.video().permissions().entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(set -> set.getKey().claim()),
            spec.more().grants().stream().map(grant -> grant.claim() + "." + grant.field()))
        .collect(Collectors.joining(" "));
  }
}
