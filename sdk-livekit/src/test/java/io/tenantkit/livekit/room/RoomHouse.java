package io.tenantkit.livekit.room;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.TokenPolicies;
import io.tenantkit.livekit.TokenPolicy;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.util.List;

/** A control plane in memory whose tenants have LiveKit servers on this machine. */
public final class RoomHouse implements AutoCloseable {
  public static final Operator OPERATOR = Operator.trusted("test", "rooms");

  private final Storage storage = Storage.inMemory();

  private final Egress egress;

  public final ControlPlane plane;
  public final SecretVault vault;
  public final LiveKit livekit;

  public RoomHouse() {
    this(TokenPolicy.standard());
  }

  RoomHouse(TokenPolicy policy) {
    this(policy, Duration.ofSeconds(10));
  }

  /** One that waits so long for servers. */
  public RoomHouse(Duration patience) {
    this(TokenPolicy.standard(), patience);
  }

  private RoomHouse(TokenPolicy policy, Duration patience) {
    egress =
        Egress.builder().unsafeAllowLoopback().readTimeout(patience).callTimeout(patience).build();
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(storage, keys).build();
    vault = SecretVault.of(plane);
    livekit =
        LiveKit.builder(vault).egress(egress).tokenPolicies(TokenPolicies.always(policy)).build();
  }

  public TenantContext connected(String name, String url, String key, String secret) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(context, LiveKitCredentials.of(url, key, value));
    }
    return context;
  }

  public List<String> actions(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .map(AuditEvent::action)
        .toList();
  }

  /** What the audit trail says, as a whole. */
  public String trail(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().toString();
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
    egress.close();
  }
}
