package io.tenantkit.examples.tokenservice;

import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ImportedKey;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.KeyGrants;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.VerifyRequest;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One LiveKit project, named by the environment; nothing is stored. Callers come with the service's
 * one key or, where the settings say so, with none: programs of this machine may then have any
 * token, everybody else people's tokens.
 */
final class SingleTenant implements Backend {
  private static final OrganizationId PROJECT = OrganizationId.of("project");
  private static final ScopeSet TOKENS =
      ScopeSet.of("livekit:create-session", "livekit:read", "livekit:agent", "livekit:admin");
  private static final ScopeSet PEOPLES_TOKENS =
      ScopeSet.of("livekit:create-session", "livekit:read");
  private static final HttpAnswer UNAUTHENTICATED =
      HttpAnswer.of(
          new Verdict.Refused(
              Set.of(Verdict.Reason.NOT_FOUND),
              List.of(),
              List.of(),
              Optional.empty(),
              Optional.empty()));

  private final InMemoryStorage storage;
  private final ControlPlane plane;
  private final TenantContext program;
  private final TenantContext anybody;
  private final ApiKey none;
  private final Throttle throttle;
  private final boolean localOnly;
  private final boolean keyNeeded;
  private final RenewedProject tokens;

  SingleTenant(Settings settings, LiveKitCredentials project, Clock clock) {
    this(settings, project, clock, RenewedProject.TOKENS);
  }

  SingleTenant(
      Settings settings, LiveKitCredentials project, Clock clock, int tokensBetweenRenewals) {
    this.storage = InMemoryStorage.create();
    this.plane = RenewedProject.plane(storage, clock);
    plane.organizations().create(Operator.trusted("token-service", "start"), PROJECT, "Project");
    TenantContext host = TenantContext.trusted(PROJECT, "token-service");
    this.program = host.limitedTo(TOKENS);
    this.anybody = host.limitedTo(PEOPLES_TOKENS);
    settings.key().ifPresent(key -> plane.apiKeys().importKey(host, known(key)));
    try (IssuedApiKey nobodys = plane.apiKeys().create(host, NewApiKey.live("no key"))) {
      this.none = nobodys.key();
    }
    this.throttle = new Throttle(plane, settings.limit());
    this.localOnly = settings.localOnly();
    this.keyNeeded = settings.key().isPresent() && !settings.allowAnyone();
    this.tokens =
        new RenewedProject(PROJECT, project, settings.policy(), clock, tokensBetweenRenewals);
  }

  private static ImportedKey known(SecretValue key) {
    byte[] bytes = key.bytes(SecretAccess.get());
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return ImportedKey.live("the service's key", HexFormat.of().formatHex(hash))
          .granting(KeyGrants.none().withScopes(TOKENS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public Admission admit(Caller caller, Route route) {
    // First, so that keys cannot be tried faster than tokens can be had.
    LimitDecision decision = throttle.take(throttle.client(PROJECT, caller.address()));
    if (!decision.admitted()) {
      return new Admission.Refused(Throttle.refusal(decision));
    }
    if (caller.presents()) {
      Verdict verdict =
          plane
              .apiKeys()
              .verify(
                  VerifyRequest.of(caller.key()).scopes(route.scopes()).address(caller.address()));
      return verdict instanceof Verdict.Valid valid
          ? admitted(valid.tenant(), decision, "key")
          : new Admission.Refused(HttpAnswer.of((Verdict.Refused) verdict));
    }
    if (keyNeeded) {
      return new Admission.Refused(UNAUTHENTICATED);
    }
    // A page that some site has put into this machine's browser connects from loopback too.
    if (localOnly && caller.program() && caller.address().isLoopbackAddress()) {
      return admitted(program, decision, "local");
    }
    return route == Route.AGENT
        ? new Admission.Refused(UNAUTHENTICATED)
        : admitted(anybody, decision, "anyone");
  }

  private Admission admitted(TenantContext context, LimitDecision decision, String who) {
    return new Admission.Admitted(
        context, HttpAnswer.headers(new Verdict.Valid(none, context, decision)), who);
  }

  @Override
  public IssuedToken issue(TenantContext context, TokenRequest<?> request) {
    return tokens.issue(context, request);
  }

  @Override
  public TokenVerification verify(TenantContext context, String jwt) {
    return tokens.verify(context, jwt);
  }

  /** Nothing here can fail: all of it is in this process. */
  @Override
  public void requireUsable() {
    plane.organizations().get(program);
  }

  RenewedProject tokens() {
    return tokens;
  }

  @Override
  public void close() {
    tokens.close();
    plane.close();
    storage.close();
  }
}
