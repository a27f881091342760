package io.tenantkit.examples.tokenservice;

import io.tenantkit.ControlPlane;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.LiveKitTokenIssuer;
import io.tenantkit.livekit.TokenPolicies;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.TokenVerification;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The tokens of one project, in memory. The storage keeps a record of each token, and memory is all
 * that it has: so it is made anew after so many, which no caller notices, since nothing that it
 * keeps is asked for later. Safe for use by several threads.
 */
final class RenewedProject implements AutoCloseable {
  /** About 50 MB of records. */
  static final int TOKENS = 30_000;

  private final OrganizationId organization;
  private final LiveKitCredentials credentials;
  private final TokenPolicy policy;
  private final Clock clock;
  private final int most;
  private Life life;
  private int lives;

  /** One storage's time, and how many are at work in it. Guarded by the owner. */
  private static final class Life {
    final InMemoryStorage storage;
    final ControlPlane plane;
    final LiveKitTokenIssuer tokens;
    int calls;
    int users;
    boolean over;

    Life(InMemoryStorage storage, ControlPlane plane, LiveKitTokenIssuer tokens) {
      this.storage = storage;
      this.plane = plane;
      this.tokens = tokens;
    }

    void close() {
      plane.close();
      storage.close();
    }
  }

  RenewedProject(
      OrganizationId organization,
      LiveKitCredentials credentials,
      TokenPolicy policy,
      Clock clock,
      int most) {
    this.organization = organization;
    this.credentials = credentials;
    this.policy = policy;
    this.clock = clock;
    this.most = most;
    this.life = begin();
  }

  /** A control plane in memory, under a key that nobody keeps. */
  static ControlPlane plane(InMemoryStorage storage, Clock clock) {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    try {
      return ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(key))).clock(clock).build();
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private Life begin() {
    InMemoryStorage storage = InMemoryStorage.create();
    ControlPlane plane = plane(storage, clock);
    plane
        .organizations()
        .create(Operator.trusted("token-service", "start"), organization, "Project");
    LiveKit livekit =
        LiveKit.builder(SecretVault.of(plane)).tokenPolicies(TokenPolicies.always(policy)).build();
    livekit.connect(TenantContext.trusted(organization, "token-service"), credentials);
    lives++;
    return new Life(storage, plane, livekit.tokens());
  }

  IssuedToken issue(TenantContext context, TokenRequest<?> request) {
    return with(tokens -> tokens.issue(context, request));
  }

  TokenVerification verify(TenantContext context, String jwt) {
    return with(tokens -> tokens.verify(context, jwt));
  }

  /** How often there was a storage. */
  synchronized int lives() {
    return lives;
  }

  private <T> T with(Function<LiveKitTokenIssuer, T> work) {
    Life mine = enter();
    try {
      return work.apply(mine.tokens);
    } finally {
      leave(mine);
    }
  }

  private Life enter() {
    Life former = null;
    Life mine;
    synchronized (this) {
      if (life.calls >= most) {
        former = life;
        life = begin();
        former.over = true;
        former.users++;
      }
      mine = life;
      mine.calls++;
      mine.users++;
    }
    if (former != null) {
      leave(former);
    }
    return mine;
  }

  private void leave(Life mine) {
    boolean last;
    synchronized (this) {
      mine.users--;
      last = mine.over && mine.users == 0;
    }
    if (last) {
      mine.close();
    }
  }

  @Override
  public void close() {
    Life last;
    synchronized (this) {
      last = life;
    }
    last.close();
  }
}
