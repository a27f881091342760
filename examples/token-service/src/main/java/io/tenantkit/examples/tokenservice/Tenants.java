package io.tenantkit.examples.tokenservice;

import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.Storage;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.VerifyRequest;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.TokenPolicies;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.ratelimit.LimitDecision;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.ratelimit.LimitSubject;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tenants out of a storage, who come with an API key each and have LiveKit projects of their own.
 */
final class Tenants implements Backend {
  private static final OrganizationId NOBODY = OrganizationId.of("readiness-check");
  private static final byte[] READINESS = "readiness".getBytes(StandardCharsets.US_ASCII);

  private final AutoCloseable opened;
  private final MasterKeys masterKeys;
  private final ControlPlane plane;
  private final SecretVault vault;
  private final LiveKit livekit;
  private final Throttle throttle;

  private Tenants(
      Settings settings,
      Storage storage,
      MasterKeys masterKeys,
      Clock clock,
      AutoCloseable opened) {
    this.opened = opened;
    this.masterKeys = masterKeys;
    this.plane = ControlPlane.builder(storage, masterKeys).clock(clock).build();
    this.vault = SecretVault.of(plane);
    this.livekit =
        LiveKit.builder(vault).tokenPolicies(TokenPolicies.always(settings.policy())).build();
    this.throttle = new Throttle(plane, settings.limit());
  }

  /** Over the storage that the settings name. */
  static Tenants open(Settings settings, StorageSettings from, Clock clock) {
    Stores stores = Stores.open(from);
    try {
      return new Tenants(settings, stores.storage(), from.masterKeys(), clock, stores);
    } catch (RuntimeException e) {
      stores.close();
      throw e;
    }
  }

  /** Over a storage that stays the caller's to close. */
  static Tenants over(Settings settings, Storage storage, MasterKeys masterKeys) {
    return new Tenants(settings, storage, masterKeys, Clock.systemUTC(), () -> {});
  }

  @Override
  public Admission admit(Caller caller, Route route) {
    Verdict verdict =
        plane
            .apiKeys()
            .verify(
                VerifyRequest.of(caller.key()).scopes(route.scopes()).address(caller.address()));
    if (verdict instanceof Verdict.Refused refused) {
      // So that keys are not tried faster than that from one place; who has a good one is not held
      // up.
      LimitDecision tries = throttle.take(throttle.client(NOBODY, caller.address()));
      return new Admission.Refused(
          tries.admitted() ? HttpAnswer.of(refused) : Throttle.refusal(tries));
    }
    Verdict.Valid valid = (Verdict.Valid) verdict;
    TenantContext context = valid.tenant();
    ApiKey key = valid.key();
    // By the first key of its line of rotations: a rotated key is no fresh start.
    LimitDecision decision =
        throttle.take(new LimitSubject(context.organization(), context.principal().id()));
    if (!decision.admitted()) {
      return new Admission.Refused(Throttle.refusal(decision));
    }
    List<LimitStatus> limits = new ArrayList<>(decision.statuses());
    limits.addAll(valid.limits());
    return new Admission.Admitted(
        context,
        HttpAnswer.headers(new Verdict.Valid(key, context, LimitDecision.of(true, limits))),
        context.organization().value() + "/" + key.id().value());
  }

  @Override
  public IssuedToken issue(TenantContext context, TokenRequest<?> request) {
    return livekit.tokens().issue(context, request);
  }

  @Override
  public TokenVerification verify(TenantContext context, String jwt) {
    return livekit.tokens().verify(context, jwt);
  }

  /** Reads a row that nobody has, from the tables of both, and has the master key open its own. */
  @Override
  public void requireUsable() {
    TenantContext nobody = TenantContext.trusted(NOBODY, "readiness");
    try {
      plane.organizations().get(nobody);
    } catch (NotFoundException e) {
      // As it must be.
    }
    try {
      vault.get(nobody, SecretRef.of("readiness", Environment.PRODUCTION, "none"));
    } catch (NotFoundException e) {
      // As it must be.
    }
    byte[] wrapped = masterKeys.wrap(new byte[32], READINESS, new SecureRandom());
    Arrays.fill(masterKeys.unwrap(wrapped, READINESS), (byte) 0);
  }

  ControlPlane plane() {
    return plane;
  }

  LiveKit livekit() {
    return livekit;
  }

  @Override
  public void close() {
    plane.close();
    try {
      opened.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a storage closes without checked errors", e);
    }
  }
}
