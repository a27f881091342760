package io.tenantkit.livekit.testing;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.TokenRequest;
import io.tenantkit.livekit.room.AgentDispatches;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.room.LiveKitSessions;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Clock;
import java.time.Duration;

/** A host with tenants on servers of this machine. */
final class Plane implements AutoCloseable {
  private final Storage storage = Storage.inMemory();
  private final Egress egress =
      Egress.builder()
          .unsafeAllowLoopback()
          .readTimeout(Duration.ofSeconds(30))
          .callTimeout(Duration.ofSeconds(30))
          .build();
  private final ControlPlane plane;
  final LiveKit livekit;
  final LiveKitRooms rooms;
  final AgentDispatches agents;
  final LiveKitSessions sessions;

  Plane(Clock clock) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(storage, keys).clock(clock).build();
    livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
    rooms = LiveKitRooms.of(livekit);
    agents = AgentDispatches.of(livekit);
    sessions = LiveKitSessions.of(livekit);
  }

  TenantContext tenant(String name, String url, String apiKey, String apiSecret) {
    plane
        .organizations()
        .create(Operator.trusted("test", "contract"), OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue value = SecretValue.of(apiSecret)) {
      livekit.connect(context, LiveKitCredentials.of(url, apiKey, value));
    }
    return context;
  }

  String token(TenantContext context, TokenRequest<?> request) {
    try (IssuedToken token = livekit.tokens().issue(context, request)) {
      return token.jwt().string(SecretAccess.get());
    }
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
    egress.close();
  }
}
