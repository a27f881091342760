package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretDescription;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.backup.BackupKey;
import io.tenantkit.vault.backup.RestoreOptions;
import io.tenantkit.vault.backup.VaultBackup;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.RawServer;
import io.tenantkit.vault.imports.CredentialImport;
import io.tenantkit.vault.imports.CredentialSource;
import io.tenantkit.vault.imports.CredentialTarget;
import io.tenantkit.vault.imports.HostCredential;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationChange;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.integration.Verdict;
import io.tenantkit.vault.rotation.RotationCall;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.rotation.SecretRotator;
import io.tenantkit.vault.usage.ComplianceReport;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.IssuedWebhook;
import io.tenantkit.vault.webhook.WebhookTurns;
import io.tenantkit.vault.webhook.Webhooks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that is done with secrets on one storage. Every value is a canary: it is asked for when it is
 * needed and closed afterwards, so that nothing here keeps one.
 */
final class DayOfSecrets {
  static final OrganizationId ACME = OrganizationId.of("acme");
  static final TenantContext ACMES = TenantContext.trusted(ACME, "host");
  static final SecretRef ONE = ref("one");
  static final SecretRef PAIR = ref("pair");
  private static final SecretRef TURNING = ref("turning");
  private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
  private static final Operator OPERATOR = Operator.trusted("ops", "a day");

  private final TickingClock clock = TickingClock.at(START);
  private final Supplier<SecretValue> canary;
  private final Consumer<SecretValue> issued;
  private final List<byte[]> outputs = new ArrayList<>();

  /**
   * A day.
   *
   * @param canary a value each time, which a provider's key may be as well
   * @param issued is lent what the library makes by itself
   */
  DayOfSecrets(Supplier<SecretValue> canary, Consumer<SecretValue> issued) {
    this.canary = canary;
    this.issued = issued;
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  /** What left the library in the open: reports, exports, backups, objects as text, errors. */
  List<byte[]> outputs() {
    return List.copyOf(outputs);
  }

  private void keep(Object any) {
    outputs.add(any.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void keep(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    keep((Object) text);
  }

  ControlPlane plane(io.tenantkit.Storage storage) {
    return ControlPlane.builder(storage, VerifyingNode.masterKeys())
        .clock(clock)
        .manualMaintenance()
        .build();
  }

  /** A server that is provider and receiver, on this port of the machine. */
  void live(JdbcStorage storage, int port) throws IOException {
    try (Egress egress =
            Egress.builder().unsafeAllowLoopback().unsafeRoute("api.openai.com", port).build();
        ControlPlane plane = plane(storage)) {
      plane.organizations().create(OPERATOR, ACME, "Acme");
      plane.organizations().create(OPERATOR, OrganizationId.of("globex"), "Globex");
      SecretVault vault = SecretVault.of(plane);
      putAndRead(vault);
      rotate(plane, vault);
      integrate(vault, egress);
      Webhooks webhooks = tell(plane, vault, egress, "http://127.0.0.1:" + port + "/hook");
      bringIn(vault);
      carry(vault);
      VaultKeys keys = VaultKeys.of(vault);
      keys.rotate(ACMES);
      assertThat(keys.rewrapSecrets(ACMES).rewrapped()).isPositive();
      failures(vault);
      clock.tick(Duration.ofHours(2));
      due(plane, webhooks);
      report(plane, vault);
    }
  }

  private void put(SecretVault vault, SecretRef ref) {
    try (SecretValue value = canary.get()) {
      keep(vault.put(ACMES, ref, value));
    }
  }

  private void putAndRead(SecretVault vault) {
    put(vault, ONE);
    put(vault, ONE);
    try (SecretValue a = canary.get();
        SecretValue b = canary.get()) {
      NewSecret pair =
          NewSecret.of("pair", Map.of("a", a, "b", b))
              .described(SecretDescription.of("text", List.of("tag"), Map.of("k", "v")));
      keep(pair);
      keep(vault.put(ACMES, PAIR, pair));
      keep(vault.putAll(ACMES, Map.of(ref("two"), NewSecret.of(a), ref("three"), pair)));
      keep(vault.put(ACMES, ONE, NewSecret.of(a).asPending()));
    }
    keep(vault.promote(ACMES, ONE, 3));
    vault.reveal(ACMES, PAIR).close();
    vault.reveal(ACMES, ONE, 1).close();
    vault.use(ACMES, ONE, "work", SecretValue::length);
    vault.useFields(ACMES, PAIR, Purpose.of("work"), fields -> fields.names().size());
    keep(vault.versions(ACMES, ONE));
    for (Secret each : vault.search(ACMES, SecretQuery.all(), PageRequest.first(100)).items()) {
      keep(each);
    }
    keep(vault.rollBack(ACMES, ONE));
    keep(vault.delete(ACMES, ref("two")));
  }

  private void rotate(ControlPlane plane, SecretVault vault) {
    SecretRotations rotations =
        SecretRotations.builder(vault).rotator("turning", new Rotator()).build();
    try (SecretValue value = canary.get()) {
      vault.put(ACMES, TURNING, NewSecret.of("turning", Map.of(NewSecret.VALUE, value)));
    }
    rotations.set(
        ACMES, TURNING, RotationPolicy.every(Duration.ofHours(4)).withOverlap(Duration.ofHours(1)));
    for (int i = 0; i < 60; i++) {
      clock.tick(Duration.ofMinutes(6));
      plane.runDue(clock.instant());
    }
    keep(rotations.get(ACMES, TURNING));
    assertThat(actions(plane)).contains("secret.rotated");
  }

  /** Whose new key is a canary as well. */
  private final class Rotator implements SecretRotator {
    @Override
    public Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current) {
      keep(call);
      return Map.of(NewSecret.VALUE, canary.get());
    }

    @Override
    public boolean test(RotationCall call, Map<String, SecretValue> created) {
      return true;
    }
  }

  private void integrate(SecretVault vault, Egress egress) {
    Integrations integrations =
        Integrations.builder(vault).egress(egress).pace(Duration.ZERO).build();
    Integration row;
    try (SecretValue key = canary.get()) {
      row =
          integrations.create(
              ACMES,
              new NewIntegration(
                  "openai",
                  Environment.PRODUCTION,
                  "Main",
                  Map.of("api_key", key),
                  Map.of("model", "gpt-4o")));
      keep(row);
      keep(integrations.test(ACMES, "openai", Map.of("api_key", key), Map.of()));
    }
    assertThat(integrations.test(ACMES, row.id()).verdict()).isEqualTo(Verdict.VALID);
    integrations.use(ACMES, row.id(), "work", fields -> fields.names().size());
    try (SecretValue next = canary.get()) {
      keep(
          integrations.update(
              ACMES, row.id(), IntegrationChange.none().credential(Map.of("api_key", next))));
    }
    assertThat(integrations.test(ACMES, row.id()).verdict()).isEqualTo(Verdict.VALID);
    keep(integrations.get(ACMES, row.id()));
  }

  /** With all that is told then: due work itself does not wait for it, and it signs. */
  private void due(ControlPlane plane, Webhooks webhooks) {
    plane.runDue(clock.instant());
    WebhookTurns.await(webhooks);
  }

  private Webhooks tell(ControlPlane plane, SecretVault vault, Egress egress, String url) {
    Webhooks webhooks = Webhooks.builder(vault, egress).build();
    try (IssuedWebhook made = webhooks.create(ACMES, url, "tests", EventFilter.all())) {
      issued.accept(made.secret());
      keep(made);
      put(vault, ref("told"));
      clock.tick(Duration.ofMinutes(1));
      due(plane, webhooks);
      try (IssuedWebhook again =
          webhooks.rotateSecret(ACMES, made.endpoint().id(), Duration.ofHours(1))) {
        issued.accept(again.secret());
      }
      clock.tick(Duration.ofMinutes(1));
      due(plane, webhooks);
      keep(webhooks.get(ACMES, made.endpoint().id()));
    }
    return webhooks;
  }

  private void bringIn(SecretVault vault) {
    CredentialSource source =
        new CredentialSource() {
          private boolean scrubbed;

          @Override
          public List<HostCredential> pending(
              TenantContext context, @Nullable String afterId, int limit) {
            return scrubbed || afterId != null
                ? List.of()
                : List.of(new HostCredential("7", "legacy", Map.of("value", canary.get())));
          }

          @Override
          public boolean scrub(
              TenantContext context, HostCredential read, Consumer<TenantContext> evidence) {
            keep(read);
            evidence.accept(context);
            scrubbed = true;
            return true;
          }
        };
    CredentialTarget target =
        CredentialTarget.secrets(vault, credential -> ref("imported-" + credential.id()));
    keep(CredentialImport.of(vault, source, target).run(ACMES));
    vault.reveal(ACMES, ref("imported-7")).close();
  }

  private void carry(SecretVault vault) throws IOException {
    ByteArrayOutputStream backup = new ByteArrayOutputStream();
    try (SecretValue passphrase = canary.get()) {
      BackupKey key = BackupKey.passphrase(passphrase);
      keep(VaultBackup.of(vault).export(ACMES, key, backup));
      keep(
          VaultBackup.of(vault)
              .restore(
                  OPERATOR,
                  OrganizationId.of("globex"),
                  key,
                  () -> new ByteArrayInputStream(backup.toByteArray()),
                  RestoreOptions.standard()));
      keep(key);
    }
    outputs.add(backup.toByteArray());
  }

  private void failures(SecretVault vault) {
    try (SecretValue value = canary.get()) {
      keep(catchThrowable(() -> vault.put(ACMES, ONE, NewSecret.of(value).onlyNew())));
      keep(catchThrowable(() -> vault.put(ACMES, PAIR, NewSecret.of(value))));
      keep(catchThrowable(() -> vault.reveal(ACMES, ref("unknown"))));
      keep(
          catchThrowable(
              () ->
                  vault.use(
                      ACMES,
                      ONE,
                      "fail",
                      lent -> {
                        throw new IllegalStateException("mine " + lent);
                      })));
    }
  }

  private void report(ControlPlane plane, SecretVault vault) throws IOException {
    StringBuilder json = new StringBuilder();
    StringBuilder text = new StringBuilder();
    ComplianceReport report =
        ComplianceReport.of(vault, io.tenantkit.vault.usage.OverdueRotations.none());
    report.json(ACMES, START.minusSeconds(60), clock.instant(), json);
    report.text(ACMES, START.minusSeconds(60), clock.instant(), text);
    assertThat(json).contains("app/imported-7");
    StringBuilder trail = new StringBuilder();
    assertThat(plane.audit().export(ACMES, 0, Long.MAX_VALUE, trail)).isPositive();
    assertThat(trail).contains("secret.revealed", "integration.created");
    keep((Object) json);
    keep((Object) text);
    keep((Object) trail);
    keep(VaultKeys.of(vault).doctor(ACMES));
    keep(VaultKeys.of(vault).doctor(OPERATOR));
  }

  private static List<String> actions(ControlPlane plane) {
    return plane.audit().list(ACMES, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
        .map(AuditEvent::action)
        .toList();
  }

  /** Provider and receiver: every key is good, and every message is taken. */
  static RawServer.Answer server() {
    RawServer.Answer models = RawServer.status(200, "{\"data\":[]}");
    RawServer.Answer taken = RawServer.status(204, "");
    return (request, out) ->
        (request.line().startsWith("GET") ? models : taken).write(request, out);
  }
}
