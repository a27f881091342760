package io.tenantkit.examples.quickstart;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.audit.AuditCheckpoint;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TeamId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.usage.ComplianceReport;
import io.tenantkit.vault.usage.OverdueRotations;
import io.tenantkit.vault.usage.ReportedUnits;
import io.tenantkit.vault.usage.SecretUsage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A control plane with everything, on some storage, and two tenants that have some of each. */
final class TwoTenants implements AutoCloseable {
  /** What acme has; the name tells it apart wherever it may turn up. */
  static final String CANARY = "acme-canary";

  private static final PageRequest ALL = PageRequest.first(1_000);

  private final TickingClock clock = TickingClock.at(Instant.now());
  private final ControlPlane plane;
  private final SecretVault vault;
  private final LiveKit livekit;
  private final Integrations integrations;
  private final TenantContext acme = TenantContext.trusted(OrganizationId.of("acme"), CANARY);
  private final TenantContext globex = TenantContext.trusted(OrganizationId.of("globex"), "host");
  private final Ids theirs;
  private final Ids ours;

  /**
   * What a caller may name.
   *
   * @param key an API key
   * @param ref a secret
   * @param cursor where a page begins
   * @param jwt a LiveKit token
   * @param hash of a key that exists, in hexadecimal
   * @param checkpoint a signed head of a chain
   * @param team a team
   * @param integration an account with a provider
   */
  record Ids(
      ApiKeyId key,
      SecretRef ref,
      Secret secret,
      String cursor,
      String jwt,
      String hash,
      AuditCheckpoint checkpoint,
      TeamId team,
      IntegrationId integration) {}

  TwoTenants(Storage storage) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) 7);
    bytes[0] = 1;
    plane =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(bytes)))
            .clock(clock)
            .manualMaintenance()
            .build();
    vault = SecretVault.of(plane);
    livekit = LiveKit.of(vault);
    integrations = Integrations.of(vault);
    Operator operator = Operator.trusted("setup", "isolation");
    plane.organizations().create(operator, acme.organization(), CANARY);
    plane.organizations().create(operator, globex.organization(), "Globex");
    plane.apiKeys().create(acme, NewApiKey.live(CANARY)).close();
    plane.apiKeys().create(globex, NewApiKey.live("globex")).close();
    clock.tick(Duration.ofHours(3));
    theirs = fill(acme, CANARY);
    ours = fill(globex, "globex");
    vault.reveal(acme, theirs.ref()).close();
    SecretUsage.of(vault).reportUnits(acme, theirs.secret(), ReportedUnits.of("calls", 1));
    vault.reveal(globex, ours.ref()).close();
    plane.runDue(clock.instant());
  }

  private Ids fill(TenantContext context, String name) {
    SecretRef ref = SecretRef.of(name, Environment.PRODUCTION, name);
    TeamId team = plane.teams().create(context, name).id();
    plane.teams().addMember(context, team, new Actor(Actor.Kind.USER, name));
    try (IssuedApiKey key = plane.apiKeys().create(context, NewApiKey.live(name));
        SecretValue value = SecretValue.of(name);
        SecretValue secret = SecretValue.of(name + "-0123456789-0123456789-0123456789")) {
      Secret put = vault.put(context, ref, value);
      livekit.connect(context, LiveKitCredentials.of("wss://" + name + ".test", name, secret));
      IntegrationId integration =
          integrations
              .create(
                  context,
                  new NewIntegration(
                      "custom",
                      Environment.PRODUCTION,
                      name,
                      Map.of("token", secret),
                      Map.of("base_url", "https://" + name + ".test")))
              .id();
      try (IssuedToken token =
          livekit.tokens().issue(context, ParticipantToken.join("standup", name))) {
        String jwt = token.jwt().string(SecretAccess.get());
        return new Ids(
            key.key().id(),
            ref,
            put,
            key.key().id().value(),
            jwt,
            sha256(key.secret().string(SecretAccess.get())),
            plane
                .audit()
                .checkpoint(Operator.trusted("setup", "isolation"), context.organization())
                .orElseThrow(),
            team,
            integration);
      }
    }
  }

  private static String sha256(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The tenant that asks. */
  TenantContext globex() {
    return globex;
  }

  /** Since when one key of each tenant was not used. */
  Instant unusedSince() {
    return clock.instant().minus(Duration.ofHours(2));
  }

  /** What belongs to the other tenant. */
  Ids theirs() {
    return theirs;
  }

  /**
   * What belongs to nobody; token and checkpoint are of another control plane's tenant. The hash is
   * the asking tenant's own: that a hash is taken is told, by whom it is not.
   */
  Ids unknown(TwoTenants elsewhere) {
    return new Ids(
        ApiKeyId.of("key_unknown"),
        SecretRef.of("unknown", Environment.PRODUCTION, "unknown"),
        elsewhere.theirs.secret(),
        "key_unknown",
        elsewhere.theirs.jwt(),
        ours.hash(),
        elsewhere.theirs.checkpoint(),
        TeamId.of("team_unknown"),
        new IntegrationId("int_unknown"));
  }

  ApiKeyManager keys() {
    return plane.apiKeys();
  }

  SecretUsage usage() {
    return SecretUsage.of(vault);
  }

  ComplianceReport report() {
    return ComplianceReport.of(vault, OverdueRotations.olderThan(vault, Duration.ofHours(1)));
  }

  /** What lies between these is all that ever was. */
  Instant ever() {
    return clock.instant().plus(Duration.ofDays(1));
  }

  ControlPlane plane() {
    return plane;
  }

  SecretVault vault() {
    return vault;
  }

  Integrations integrations() {
    return integrations;
  }

  LiveKit livekit() {
    return livekit;
  }

  /** All of the other tenant, as that tenant sees it. */
  List<Object> state() {
    List<AuditEvent> events = plane.audit().list(acme, ALL).items();
    return List.of(
        plane.organizations().get(acme),
        plane.apiKeys().list(acme, ALL).items(),
        plane.teams().list(acme, ALL).items(),
        plane.teams().members(acme, theirs.team()),
        vault.list(acme, ALL).items(),
        vault.versions(acme, theirs.ref()),
        integrations.list(acme, ALL).items(),
        events);
  }

  @Override
  public void close() {
    plane.close();
  }
}
