package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.TenantkitException;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import io.tenantkit.oidc.OidcResult.Accepted;
import io.tenantkit.oidc.OidcResult.Reason;
import io.tenantkit.oidc.OidcResult.Refused;
import io.tenantkit.spi.ExternalOrganizationStore.Tenant;
import io.tenantkit.spi.PlaneRuntime;
import io.tenantkit.spi.StrictJson;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.Role;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a presented text to a tenant: form, issuer, key, signature, claims, organization, roles. */
final class DefaultOidcTenantResolver implements OidcTenantResolver {
  /** An issuer with its keys. */
  private record Trusted(OidcIssuer terms, KeySource keys) {}

  private final DefaultExternalOrganizations organizations;
  private final Clock clock;
  private final int maxTokenLength;
  private final StrictJson claimsReader;
  private final Map<String, Trusted> issuers = new HashMap<>();
  private final Metrics.Counter accepted;
  private final Map<Reason, Metrics.Counter> refused = new EnumMap<>(Reason.class);
  private volatile boolean closed;

  DefaultOidcTenantResolver(OidcTenantResolver.Builder settings) {
    PlaneRuntime runtime = settings.runtime;
    this.organizations = settings.organizations;
    this.clock = runtime.clock();
    this.maxTokenLength = settings.maxTokenLength;
    this.claimsReader = StrictJson.bounded(settings.maxTokenLength, CompactJws.MAX_DEPTH);
    HttpDocuments documents =
        new HttpDocuments(settings.timeout, settings.proxy, settings.insecureLoopbackHttp);
    settings.issuers.forEach(
        (name, terms) ->
            issuers.put(name, new Trusted(terms, new KeySource(terms, documents, runtime))));
    this.accepted = runtime.metrics().counter(MeterNames.LOGINS_ACCEPTED);
    for (Reason reason : Reason.values()) {
      refused.put(
          reason,
          runtime
              .metrics()
              .counter(
                  MeterNames.LOGINS_REFUSED, "reason", reason.name().toLowerCase(Locale.ROOT)));
    }
    runtime.onClose().accept(() -> closed = true);
  }

  @Override
  public OidcResult resolve(@Nullable String token) {
    return answer(token, null);
  }

  @Override
  public OidcResult resolve(@Nullable String token, String externalId) {
    return answer(token, externalId);
  }

  private OidcResult answer(@Nullable String token, @Nullable String wanted) {
    if (closed) {
      throw new TenantkitException(ErrorCode.CLOSED, "the control plane is closed");
    }
    try {
      Accepted answer = judge(token, wanted);
      accepted.add(1);
      return answer;
    } catch (LoginRefusal refusal) {
      Metrics.Counter counter = refused.get(refusal.reason());
      if (counter != null) {
        counter.add(1);
      }
      return new Refused(refusal.reason());
    }
  }

  private Accepted judge(@Nullable String token, @Nullable String wanted) throws LoginRefusal {
    if (token == null) {
      throw LoginRefusal.malformed();
    }
    CompactJws jws = CompactJws.parse(token, maxTokenLength);
    JsonNode claims = jws.claims(claimsReader);
    @Nullable Trusted issuer = issuers.get(AccessToken.issuer(claims));
    if (issuer == null) {
      throw new LoginRefusal(Reason.UNKNOWN_ISSUER);
    }
    requireGenuine(jws, issuer);
    AccessToken genuine = AccessToken.judge(claims, issuer.terms(), clock.instant());
    return login(genuine, issuer.terms(), wanted);
  }

  private static void requireGenuine(CompactJws jws, Trusted issuer) throws LoginRefusal {
    SigningAlgorithm algorithm =
        SigningAlgorithm.ofJoseName(jws.algorithm())
            .filter(issuer.terms().algorithms()::contains)
            .orElseThrow(() -> new LoginRefusal(Reason.ALGORITHM_REFUSED));
    @Nullable String type = jws.type();
    if (type == null || !issuer.terms().accepts(type)) {
      throw new LoginRefusal(Reason.WRONG_TYPE);
    }
    VerificationKey key = issuer.keys().find(jws.keyId());
    if (!key.fits(algorithm)) {
      throw new LoginRefusal(Reason.UNKNOWN_KEY);
    }
    if (!key.verifies(algorithm, jws.signingInput(), jws.signature())) {
      throw new LoginRefusal(Reason.BAD_SIGNATURE);
    }
  }

  private Accepted login(AccessToken token, OidcIssuer issuer, @Nullable String wanted)
      throws LoginRefusal {
    JsonNode claims = token.claims();
    Set<String> named = issuer.claims().organizations(claims, token.audiences());
    String externalId = chosen(named, wanted);
    Tenant tenant =
        organizations
            .find(issuer.issuer(), externalId)
            .orElseThrow(() -> new LoginRefusal(Reason.ORGANIZATION_UNKNOWN));
    if (tenant.status() != Organization.Status.ACTIVE) {
      throw new LoginRefusal(Reason.ORGANIZATION_SUSPENDED);
    }
    Set<Role> roles = issuer.roles(issuer.claims().roles(claims, externalId, named.size()));
    if (roles.isEmpty()) {
      throw new LoginRefusal(Reason.NO_ROLE);
    }
    TenantContext context =
        TenantContext.trusted(tenant.organization(), actor(issuer, token))
            .within(issuer.environments())
            .limitedTo(powers(roles))
            .limitedTo(issuer.limit(issuer.claims().scopes(claims)));
    return new Accepted(context, issuer.issuer(), token.subject(), roles, token.expiresAt());
  }

  private static String chosen(Set<String> named, @Nullable String wanted) throws LoginRefusal {
    if (wanted == null && named.size() > 1) {
      throw new LoginRefusal(Reason.ORGANIZATION_AMBIGUOUS);
    }
    return named.stream()
        .filter(name -> wanted == null || name.equals(wanted))
        .filter(ExternalOrganization::isExternalId)
        .findFirst()
        .orElseThrow(() -> new LoginRefusal(Reason.ORGANIZATION_UNKNOWN));
  }

  /** A subject means something only together with its issuer (ASVS 5.0, 10.3.3). */
  private static Actor actor(OidcIssuer issuer, AccessToken token) throws LoginRefusal {
    try {
      return new Actor(Actor.Kind.USER, issuer.issuer() + "#" + token.subject());
    } catch (InvalidInputException e) {
      throw new LoginRefusal(Reason.CLAIMS_INVALID);
    }
  }

  private static ScopeSet powers(Set<Role> roles) {
    Set<Scope> all = new HashSet<>();
    roles.forEach(role -> all.addAll(role.scopes().toList()));
    return ScopeSet.of(all);
  }
}
