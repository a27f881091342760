package io.tenantkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.PageRequest;
import io.tenantkit.StorageException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.RawServer;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.IssuedWebhook;
import io.tenantkit.vault.webhook.WebhookId;
import io.tenantkit.vault.webhook.WebhookTurns;
import io.tenantkit.vault.webhook.WebhookVerifier;
import io.tenantkit.vault.webhook.Webhooks;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to an endpoint's secret when the change of its row is beaten or never made. */
class WebhookSecretsTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final EventFilter DEMO = EventFilter.of("demo.*");

  /** What a killed process runs into: nothing after it is done. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final TickingClock clock = TickingClock.at(Samples.NOW);
  private final InMemoryStorage storage = InMemoryStorage.create();
  private final AtomicReference<Runnable> beforeUpdate =
      new AtomicReference<>(WebhookSecretsTest::nothing);
  private final AtomicReference<Runnable> beforeCreate =
      new AtomicReference<>(WebhookSecretsTest::nothing);
  private final RawServer receiver = RawServer.answering(RawServer.status(204, ""));
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();
  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private final Samples samples = new Samples();
  private ControlPlane plane;
  private SecretVault vault;
  private Webhooks webhooks;

  @BeforeEach
  void open() {
    WebhookStore rows =
        (WebhookStore)
            Proxy.newProxyInstance(
                WebhookStore.class.getClassLoader(),
                new Class<?>[] {WebhookStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("update")) {
                    beforeUpdate.getAndSet(WebhookSecretsTest::nothing).run();
                  } else if (method.getName().equals("create")) {
                    beforeCreate.getAndSet(WebhookSecretsTest::nothing).run();
                  }
                  try {
                    return method.invoke(InMemoryVaultStores.in(storage).webhooks(), arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    VaultStores stores =
        (VaultStores)
            Proxy.newProxyInstance(
                VaultStores.class.getClassLoader(),
                new Class<?>[] {VaultStores.class},
                (proxy, method, arguments) ->
                    method.getName().equals("webhooks")
                        ? rows
                        : method.invoke(InMemoryVaultStores.in(storage), arguments));
    byte[] key = new byte[32];
    key[0] = 1;
    plane =
        ControlPlane.builder(
                new DecoratedStorage(storage, stores), MasterKeys.of(MasterKey.of(key)))
            .clock(clock)
            .manualMaintenance()
            .build();
    plane.organizations().create(Operator.trusted("ops", "test"), ACME, "Acme");
    vault = SecretVault.of(plane);
    webhooks =
        Webhooks.builder(vault, egress)
            .attempts(2)
            .pauses(Duration.ofSeconds(1), Duration.ofMinutes(10))
            .build();
  }

  @AfterEach
  void close() {
    plane.close();
    egress.close();
    receiver.close();
    storage.close();
  }

  private static void nothing() {}

  private IssuedWebhook created() {
    return webhooks.create(acme, receiver.url("/hook"), "", DEMO);
  }

  private void pass(Duration time) {
    clock.tick(time);
    plane.runDue(clock.instant());
    WebhookTurns.await(webhooks);
  }

  /** What came of one more event. */
  private RawServer.Request told() {
    int before = receiver.requests().size();
    AuditEvent event = samples.event(ACME, "demo.one");
    storage.stores(CoreStores.class).orElseThrow().audit().append(acme, event);
    pass(Duration.ofMinutes(1));
    assertThat(receiver.requests()).hasSize(before + 1);
    return receiver.requests().get(before);
  }

  private boolean signs(IssuedWebhook issued, RawServer.Request request) {
    try (WebhookVerifier verifier =
        WebhookVerifier.of(issued.secret(), clock, Duration.ofMinutes(5))) {
      return verifier.verify(
          request.header("webhook-id"),
          request.header("webhook-timestamp"),
          request.header("webhook-signature"),
          request.body());
    }
  }

  @Test
  void aRowThatChangesMeanwhileCostsNoSecret() {
    try (IssuedWebhook old = created()) {
      WebhookId id = old.endpoint().id();
      beforeUpdate.set(() -> webhooks.update(acme, id, "by somebody else", DEMO));
      try (IssuedWebhook fresh = webhooks.rotateSecret(acme, id, Duration.ofHours(1))) {
        assertThat(fresh.endpoint().description()).isEqualTo("by somebody else");
        RawServer.Request request = told();
        assertThat(signs(old, request)).isTrue();
        assertThat(signs(fresh, request)).isTrue();
      }
      beforeUpdate.set(() -> webhooks.disable(acme, id));
      try (IssuedWebhook moved = webhooks.changeUrl(acme, id, receiver.url("/new"))) {
        assertThat(moved.endpoint().enabled()).isFalse();
        webhooks.enable(acme, id);
        RawServer.Request request = told();
        assertThat(request.line()).startsWith("POST /new ");
        assertThat(signs(moved, request)).isTrue();
        assertThat(signs(old, request)).isFalse();
      }
    }
  }

  @Test
  void ofTwoChangesTheLaterOnesSecretIsInForceAndTheOtherIsRefused() {
    try (IssuedWebhook old = created()) {
      WebhookId id = old.endpoint().id();
      AtomicReference<IssuedWebhook> later = new AtomicReference<>();
      beforeUpdate.set(() -> later.set(webhooks.changeUrl(acme, id, receiver.url("/later"))));
      assertThatThrownBy(() -> webhooks.changeUrl(acme, id, receiver.url("/first")))
          .isInstanceOf(ConflictException.class);
      try (IssuedWebhook moved = later.get()) {
        assertThat(webhooks.get(acme, id).url()).endsWith("/later");
        assertThat(signs(moved, told())).isTrue();

        beforeUpdate.set(() -> later.set(webhooks.rotateSecret(acme, id, Duration.ofHours(1))));
        assertThatThrownBy(() -> webhooks.rotateSecret(acme, id, Duration.ZERO))
            .isInstanceOf(ConflictException.class);
        try (IssuedWebhook rotated = later.get()) {
          RawServer.Request request = told();
          assertThat(signs(rotated, request)).isTrue();
          assertThat(signs(moved, request)).as("the one that the receiver has").isTrue();
        }
      }
    }
  }

  @Test
  void whenTheProcessEndsBeforeTheSecretIsGivenTheReceiversSignsOn() {
    try (IssuedWebhook old = created()) {
      WebhookId id = old.endpoint().id();
      for (Duration overlap : new Duration[] {Duration.ofHours(1), Duration.ZERO}) {
        beforeUpdate.set(
            () -> {
              throw new Killed();
            });
        assertThatThrownBy(() -> webhooks.rotateSecret(acme, id, overlap))
            .isInstanceOf(Killed.class);
        pass(Duration.ofHours(3));
        assertThat(signs(old, told())).as("after the overlap of " + overlap).isTrue();
      }
      try (IssuedWebhook fresh = webhooks.rotateSecret(acme, id, Duration.ofHours(1))) {
        RawServer.Request request = told();
        assertThat(signs(old, request)).isTrue();
        assertThat(signs(fresh, request)).isTrue();
        pass(Duration.ofHours(1));
        request = told();
        assertThat(signs(old, request)).isFalse();
        assertThat(signs(fresh, request)).isTrue();
      }
    }
  }

  @Test
  void eachKeySignsUntilTheEndOfItsOwnOverlap() {
    try (IssuedWebhook first = created()) {
      WebhookId id = first.endpoint().id();
      try (IssuedWebhook second = webhooks.rotateSecret(acme, id, Duration.ofHours(7));
          IssuedWebhook third = webhooks.rotateSecret(acme, id, Duration.ofHours(2));
          IssuedWebhook fourth = webhooks.rotateSecret(acme, id, Duration.ZERO)) {
        RawServer.Request request = told();
        assertThat(signs(first, request)).as("seven hours were promised").isTrue();
        assertThat(signs(second, request)).isTrue();
        assertThat(signs(third, request)).as("nothing was").isFalse();
        assertThat(signs(fourth, request)).isTrue();
        pass(Duration.ofHours(3));
        request = told();
        assertThat(signs(first, request)).isTrue();
        assertThat(signs(second, request)).isFalse();
        pass(Duration.ofHours(5));
        request = told();
        assertThat(signs(first, request)).isFalse();
        assertThat(signs(fourth, request)).isTrue();
      }
    }
  }

  @Test
  void whenTheProcessEndsWithinAChangeOfTheUrlNothingIsLost() {
    try (IssuedWebhook old = created()) {
      WebhookId id = old.endpoint().id();
      beforeUpdate.set(
          () -> {
            throw new Killed();
          });
      assertThatThrownBy(() -> webhooks.changeUrl(acme, id, receiver.url("/new")))
          .isInstanceOf(Killed.class);
      AuditEvent event = samples.event(ACME, "demo.waits");
      storage.stores(CoreStores.class).orElseThrow().audit().append(acme, event);
      for (int i = 0; i < 20; i++) {
        pass(Duration.ofHours(1));
      }
      assertThat(receiver.requests()).isEmpty();
      assertThat(webhooks.deadLetters(acme, id, PageRequest.first(10)).items()).isEmpty();
      assertThatThrownBy(() -> webhooks.rotateSecret(acme, id, Duration.ZERO))
          .isInstanceOf(ConflictException.class);

      try (IssuedWebhook moved = webhooks.changeUrl(acme, id, receiver.url("/new"))) {
        pass(Duration.ofSeconds(1));
        assertThat(receiver.requests()).hasSize(1);
        assertThat(receiver.requests().get(0).header("webhook-id")).isEqualTo(event.id());
        assertThat(signs(moved, receiver.requests().get(0))).isTrue();
      }
    }
  }

  @Test
  void anEndpointThatIsNotMadeLeavesNoSecret() {
    beforeCreate.set(
        () -> {
          throw new StorageException(ErrorCode.STORAGE_FAILED, "no");
        });
    assertThatThrownBy(this::created).isInstanceOf(StorageException.class);
    assertThat(
            vault
                .search(acme, SecretQuery.all().inProject("webhooks"), PageRequest.first(10))
                .items())
        .isEmpty();
  }
}
