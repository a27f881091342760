package io.tenantkit.livekit;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;

/** A control plane in memory with its vault and LiveKit on top. */
final class TestPlane implements AutoCloseable {
  static final Operator OPERATOR = Operator.trusted("test", "set up a test");

  final Storage storage = Storage.inMemory();
  final ControlPlane plane;
  final SecretVault vault;
  final LiveKit livekit;

  TestPlane(Clock clock) {
    this(clock, new SecureRandom());
  }

  TestPlane(Clock clock, SecureRandom random) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    plane = ControlPlane.builder(storage, keys).clock(clock).random(random).build();
    vault = SecretVault.of(plane);
    livekit = LiveKit.of(vault);
  }

  /** An organization without credentials, in a context that may do everything. */
  TenantContext organization(String id) {
    plane.organizations().create(OPERATOR, OrganizationId.of(id), id);
    return TenantContext.trusted(OrganizationId.of(id), "test");
  }

  /** An organization with these credentials in production. */
  TenantContext organization(String id, String url, String apiKey, String apiSecret) {
    TenantContext context = organization(id);
    connect(context, url, apiKey, apiSecret);
    return context;
  }

  LiveKitConnection connect(TenantContext context, String url, String apiKey, String apiSecret) {
    try (SecretValue secret = SecretValue.of(apiSecret)) {
      return livekit.connect(context, LiveKitCredentials.of(url, apiKey, secret));
    }
  }

  /** Issues a token and gives its text. */
  String jwt(TenantContext context, TokenRequest<?> request) {
    try (IssuedToken token = livekit.tokens().issue(context, request)) {
      return text(token);
    }
  }

  static String text(IssuedToken token) {
    return token.jwt().string(SecretAccess.get());
  }

  List<AuditEvent> audit(TenantContext context) {
    return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items();
  }

  List<AuditEvent> audit(TenantContext context, String action) {
    return audit(context).stream().filter(event -> event.action().equals(action)).toList();
  }

  @Override
  public void close() {
    plane.close();
    storage.close();
  }
}
