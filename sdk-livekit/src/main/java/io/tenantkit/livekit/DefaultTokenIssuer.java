package io.tenantkit.livekit;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.Scopes;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.token.Denials;
import io.tenantkit.token.LedgerEntry;
import io.tenantkit.token.LedgerQuery;
import io.tenantkit.token.TokenLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

final class DefaultTokenIssuer implements LiveKitTokenIssuer {
  /** In the ledger. */
  static final String ISSUER = "livekit";

  /** When credentials are replaced again and again while a token is signed. */
  private static final int ATTEMPTS = 3;

  private static final long MILLIS = 1_000;

  private final PlaneRuntime runtime;
  private final SigningKeys keys;
  private final ActiveOrganizations organizations;
  private final TokenPolicies policies;
  private final TokenLedger ledger;
  private final IssueLimits limits;

  DefaultTokenIssuer(
      PlaneRuntime runtime,
      SigningKeys keys,
      ActiveOrganizations organizations,
      TokenPolicies policies,
      TokenLedger ledger) {
    this.runtime = runtime;
    this.keys = keys;
    this.organizations = organizations;
    this.policies = policies;
    this.ledger = ledger;
    this.limits = new IssueLimits(runtime);
  }

  /** What the event of a token tells. */
  static Map<String, String> details(LedgerEntry entry) {
    return Map.of(
        "room", entry.place(),
        "identity", entry.subject(),
        "kind", entry.kind(),
        "grants", entry.grants(),
        "jti", entry.id(),
        "environment", entry.environment().name(),
        "expires_at", entry.expiresAt().toString());
  }

  @Override
  public IssuedToken issue(TenantContext context, TokenRequest<?> request) {
    context.requireOwnTransaction("token issue");
    context.require(Scopes.LIVEKIT_CREATE_SESSION);
    TenantKeys keyed = keys.known(context);
    TokenPolicy policy = policies.policy(context, keyed.organization());
    if (policy.ledger() == LedgerMode.DURABLE) {
      // The storage is asked in any case, so what it says now is what counts.
      Organization organization = organizations.require(context);
      policy = policies.policy(context, organization);
    } else {
      ActiveOrganizations.requireActive(keyed.organization());
    }
    TokenSpec spec = new TokenRules(context, policy).apply(request.spec);
    Duration ttl = spec.wantedTtl().isPresent() ? spec.wantedTtl().get() : policy.defaultTtl();
    long now = runtime.clock().millis();
    requireNotDenied(context, spec, now);
    String id = runtime.ids().next("tok");
    long issuedAt = Math.floorDiv(now, MILLIS);
    long expiresAt = issuedAt + ttl.toSeconds(); // At most a day: cannot overflow.
    UnsignedToken unsigned = new UnsignedToken(spec, id, issuedAt, expiresAt);
    unsigned.requireLength(policy.maxTokenLength());
    limits.take(context.organization(), context.environment(), policy, spec, now);
    Instant expiry = Instant.ofEpochSecond(expiresAt);
    record(context, policy, entry(context, spec, id, now, expiry), now);
    return sign(context, keyed, unsigned, spec, id, expiry);
  }

  private void requireNotDenied(TenantContext context, TokenSpec spec, long now) {
    Denials denials = ledger.denials(context.organization(), now);
    if (!denials.isEmpty()
        && denials
            .of(context.environment(), spec.identity(), spec.room(), Instant.ofEpochMilli(now))
            .isPresent()) {
      throw new AccessDeniedException("this identity was revoked in this room");
    }
  }

  private static LedgerEntry entry(
      TenantContext context, TokenSpec spec, String id, long now, Instant expiry) {
    return new LedgerEntry(
        context.organization(),
        ISSUER,
        context.environment(),
        id,
        spec.identity(),
        spec.room(),
        spec.kind().claim(),
        TokenRules.granted(spec),
        Instant.ofEpochMilli(now),
        expiry,
        context.actor());
  }

  private void record(TenantContext context, TokenPolicy policy, LedgerEntry entry, long now) {
    if (policy.ledger() == LedgerMode.DURABLE) {
      ledger.write(context, entry);
    } else {
      ledger.queue(entry, now);
    }
  }

  /** With the credentials as they are, also when they are replaced at this moment. */
  private IssuedToken sign(
      TenantContext context,
      TenantKeys first,
      UnsignedToken unsigned,
      TokenSpec spec,
      String id,
      Instant expiry) {
    TenantKeys keyed = first;
    for (int attempt = 1; ; attempt++) {
      try {
        return new IssuedToken(
            SecretValue.takeOver(unsigned.sign(keyed.apiKey(), keyed.key())),
            keyed.serverUrl(),
            expiry,
            spec.room(),
            spec.identity(),
            id);
      } catch (ConflictException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        keyed = keys.known(context);
      }
    }
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
    for (int attempt = 1; ; attempt++) {
      TenantKeys keyed = keys.known(context);
      try {
        Instant now = runtime.now();
        return revoked(context, token.verify(keyed.verifiers(token.issuer()), now), now);
      } catch (ConflictException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private TokenVerification revoked(
      TenantContext context, TokenVerification verification, Instant now) {
    if (!(verification instanceof TokenVerification.Valid valid)) {
      return verification;
    }
    Denials denials = ledger.denials(context.organization(), now.toEpochMilli());
    if (denials.isEmpty()) {
      return verification;
    }
    TokenClaims claims = valid.claims();
    // As the server takes them: the id stands in for an identity that is not there.
    String identity = claims.identity().filter(text -> !text.isEmpty()).or(claims::id).orElse("");
    boolean denied =
        denials
            .of(
                context.environment(),
                claims.id().orElse(""),
                identity,
                claims.video().room().orElse(""),
                claims.issuedAt().or(claims::notBefore).orElse(Instant.MIN),
                now)
            .isPresent();
    return denied
        ? new TokenVerification.Refused(EnumSet.of(TokenVerification.Reason.REVOKED))
        : verification;
  }

  @Override
  public Page<TokenRecord> issued(TenantContext context, TokenQuery query, PageRequest page) {
    context.requireOwnTransaction("list of issued tokens");
    context.require(Scopes.LIVEKIT_READ);
    Page<LedgerEntry> found = ledger.list(context, query(query), page);
    return new Page<>(found.items().stream().map(TokenRecord::of).toList(), found.next());
  }

  @Override
  public long count(TenantContext context, TokenQuery query) {
    context.requireOwnTransaction("count of issued tokens");
    context.require(Scopes.LIVEKIT_READ);
    return ledger.count(context, query(query));
  }

  private LedgerQuery query(TokenQuery query) {
    return new LedgerQuery(
        query.identity(),
        query.room(),
        query.liveOnly() ? Optional.of(runtime.now()) : Optional.empty(),
        Optional.empty());
  }
}
