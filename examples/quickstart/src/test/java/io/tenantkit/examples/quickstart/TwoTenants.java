package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.BackupKeyPair;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.Rotators;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.usage.ComplianceReport;
import io.tenantkit.vault.usage.OverdueRotations;
import io.tenantkit.vault.usage.ReportedUnits;
import io.tenantkit.vault.usage.SecretUsage;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.IssuedWebhook;
import io.tenantkit.vault.webhook.WebhookId;
import io.tenantkit.vault.webhook.Webhooks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A control plane with everything, on some storage, and two tenants that have some of each. */
final class TwoTenants implements AutoCloseable {
  /** What acme has; the name tells it apart wherever it may turn up. */
  static final String CANARY = "acme-canary";

  /** Both tenants' backups open with it: what is told apart is not who holds a key. */
  static final BackupKeyPair BACKUP_KEYS = BackupKeyPair.generate(new SecureRandom());

  private static final PageRequest ALL = PageRequest.first(1_000);

  private final TickingClock clock = TickingClock.at(Instant.now());
  private final ControlPlane plane;
  private final SecretVault vault;
  private final LiveKit livekit;
  private final Integrations integrations;
  private final SecretRotations rotations;
  private final VaultKeys keyring;
  private final VaultBackup backups;
  private final Egress egress = Egress.create();
  private final Webhooks webhooks;
  private final CredentialSource legacy;
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
   * @param webhook an endpoint
   * @param credential a row of the host's own table
   * @param backup a file that an export wrote
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
      IntegrationId integration,
      WebhookId webhook,
      HostCredential credential,
      byte[] backup) {}

  TwoTenants(Storage storage) {
    this(storage, new NoLegacy());
  }

  /**
   * A house on this storage.
   *
   * @param legacy the host's own table with a row {@code acme-canary} of acme and one of globex
   */
  TwoTenants(Storage storage, CredentialSource legacy) {
    this.legacy = legacy;
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
    rotations =
        SecretRotations.builder(vault)
            .rotator(Secret.PLAIN, Rotators.random(40, Rotators.ALPHANUMERIC))
            .build();
    keyring = VaultKeys.of(vault);
    backups = VaultBackup.of(vault);
    webhooks = Webhooks.builder(vault, egress).build();
    Operator operator = Operator.trusted("setup", "isolation");
    plane.organizations().create(operator, acme.organization(), CANARY);
    plane.organizations().create(operator, globex.organization(), "Globex");
    plane.apiKeys().create(acme, NewApiKey.live(CANARY)).close();
    plane.apiKeys().create(globex, NewApiKey.live("globex")).close();
    clock.tick(Duration.ofHours(3));
    Secret acmes = used(acme, CANARY);
    Secret globexes = used(globex, "globex");
    SecretUsage.of(vault).reportUnits(acme, acmes, ReportedUnits.of("calls", 1));
    plane.runDue(clock.instant());
    // After the due work: checks of integrations and deliveries to webhooks run on threads of their
    // own, and what they write would be taken for what the calls do.
    theirs = fill(acme, CANARY, acmes);
    ours = fill(globex, "globex", globexes);
  }

  private Secret used(TenantContext context, String name) {
    SecretRef ref = SecretRef.of(name, Environment.PRODUCTION, name);
    try (SecretValue value = SecretValue.of(name)) {
      Secret put = vault.put(context, ref, value);
      vault.reveal(context, ref).close();
      return put;
    }
  }

  private Ids fill(TenantContext context, String name, Secret put) {
    SecretRef ref = put.ref();
    TeamId team = plane.teams().create(context, name).id();
    plane.teams().addMember(context, team, new Actor(Actor.Kind.USER, name));
    try (IssuedApiKey key = plane.apiKeys().create(context, NewApiKey.live(name));
        SecretValue secret = SecretValue.of(name + "-0123456789-0123456789-0123456789")) {
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
      rotations.set(context, ref, RotationPolicy.every(Duration.ofHours(1)));
      erase(context, name, secret);
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
            integration,
            webhook(context, name),
            credential(name, name),
            backup(context));
      }
    }
  }

  private void erase(TenantContext context, String name, SecretValue value) {
    SecretRef gone = SecretRef.of("gone", Environment.PRODUCTION, name);
    vault.put(context, gone, value);
    keyring.eraseSecret(context, gone, "asked by " + name);
  }

  private WebhookId webhook(TenantContext context, String name) {
    try (IssuedWebhook issued =
        webhooks.create(context, "https://" + name + ".test/hook", name, EventFilter.all())) {
      return issued.endpoint().id();
    }
  }

  /** A row of the host's own table, as its source gives it. */
  static HostCredential credential(String id, String value) {
    return new HostCredential(id, "legacy", Map.of("token", SecretValue.of(value)));
  }

  private byte[] backup(TenantContext context) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      backups.export(context, BackupKey.recipient(BACKUP_KEYS.recipient()), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
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
        new IntegrationId("int_unknown"),
        new WebhookId("whk_unknown"),
        credential("unknown", "unknown"),
        elsewhere.theirs.backup());
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

  SecretRotations rotations() {
    return rotations;
  }

  VaultKeys keyring() {
    return keyring;
  }

  VaultBackup backups() {
    return backups;
  }

  Webhooks webhooks() {
    return webhooks;
  }

  CredentialSource legacy() {
    return legacy;
  }

  LiveKit livekit() {
    return livekit;
  }

  /** All of the other tenant, as that tenant sees it. */
  List<Object> state() {
    List<AuditEvent> events = plane.audit().list(acme, ALL).items();
    return List.of(
        legacy.pending(acme, null, 100).stream()
            .map(row -> List.of(row.id(), row.kind(), row.fields()))
            .toList(),
        webhooks.list(acme, ALL).items(),
        rotations.list(acme, ever(), ALL).items(),
        keyring.doctor(acme),
        keyring.erasures(acme),
        plane.organizations().get(acme),
        plane.apiKeys().list(acme, ALL).items(),
        plane.teams().list(acme, ALL).items(),
        plane.teams().members(acme, theirs.team()),
        vault.list(acme, ALL).items(),
        vault.versions(acme, theirs.ref()),
        integrations.list(acme, ALL).items(),
        events);
  }

  /** The other tenant's value is what it was. */
  void opens() {
    try (SecretFields opened = vault.reveal(acme, theirs.ref());
        SecretValue expected = SecretValue.of(CANARY)) {
      assertThat(opened.field(NewSecret.VALUE)).isEqualTo(expected);
    }
  }

  @Override
  public void close() {
    plane.close();
    egress.close();
  }

  /** On a storage without SQL a host has no table of its own there. */
  private static final class NoLegacy implements CredentialSource {
    @Override
    public List<HostCredential> pending(
        TenantContext context, @Nullable String afterId, int limit) {
      return List.of();
    }

    @Override
    public boolean scrub(
        TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
      return false;
    }
  }
}
