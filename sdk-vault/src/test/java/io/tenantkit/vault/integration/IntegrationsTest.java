package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.CapturedLogs;
import io.tenantkit.vault.Destination;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Purpose;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sightings;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.LocalProvider.Answer;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntegrationsTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");
  private static final Instant START = Instant.parse("2026-11-21T10:15:30.123456Z");
  private static final String KEY = "sk-proj-Zq8CANARYopenai4T3BlbkFJx7Lw2Kd90aPmVbNcRt";
  private static final String OTHER = "sk-proj-Second0CANARYopenai4T3BlbkFJx7Lw2Kd90aPmVb";
  private static final String GITLAB = "glpat-CANARYgitlab_0123456789";
  private static final Answer VALID = Answer.of(200, "{\"data\":[]}");
  private static final Answer INVALID =
      Answer.of(401, "{\"error\":{\"message\":\"Incorrect API key provided: " + KEY + "\"}}");

  private final TickingClock clock = TickingClock.at(START);
  private final InMemoryStorage storage = InMemoryStorage.create();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final LocalProvider provider = LocalProvider.answering(VALID);
  private final TenantContext acme = TenantContext.trusted(ACME, "acme-host");
  private final TenantContext globex = TenantContext.trusted(GLOBEX, "globex-host");
  private final ControlPlane plane = open();
  private final SecretVault vault = SecretVault.of(plane);
  private final DefaultIntegrations integrations = integrations(vault, any -> any);

  IntegrationsTest() {
    Operator operator = Operator.trusted("operator", "tests");
    plane.organizations().create(operator, ACME, "Acme");
    plane.organizations().create(operator, GLOBEX, "Globex");
  }

  private ControlPlane open() {
    byte[] key = new byte[32];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (i * 7 + 1);
    }
    ControlPlane made =
        ControlPlane.builder(storage, MasterKeys.of(MasterKey.of(key)))
            .clock(clock)
            .manualMaintenance()
            .listener(events::add)
            .build();
    opened.add(0, made);
    return made;
  }

  private DefaultIntegrations integrations(
      SecretVault over, UnaryOperator<Integrations.Builder> settings) {
    Egress egress =
        Egress.builder()
            .unsafeRoute("api.openai.com", provider.port())
            .unsafeRoute("git.acme.example", provider.port())
            .unsafeRoute("git.evil.example", provider.port())
            .build();
    opened.add(egress);
    return (DefaultIntegrations)
        settings.apply(Integrations.builder(over).egress(egress).pace(Duration.ZERO)).build();
  }

  @AfterEach
  void close() throws Exception {
    provider.close();
    for (AutoCloseable each : opened) {
      each.close();
    }
    storage.close();
  }

  private static NewIntegration openai(String key, Map<String, String> config) {
    return new NewIntegration(
        "openai", Environment.PRODUCTION, "Main", Map.of("api_key", SecretValue.of(key)), config);
  }

  private Integration created() {
    return integrations.create(acme, openai(KEY, Map.of("model", "gpt-4o")));
  }

  private Integration gitlab(String url) {
    return integrations.create(
        acme,
        new NewIntegration(
            "gitlab",
            Environment.PRODUCTION,
            "Our GitLab",
            Map.of("token", SecretValue.of(GITLAB)),
            Map.of("base_url", url)));
  }

  private List<AuditEvent> trail() {
    return plane.audit().list(acme, PageRequest.first(PageRequest.MAX_LIMIT)).items();
  }

  private List<String> actions() {
    return trail().stream().map(AuditEvent::action).toList();
  }

  private void sweep(DefaultIntegrations which) throws InterruptedException {
    which.verifier().run(plane.runtime().now());
    which.verifier().await();
  }

  @Test
  void aNewOneIsVerifyingAndItsCredentialIsBoundToItsHost() {
    Integration row = created();

    assertThat(row.status()).isEqualTo(IntegrationStatus.VERIFYING);
    assertThat(row.credentialVersion()).isEqualTo(1);
    assertThat(row.config()).containsExactlyEntriesOf(Map.of("model", "gpt-4o"));
    assertThat(integrations.get(acme, row.id())).isEqualTo(row);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).containsExactly(row);
    SecretRef ref = SecretRef.of("integrations", Environment.PRODUCTION, row.id().value());
    assertThat(vault.get(acme, ref).type()).isEqualTo("openai");
    vault.useFields(
        acme,
        ref,
        Purpose.of("test"),
        fields -> {
          assertThat(fields.destination()).isEqualTo(Destination.hosts("api.openai.com"));
          assertThat(fields.names()).containsExactly("api_key");
          return 0;
        });
    assertThat(actions())
        .contains("integration.created", "secret.created", "integration.credential_stored");
  }

  @Test
  void whoMayWriteSecretsDoesNotByThatReplaceACredential() {
    Integration row = created();
    TenantContext secretsOnly = acme.limitedTo(ScopeSet.of("secrets:*"));
    assertThatThrownBy(
            () ->
                vault.put(
                    secretsOnly,
                    SecretRef.of("integrations", Environment.PRODUCTION, row.id().value()),
                    NewSecret.of("openai", Map.of("api_key", SecretValue.of(OTHER)))))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void aCheckConnectsAndOneThatIsRejectedFails() {
    Integration row = created();
    clock.tick(Duration.ofSeconds(1));

    assertThat(integrations.test(acme, row.id()).verdict()).isEqualTo(Verdict.VALID);

    Integration connected = integrations.get(acme, row.id());
    assertThat(connected.status()).isEqualTo(IntegrationStatus.CONNECTED);
    assertThat(connected.lastVerifiedAt()).contains(START.plusSeconds(1));
    assertThat(connected.errorMessage()).isEmpty();
    assertThat(connected.lastUsedAt()).isEmpty();
    assertThat(connected.nextCheckAt())
        .isBetween(START.plus(Duration.ofHours(21)), START.plus(Duration.ofHours(27)));

    provider.answer(asked -> INVALID);
    CheckResult result = integrations.test(acme, row.id());

    assertThat(result.verdict()).isEqualTo(Verdict.INVALID);
    Integration failed = integrations.get(acme, row.id());
    assertThat(failed.status()).isEqualTo(IntegrationStatus.ERROR);
    assertThat(failed.verdict()).contains(Verdict.INVALID);
    assertThat(failed.errorMessage().orElseThrow())
        .contains("Incorrect API key")
        .contains("[redacted]");
    plane.runDue(plane.runtime().now());
    assertThat(events.stream().filter(e -> e.type() == EventType.INTEGRATION_FAILED))
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.subject()).isEqualTo(row.id().value());
              assertThat(e.details()).containsEntry("verdict", "INVALID");
            });
    assertNothingSeen(KEY, result, failed);
  }

  @Test
  void onlyWhatTheProviderSaysOfTheCredentialChangesTheStatus() {
    Integration row = created();
    integrations.test(acme, row.id());
    for (Answer answer :
        List.of(
            Answer.of(500, "x"),
            Answer.of(404, "x"),
            Answer.of(302, ""),
            Answer.of(200, "<html>"),
            Answer.of(429, "{}"))) {
      provider.answer(asked -> answer);
      Verdict verdict = integrations.test(acme, row.id()).verdict();
      assertThat(verdict.usable() || verdict.rejected()).isFalse();
      Integration after = integrations.get(acme, row.id());
      assertThat(after.status()).isEqualTo(IntegrationStatus.CONNECTED);
      assertThat(after.verdict()).contains(verdict);
      assertThat(after.errorMessage()).isPresent();
    }
    provider.answer(asked -> INVALID);
    integrations.test(acme, row.id());
    provider.answer(asked -> Answer.of(500, "x"));
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.ERROR);
    provider.answer(
        asked ->
            Answer.of(429, "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"pay\"}}"));
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
    // One event of the trail for each change of the status, and no more.
    assertThat(actions().stream().filter("integration.status_changed"::equals)).hasSize(3);
  }

  @Test
  void aCheckBeforeSavingStoresNothing() {
    int before = trail().size();
    CheckResult result =
        integrations.test(acme, "openai", Map.of("api_key", SecretValue.of(KEY)), Map.of());

    assertThat(result.verdict()).isEqualTo(Verdict.VALID);
    assertThat(provider.asked().get(0).headers()).containsEntry("Authorization", "Bearer " + KEY);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).isEmpty();
    assertThat(trail()).hasSize(before);
  }

  @Test
  void whatSaysWhereTheCredentialGoesChangesOnlyWithIt() {
    Integration row = gitlab("https://git.acme.example");

    assertThatThrownBy(
            () ->
                integrations.update(
                    acme,
                    row.id(),
                    IntegrationChange.none()
                        .config(Map.of("base_url", "https://git.evil.example"))))
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> assertThat(e.property()).isEqualTo("config.base_url"));
    assertThat(integrations.get(acme, row.id())).isEqualTo(row);

    Integration renamed =
        integrations.update(
            acme,
            row.id(),
            IntegrationChange.none().name("Renamed").config(Map.of("team", "core")));
    assertThat(renamed.config())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("team", "core", "base_url", "https://git.acme.example"));
    assertThat(renamed.credentialVersion()).isEqualTo(1);

    Integration moved =
        integrations.update(
            acme,
            row.id(),
            IntegrationChange.none()
                .config(Map.of("base_url", "https://git.evil.example"))
                .credential(Map.of("token", SecretValue.of("another-token-0123456789"))));
    assertThat(moved.credentialVersion()).isEqualTo(2);
    assertThat(moved.status()).isEqualTo(IntegrationStatus.VERIFYING);
    provider.answer(asked -> Answer.of(200, "{\"username\":\"ada\"}"));
    assertThat(integrations.test(acme, row.id()).verdict()).isEqualTo(Verdict.VALID);
    assertThat(provider.asked())
        .singleElement()
        .satisfies(
            asked ->
                assertThat(asked.headers())
                    .containsEntry("Host", "git.evil.example")
                    .containsEntry("PRIVATE-TOKEN", "another-token-0123456789"));
  }

  /** As when somebody changes the row in the database: what counts is what was sealed. */
  @Test
  void aRowThatNamesAnotherHostSendsTheCredentialNowhereElse() {
    Integration row = gitlab("https://git.acme.example");
    Integration tampered =
        row.named("x", Map.of("base_url", "https://git.evil.example"), row.updatedAt());
    assertThat(
            InMemoryVaultStores.in(storage)
                .integrations()
                .update(acme, tampered, row.version(), false, Optional.empty()))
        .isTrue();
    provider.answer(asked -> Answer.of(200, "{\"username\":\"ada\"}"));

    integrations.test(acme, row.id());

    assertThat(provider.asked())
        .allSatisfy(asked -> assertThat(asked.headers()).containsEntry("Host", "git.acme.example"));
    assertThat(integrations.get(acme, row.id()).config())
        .containsEntry("base_url", "https://git.acme.example");
  }

  @Test
  void aCredentialThatWasNotSealedForItsHostIsNotSent() {
    Integration row = gitlab("https://git.acme.example");
    SecretRef ref = SecretRef.of("integrations", Environment.PRODUCTION, row.id().value());
    for (NewSecret odd :
        List.of(
            NewSecret.of(
                "gitlab",
                Map.of(
                    "token", SecretValue.of(GITLAB),
                    "base_url", SecretValue.of("https://git.evil.example"))),
            NewSecret.of("gitlab", Map.of("token", SecretValue.of(GITLAB)))
                .to(Destination.hosts("git.acme.example")),
            NewSecret.of("gitlab", Map.of("other", SecretValue.of(GITLAB))))) {
      vault.put(acme, ref, odd);
      assertThat(integrations.test(acme, row.id()).verdict()).isEqualTo(Verdict.WRONG_ENDPOINT);
    }
    assertThat(provider.asked()).isEmpty();
  }

  /** What the row says last was put is not always what is in force. */
  @Test
  void aCheckAfterARollBackIsKept() throws Exception {
    Integration row = created();
    integrations.update(
        acme,
        row.id(),
        IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER))));
    provider.answer(asked -> asked.headers().get("Authorization").contains(KEY) ? VALID : INVALID);
    sweep(integrations);
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.ERROR);

    vault.rollBack(acme, SecretRef.of("integrations", Environment.PRODUCTION, row.id().value()));
    clock.tick(Duration.ofHours(27));
    sweep(integrations);

    Integration checked = integrations.get(acme, row.id());
    assertThat(checked.status()).isEqualTo(IntegrationStatus.CONNECTED);
    assertThat(checked.credentialVersion()).isEqualTo(1);
    assertThat(checked.nextCheckAt()).isAfter(clock.instant().plus(Duration.ofHours(20)));
    clock.tick(Duration.ofHours(1));
    sweep(integrations);
    assertThat(provider.asked()).as("once a day").hasSize(2);
    // And forward again: the next credential counts as ever.
    integrations.update(
        acme,
        row.id(),
        IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(KEY))));
    assertThat(integrations.get(acme, row.id()).credentialVersion()).isEqualTo(3);
  }

  @Test
  void thoseOfAnErasedOrganizationEnd() throws Exception {
    Integration row = created();
    List<IntegrationId> ended = new ArrayList<>();
    integrations.onEnd((context, integration) -> ended.add(integration.id()));
    VaultKeys.of(vault).eraseOrganization(Operator.trusted("operator", "asked to"), ACME);
    clock.tick(Duration.ofHours(1));
    sweep(integrations);

    Integration after = integrations.get(acme, row.id());
    assertThat(after.status()).isEqualTo(IntegrationStatus.DISABLED);
    assertThat(after.errorMessage().orElseThrow()).contains("erased");
    assertThat(ended).containsExactly(row.id());
    int rows = trail().size();
    for (int i = 0; i < 10; i++) {
      clock.tick(Duration.ofHours(30));
      sweep(integrations);
    }
    assertThat(trail()).hasSize(rows);
    assertThat(provider.asked()).isEmpty();
    assertThat(events.stream().map(Event::type)).doesNotContain(EventType.MAINTENANCE_FAILED);
  }

  @Test
  void aSuspendedOrganizationIsNotChecked() throws Exception {
    created();
    created();
    Operator operator = Operator.trusted("operator", "unpaid");
    plane.organizations().suspend(operator, ACME);
    sweep(integrations);
    assertThat(provider.asked()).isEmpty();

    plane.organizations().activate(operator, ACME);
    DefaultIntegrations one = integrations(vault, settings -> settings.checksAtOnce(1));
    provider.answer(
        asked -> {
          plane.organizations().suspend(operator, ACME);
          return VALID;
        });
    sweep(one);
    assertThat(provider.asked()).as("suspended after both were gathered").hasSize(1);
  }

  /** The first two that are asked are of two providers, whichever these are. */
  @Test
  void eachProviderIsAskedAtItsPace() throws Exception {
    DefaultIntegrations paced =
        integrations(vault, settings -> settings.checksAtOnce(1).pace(Duration.ofMinutes(1)));
    for (int i = 0; i < 3; i++) {
      created();
      gitlab("https://git.acme.example");
    }
    CountDownLatch two = new CountDownLatch(2);
    provider.answer(
        asked -> {
          two.countDown();
          return VALID;
        });
    paced.verifier().run(plane.runtime().now());
    two.await();
    assertThat(provider.asked().subList(0, 2).stream().map(asked -> asked.headers().get("Host")))
        .containsExactlyInAnyOrder("api.openai.com", "git.acme.example");
  }

  @Test
  void anotherCredentialIsVerifiedAnewAndTheOldVerdictDoesNotCount() {
    Integration row = created();
    provider.answer(
        asked -> {
          // Replaced while the check of the first is on its way.
          if (asked.headers().get("Authorization").contains(KEY)) {
            integrations.update(
                acme,
                row.id(),
                IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER))));
            return INVALID;
          }
          return VALID;
        });

    assertThat(integrations.test(acme, row.id()).verdict()).isEqualTo(Verdict.INVALID);
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.VERIFYING);
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
  }

  @Test
  void useLendsTheCredentialAndSaysSo() {
    Integration row = created();
    String seen =
        integrations.use(
            acme,
            row.id(),
            "a completion",
            fields -> fields.field("api_key").string(SecretAccess.get()));

    assertThat(seen).isEqualTo(KEY);
    assertThat(integrations.get(acme, row.id()).lastUsedAt()).contains(START);
    assertThat(actions()).contains("integration.used");
    clock.tick(Duration.ofSeconds(59));
    integrations.use(acme, row.id(), "again", fields -> 0);
    assertThat(integrations.get(acme, row.id()).lastUsedAt()).contains(START);
    clock.tick(Duration.ofSeconds(1));
    integrations.use(acme, row.id(), "again", fields -> 0);
    assertThat(integrations.get(acme, row.id()).lastUsedAt()).contains(START.plusSeconds(60));
  }

  @Test
  void aDisabledOneIsNeitherUsedNorCheckedByDueWork() throws Exception {
    Integration row = created();
    List<Integration> ended = new ArrayList<>();
    integrations.onEnd((context, integration) -> ended.add(integration));

    Integration disabled = integrations.disable(acme, row.id());

    assertThat(disabled.status()).isEqualTo(IntegrationStatus.DISABLED);
    assertThat(ended).containsExactly(disabled);
    assertThatThrownBy(() -> integrations.use(acme, row.id(), "x", fields -> 0))
        .isInstanceOf(ConflictException.class);
    sweep(integrations);
    assertThat(provider.asked()).isEmpty();
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.DISABLED);

    assertThat(integrations.enable(acme, row.id()).status()).isEqualTo(IntegrationStatus.VERIFYING);
    sweep(integrations);
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
  }

  @Test
  void deleteDestroysTheCredentialAndEndsWhatUsesIt() {
    Integration row = created();
    List<IntegrationId> ended = new ArrayList<>();
    boolean[] fails = {true};
    integrations.onEnd(
        (context, integration) -> {
          if (fails[0]) {
            throw new IllegalStateException("a session did not end");
          }
          ended.add(integration.id());
        });

    assertThatThrownBy(() -> integrations.delete(acme, row.id()))
        .isInstanceOf(IllegalStateException.class);
    // The credential is gone whatever listeners do, and the integration can be deleted again.
    assertThatThrownBy(() -> integrations.use(acme, row.id(), "x", fields -> 0))
        .isInstanceOf(ConflictException.class);
    assertThat(integrations.test(acme, row.id()).message().orElseThrow()).contains("missing");
    fails[0] = false;
    integrations.delete(acme, row.id());

    assertThat(ended).containsExactly(row.id());
    assertThatThrownBy(() -> integrations.get(acme, row.id()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(
            () ->
                vault.versions(
                    acme, SecretRef.of("integrations", Environment.PRODUCTION, row.id().value())))
        .isInstanceOf(NotFoundException.class);
    assertThat(actions()).contains("integration.deleted");
  }

  @Test
  void aCredentialThatIsGivenWhileItIsDeletedEndsToo() {
    Integration row = created();
    boolean[] once = {true};
    integrations.onEnd(
        (context, integration) -> {
          if (once[0]) {
            once[0] = false;
            integrations.update(
                acme,
                row.id(),
                IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER))));
          }
        });
    integrations.delete(acme, row.id());
    assertNothingIsLeft();
  }

  @Test
  void ofDeletingAndGivingAtOnceNothingIsLeft() {
    for (int i = 0; i < 100; i++) {
      Integration row = created();
      Race.of(
          2,
          call -> {
            try {
              if (call == 0) {
                integrations.delete(acme, row.id());
              } else {
                integrations.update(
                    acme,
                    row.id(),
                    IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER))));
              }
            } catch (NotFoundException | ConflictException e) {
              // The other was faster.
              return false;
            }
            return true;
          });
      if (!integrations.list(acme, PageRequest.first(10)).items().isEmpty()) {
        integrations.delete(acme, row.id());
      }
      assertNothingIsLeft();
    }
  }

  private void assertNothingIsLeft() {
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).isEmpty();
    assertThat(
            vault
                .search(acme, SecretQuery.all().inProject("integrations"), PageRequest.first(10))
                .items())
        .isEmpty();
  }

  /** As between the two steps of a create. */
  @Test
  void oneWithoutItsCredentialYetIsItsCreatorsOnly() {
    TenantContext ada =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "ada"))
            .limitedTo(ScopeSet.of("integrations:*"));
    TenantContext bob =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "bob"))
            .limitedTo(ScopeSet.of("integrations:*"));
    Integration made = integrations.create(ada, openai(KEY, Map.of()));
    vault.destroy(acme, SecretRef.of("integrations", Environment.PRODUCTION, made.id().value()));
    Integration early = made.awaiting(0, clock.instant());
    assertThat(
            InMemoryVaultStores.in(storage)
                .integrations()
                .update(acme, early, made.version(), true, Optional.empty()))
        .isTrue();
    IntegrationChange given =
        IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER)));

    assertThat(integrations.get(ada, made.id())).isEqualTo(early);
    assertThat(integrations.list(bob, PageRequest.first(10)).items()).isEmpty();
    assertThatThrownBy(() -> integrations.update(bob, made.id(), given))
        .isInstanceOf(NotFoundException.class);
    assertThat(integrations.update(ada, made.id(), given).credentialVersion()).isEqualTo(1);
  }

  @Test
  void aCreateThatCannotStoreTheCredentialLeavesNothing() {
    SecretValue closed = SecretValue.of(KEY);
    closed.close();
    assertThatThrownBy(
            () ->
                integrations.create(
                    acme,
                    new NewIntegration(
                        "openai",
                        Environment.PRODUCTION,
                        "Main",
                        Map.of("api_key", closed),
                        Map.of())))
        .isInstanceOf(IllegalStateException.class);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).isEmpty();
    TenantContext nobody = TenantContext.trusted(OrganizationId.of("nobody"), "x");
    assertThatThrownBy(() -> integrations.create(nobody, openai(KEY, Map.of())))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void badInputIsNamedAndNeverShown() {
    for (Map<String, String> config :
        List.of(Map.of("api_key", KEY), Map.of("note", "line\nbreak"), Map.of("a b", "x"))) {
      Throwable refused = catchThrowable(() -> integrations.create(acme, openai(KEY, config)));
      assertThat(refused).isInstanceOf(InvalidInputException.class);
      assertThat(Sightings.in(refused.toString(), KEY.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }
    assertThatThrownBy(() -> integrations.create(acme, openai("not a key", Map.of())))
        .hasMessageContaining("credential.api_key")
        .hasMessageNotContaining("not a key");
    assertThatThrownBy(
            () ->
                integrations.create(
                    acme,
                    new NewIntegration(
                        "nobody",
                        Environment.PRODUCTION,
                        "x",
                        Map.of("api_key", SecretValue.of(KEY)),
                        Map.of())))
        .hasMessageContaining("provider");
    assertThat(openai(KEY, Map.of()).toString()).doesNotContain("CANARY");
    assertThat(
            IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(KEY))).toString())
        .doesNotContain("CANARY");
  }

  @Test
  void anotherTenantsIdAnUnknownOneAndOneOutOfReachGetTheSameAnswer() {
    Integration row = created();
    TenantContext development = acme.within(Set.of(Environment.DEVELOPMENT));
    IntegrationId unknown = new IntegrationId("int-unknown");
    List<Object> before = List.of(integrations.get(acme, row.id()), trail());

    List<Throwable> refusals = new ArrayList<>();
    for (Map.Entry<TenantContext, IntegrationId> each :
        List.of(
            Map.entry(globex, row.id()),
            Map.entry(acme, unknown),
            Map.entry(development, row.id()))) {
      TenantContext context = each.getKey();
      IntegrationId id = each.getValue();
      refusals.add(catchThrowable(() -> integrations.get(context, id)));
      refusals.add(
          catchThrowable(
              () -> integrations.update(context, id, IntegrationChange.none().name("x"))));
      refusals.add(
          catchThrowable(
              () ->
                  integrations.update(
                      context,
                      id,
                      IntegrationChange.none()
                          .credential(Map.of("api_key", SecretValue.of(OTHER))))));
      refusals.add(catchThrowable(() -> integrations.enable(context, id)));
      refusals.add(catchThrowable(() -> integrations.disable(context, id)));
      refusals.add(catchThrowable(() -> integrations.delete(context, id)));
      refusals.add(catchThrowable(() -> integrations.test(context, id)));
      refusals.add(catchThrowable(() -> integrations.use(context, id, "x", fields -> 0)));
    }

    assertThat(refusals)
        .allSatisfy(
            refusal ->
                assertThat(refusal)
                    .isInstanceOf(NotFoundException.class)
                    .hasMessage(refusals.get(0).getMessage()));
    assertThat(integrations.list(globex, PageRequest.first(10)).items()).isEmpty();
    assertThat(integrations.list(development, PageRequest.first(10)).items()).isEmpty();
    assertThat(List.of(integrations.get(acme, row.id()), trail())).isEqualTo(before);
    assertThat(provider.asked()).isEmpty();
  }

  @Test
  void whoDoesNotSeeTheCredentialDoesNotSeeTheIntegration() {
    TenantContext ada =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "ada"))
            .limitedTo(ScopeSet.of("integrations:*", "secrets:use"));
    TenantContext bob =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "bob"))
            .limitedTo(ScopeSet.of("integrations:*", "secrets:use"));
    Integration adas = integrations.create(ada, openai(KEY, Map.of()));
    Integration bobs = integrations.create(bob, openai(KEY, Map.of()));

    assertThat(integrations.get(ada, adas.id())).isEqualTo(adas);
    assertThat(integrations.list(ada, PageRequest.first(10)).items()).containsExactly(adas);
    assertThat(integrations.list(bob, PageRequest.first(10)).items()).containsExactly(bobs);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).contains(adas, bobs);
    for (Runnable call :
        List.<Runnable>of(
            () -> integrations.get(bob, adas.id()),
            () -> integrations.update(bob, adas.id(), IntegrationChange.none().name("x")),
            () -> integrations.enable(bob, adas.id()),
            () -> integrations.disable(bob, adas.id()),
            () -> integrations.delete(bob, adas.id()),
            () -> integrations.test(bob, adas.id()),
            () -> integrations.use(bob, adas.id(), "x", fields -> 0))) {
      assertThatThrownBy(call::run).isInstanceOf(NotFoundException.class);
    }
    integrations.delete(ada, adas.id());
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).containsExactly(bobs);
  }

  @Test
  void scopesAreAskedForFirst() {
    Integration row = created();
    TenantContext reader = acme.limitedTo(ScopeSet.of("integrations:read"));
    TenantContext writer = acme.limitedTo(ScopeSet.of("integrations:write"));
    TenantContext user = acme.limitedTo(ScopeSet.of("secrets:use"));

    assertThat(integrations.get(reader, row.id())).isEqualTo(row);
    assertThat(integrations.test(writer, row.id()).verdict()).isEqualTo(Verdict.VALID);
    Integer answer = integrations.use(user, row.id(), "x", fields -> 1);
    assertThat(answer).isEqualTo(1);
    for (Runnable denied :
        List.<Runnable>of(
            () -> integrations.get(writer, row.id()),
            () -> integrations.list(writer, PageRequest.first(1)),
            () -> integrations.create(reader, openai(KEY, Map.of())),
            () -> integrations.update(reader, row.id(), IntegrationChange.none()),
            () -> integrations.enable(reader, row.id()),
            () -> integrations.disable(reader, row.id()),
            () -> integrations.delete(reader, row.id()),
            () -> integrations.test(reader, row.id()),
            () ->
                integrations.test(
                    reader, "openai", Map.of("api_key", SecretValue.of(KEY)), Map.of()),
            () -> integrations.use(writer, row.id(), "x", fields -> 1))) {
      assertThatThrownBy(denied::run).isInstanceOf(AccessDeniedException.class);
    }
  }

  @Test
  void useAndCheckAreRefusedInTheHostsTransaction() {
    Integration row = created();
    storage.join(
        acme,
        joined -> {
          assertThatThrownBy(() -> integrations.use(joined, row.id(), "x", fields -> 0))
              .isInstanceOf(TenantkitException.class);
          assertThatThrownBy(() -> integrations.test(joined, row.id()))
              .isInstanceOf(TenantkitException.class);
          return 0;
        });
    assertThatThrownBy(
            () ->
                storage.join(
                    acme,
                    joined -> {
                      integrations.create(joined, openai(KEY, Map.of()));
                      throw new IllegalStateException("rolled back");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(integrations.list(acme, PageRequest.first(10)).items()).hasSize(1);
  }

  @Test
  void dueWorkChecksWhatIsDueAndOfTwoNodesOneDoes() throws Exception {
    for (int i = 0; i < 5; i++) {
      integrations.create(i % 2 == 0 ? acme : globex, openai(KEY, Map.of("i", "" + i)));
    }
    ControlPlane second = open();
    DefaultIntegrations other = integrations(SecretVault.of(second), any -> any);
    // Both have gathered before either asks.
    CountDownLatch both = new CountDownLatch(2);
    provider.answer(
        asked -> {
          both.countDown();
          try {
            both.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return VALID;
        });
    integrations.verifier().run(plane.runtime().now());
    other.verifier().run(plane.runtime().now());
    integrations.verifier().await();
    other.verifier().await();

    assertThat(provider.asked()).hasSize(5);
    assertThat(integrations.list(acme, PageRequest.first(10)).items())
        .hasSize(3)
        .allSatisfy(row -> assertThat(row.status()).isEqualTo(IntegrationStatus.CONNECTED));
    sweep(integrations);
    assertThat(provider.asked()).hasSize(5);
    clock.tick(Duration.ofHours(27));
    sweep(integrations);
    assertThat(provider.asked()).hasSize(10);
  }

  @Test
  void noMoreChecksThanToldAreUnderWay() throws Exception {
    DefaultIntegrations two = integrations(vault, settings -> settings.checksAtOnce(2));
    for (int i = 0; i < 6; i++) {
      two.create(acme, openai(KEY, Map.of()));
    }
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch go = new CountDownLatch(1);
    int[] under = {0, 0};
    provider.answer(
        asked -> {
          synchronized (under) {
            under[0]++;
            under[1] = Math.max(under[1], under[0]);
          }
          arrived.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          synchronized (under) {
            under[0]--;
          }
          return VALID;
        });
    two.verifier().run(plane.runtime().now());
    arrived.await();
    // Gathering again while they are under way begins nothing.
    two.verifier().run(plane.runtime().now());
    go.countDown();
    two.verifier().await();

    assertThat(under[1]).isEqualTo(2);
    assertThat(provider.asked()).hasSize(6);
  }

  @Test
  void whatLearntNothingIsTriedAgainSoonAndNoSoonerThanTheProviderWants() {
    Integration row = created();
    provider.answer(asked -> Answer.of(500, "x"));
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).nextCheckAt())
        .isBetween(START.plus(Duration.ofMinutes(13)), START.plus(Duration.ofMinutes(17)));
    provider.answer(asked -> Answer.of(429, "{}").with(Map.of("Retry-After", "7200")));
    integrations.test(acme, row.id());
    assertThat(integrations.get(acme, row.id()).nextCheckAt())
        .isAfterOrEqualTo(START.plus(Duration.ofHours(2)));
  }

  @Test
  void oneThatFailsHidesNoOther() throws Exception {
    Integration broken = created();
    Integration fine = created();
    // A version that no vault wrote: its check throws.
    provider.answer(asked -> VALID);
    vault.destroy(acme, SecretRef.of("integrations", Environment.PRODUCTION, broken.id().value()));
    sweep(integrations);

    assertThat(integrations.get(acme, fine.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
    Integration missing = integrations.get(acme, broken.id());
    assertThat(missing.status()).isEqualTo(IntegrationStatus.ERROR);
    assertThat(missing.errorMessage().orElseThrow()).contains("missing");
    // It is given again, and all is well.
    integrations.update(
        acme,
        broken.id(),
        IntegrationChange.none().credential(Map.of("api_key", SecretValue.of(OTHER))));
    integrations.test(acme, broken.id());
    assertThat(integrations.get(acme, broken.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
  }

  @Test
  void dueWorkRunsWithTheControlPlanes() throws Exception {
    Integration row = created();
    plane.runDue(plane.runtime().now());
    integrations.verifier().await();
    assertThat(integrations.get(acme, row.id()).status()).isEqualTo(IntegrationStatus.CONNECTED);
    plane.close();
    clock.tick(Duration.ofHours(30));
    integrations.verifier().run(clock.instant());
    integrations.verifier().await();
    assertThat(provider.asked()).hasSize(1);
  }

  private void assertNothingSeen(String secret, Object... shown) {
    byte[] canary = secret.getBytes(StandardCharsets.UTF_8);
    for (Object each : shown) {
      assertThat(Sightings.in(each.toString(), canary)).isEmpty();
    }
    assertThat(Sightings.in(trail().toString(), canary)).isEmpty();
    assertThat(Sightings.in(events.toString(), canary)).isEmpty();
    assertThat(Sightings.in(String.join("\n", CapturedLogs.lines()), canary)).isEmpty();
  }
}
