package io.tenantkit.livekit.webhook;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Two control planes over one storage in memory, with tenants whose servers the tests play. */
final class HookHouse implements AutoCloseable {
  static final Instant NOON = Instant.parse("2026-03-21T12:00:00Z");
  static final Operator OPERATOR = Operator.trusted("test", "webhooks");
  static final String ACME_SECRET = "acme-secret-acme-secret-acme-secret-1";
  static final String GLOBEX_SECRET = "globex-secret-globex-secret-globex-1";

  /** What a listener was told. */
  record Told(TenantContext context, LiveKitEvent event) {}

  final TickingClock clock = TickingClock.at(NOON);
  final Storage storage = Storage.inMemory();
  final Egress egress =
      Egress.builder().unsafeAllowLoopback().callTimeout(Duration.ofSeconds(10)).build();
  final ControlPlane plane = newPlane();
  final ControlPlane secondPlane = newPlane();
  final LiveKit livekit = LiveKit.builder(SecretVault.of(plane)).egress(egress).build();
  final LiveKit second = LiveKit.builder(SecretVault.of(secondPlane)).egress(egress).build();

  private final List<Told> told = new ArrayList<>();

  private ControlPlane newPlane() {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    return ControlPlane.builder(storage, keys).clock(clock).manualMaintenance().build();
  }

  TenantContext tenant(String name) {
    plane.organizations().create(OPERATOR, OrganizationId.of(name), name);
    return TenantContext.trusted(OrganizationId.of(name), "test");
  }

  void connect(TenantContext context, String url, String apiKey, String secret) {
    try (SecretValue value = SecretValue.of(secret)) {
      livekit.connect(context, LiveKitCredentials.of(url, apiKey, value));
    }
  }

  TenantContext acme() {
    TenantContext acme = tenant("acme");
    connect(acme, "wss://acme.example", "APIacme", ACME_SECRET);
    return acme;
  }

  TenantContext globex() {
    TenantContext globex = tenant("globex");
    connect(globex, "wss://globex.example", "APIglobex", GLOBEX_SECRET);
    return globex;
  }

  /** Remembers what it is told. */
  LiveKitEventListener listener() {
    return (context, event) -> {
      synchronized (told) {
        told.add(new Told(context, event));
      }
    };
  }

  List<Told> told() {
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  /** As acme's server sends it. */
  WebhookReceipt acmeSends(LiveKitWebhooks to, String json) {
    byte[] body = Forge.utf8(json);
    return to.receive(body, Forge.token("APIacme", ACME_SECRET, body, clock.instant()));
  }

  static String roomEvent(String id, String name, String room, Instant at) {
    return """
        {"event":"%s","room":{"sid":"RM_%s","name":"%s"},"id":"%s","createdAt":"%d"}"""
        .formatted(name, room, room, id, at.getEpochSecond());
  }

  /** Of a participant with everything that a server tells. */
  static String event(
      String id, String name, String room, String sid, String kind, Instant joined, Instant at) {
    return """
        {"event":"%s","room":{"sid":"RM_%s","name":"%s"},"participant":{"sid":"%s","identity":"ada",
        "state":"ACTIVE","kind":"%s","joinedAt":"%d","joinedAtMs":"%d","later":{"unknown":1}},
        "id":"%s","createdAt":"%d","numDropped":3}"""
        .formatted(
            name,
            room,
            room,
            sid,
            kind,
            joined.getEpochSecond(),
            joined.toEpochMilli(),
            id,
            at.getEpochSecond());
  }

  @Override
  public void close() {
    plane.close();
    secondPlane.close();
    storage.close();
    egress.close();
  }
}
