package io.tenantkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.event.Severity;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.CheckResult;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationStatus;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.integration.Verdict;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.OpenedSecret;
import io.tenantkit.vault.spi.SecretStore;
import io.tenantkit.vault.spi.VaultStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever changes a sealed row is told of at once, and nothing that needs it tries for ever. */
class RejectedSecretTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final SecretRef REF = SecretRef.of("app", Environment.PRODUCTION, "db");

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final InMemoryStorage storage = InMemoryStorage.create();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private final Operator operator = Operator.trusted("ops", "test");
  private boolean tampered;
  private ControlPlane plane;
  private SecretVault vault;

  @BeforeEach
  void open() {
    SecretStore bent =
        (SecretStore)
            Proxy.newProxyInstance(
                SecretStore.class.getClassLoader(),
                new Class<?>[] {SecretStore.class},
                (proxy, method, arguments) -> {
                  Object answer;
                  try {
                    answer = method.invoke(InMemoryVaultStores.in(storage).secrets(), arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                  if (tampered
                      && answer instanceof Optional<?> found
                      && found.isPresent()
                      && found.get() instanceof OpenedSecret opened) {
                    opened.version().wrappedDataKey()[20] ^= 1;
                  }
                  return answer;
                });
    VaultStores stores =
        (VaultStores)
            Proxy.newProxyInstance(
                VaultStores.class.getClassLoader(),
                new Class<?>[] {VaultStores.class},
                (proxy, method, arguments) ->
                    method.getName().equals("secrets")
                        ? bent
                        : method.invoke(InMemoryVaultStores.in(storage), arguments));
    byte[] key = new byte[32];
    key[0] = 1;
    plane =
        ControlPlane.builder(
                new DecoratedStorage(storage, stores), MasterKeys.of(MasterKey.of(key)))
            .clock(clock)
            .listener(events::add)
            .manualMaintenance()
            .build();
    plane.organizations().create(operator, ACME, "Acme");
    vault = SecretVault.of(plane);
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  private List<AuditEvent> trail() {
    return plane.audit().list(acme, PageRequest.first(100)).items();
  }

  @Test
  void anAlteredRowIsAnEventThatSomebodyShouldLookAtNow() {
    Secret secret;
    try (SecretValue value = SecretValue.of("CANARY-value")) {
      secret = vault.put(acme, REF, value);
    }
    tampered = true;
    assertThatThrownBy(() -> vault.reveal(acme, REF)).isInstanceOf(TenantkitException.class);
    plane.runDue(clock.instant());

    assertThat(events.stream().filter(each -> each.type() == EventType.SECRET_REJECTED))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.type().severity()).isEqualTo(Severity.CRITICAL);
              assertThat(event.organization()).contains(ACME);
              assertThat(event.subject()).isEqualTo(secret.id().value());
              assertThat(event.details())
                  .containsEntry("name", "db")
                  .containsEntry("version", "1")
                  .containsEntry("operation", "reveal");
              assertThat(event.toString()).doesNotContain("CANARY");
            });
    assertThat(trail()).extracting(AuditEvent::action).contains("secret.rejected");
  }

  @Test
  void anIntegrationWhoseCredentialDoesNotOpenIsInvalidAndNotAskedAboutAgainAtOnce() {
    try (Egress egress = Egress.create();
        SecretValue key = SecretValue.of("sk-proj-Zq8CANARYopenai4T3BlbkFJx7Lw2Kd90aPmVbNcRt")) {
      Integrations integrations = Integrations.builder(vault).egress(egress).build();
      Integration row =
          integrations.create(
              acme,
              new NewIntegration(
                  "openai", Environment.PRODUCTION, "Main", Map.of("api_key", key), Map.of()));
      tampered = true;
      CheckResult result = integrations.test(acme, row.id());

      assertThat(result.verdict()).isEqualTo(Verdict.INVALID);
      assertThat(result.message().orElseThrow()).contains("give it again");
      Integration after = integrations.get(acme, row.id());
      assertThat(after.status()).isEqualTo(IntegrationStatus.ERROR);
      assertThat(after.nextCheckAt()).isAfter(clock.instant().plus(Duration.ofHours(20)));
    }
  }

  @Test
  void anErasureIsAnEvent() {
    try (SecretValue value = SecretValue.of("x")) {
      vault.put(acme, REF, value);
    }
    String erasure = VaultKeys.of(vault).eraseOrganization(operator, ACME).id();
    plane.runDue(clock.instant());
    assertThat(events.stream().filter(each -> each.type() == EventType.ORGANIZATION_ERASED))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.subject()).isEqualTo(erasure);
              assertThat(event.details()).containsEntry("actor", "ops").containsEntry("keys", "1");
            });
  }
}
