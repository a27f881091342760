package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.Storage;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.OrganizationSettings;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an organization asks of its keys. */
class KeyPolicyTest extends ApiKeyTestBase {
  private static final Duration LONGEST = Duration.ofDays(90);
  private static final NewApiKey ANY = NewApiKey.live("x");

  private void ask(KeyPolicy policy) {
    plane
        .organizations()
        .configure(operator, ACME, OrganizationSettings.defaults().withKeys(policy));
  }

  @Test
  void longerLifeThanAllowedIsRefusedNamingTheBound() {
    ask(KeyPolicy.none().withLongestLifetime(LONGEST));

    assertThatThrownBy(() -> keys.create(acme, ANY.lifetime(LONGEST.plusNanos(1))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("lifetime: at most the organization's longest, PT2160H");
    assertThatThrownBy(
            () ->
                keys.importKey(
                    acme, ImportedKey.live("x", "0".repeat(64)).lifetime(LONGEST.plusNanos(1))))
        .isInstanceOf(InvalidInputException.class);
    assertThat(keys.create(acme, ANY.lifetime(LONGEST)).key().expiresAt())
        .contains(START.plus(LONGEST));
  }

  @Test
  void keyThatAsksForNoEndGetsTheLongestAlsoWhenImportedOrRotated() {
    ApiKeyId endless = create().key().id();
    ask(KeyPolicy.none().withLongestLifetime(LONGEST));

    assertThat(create().key().expiresAt()).contains(START.plus(LONGEST));
    assertThat(keys.importKey(acme, ImportedKey.live("x", "0".repeat(64))).expiresAt())
        .contains(START.plus(LONGEST));
    assertThat(keys.rotate(acme, endless, Rotation.immediate()).key().expiresAt())
        .contains(START.plus(LONGEST));
    assertThat(keys.create(globex, ANY).key().expiresAt()).isEmpty();
  }

  @Test
  void rotationDoesNotLengthenALife() {
    ApiKeyId brief = keys.create(acme, ANY.lifetime(Duration.ofDays(1))).key().id();
    ask(KeyPolicy.none().withLongestLifetime(LONGEST));

    assertThat(keys.rotate(acme, brief, Rotation.immediate()).key().expiresAt())
        .contains(START.plus(Duration.ofDays(1)));
  }

  @Test
  void keysBeginWithTheOrganizationsName() {
    ask(KeyPolicy.none().withPrefixName("acmecorp"));

    IssuedApiKey live = create();
    IssuedApiKey test = keys.create(acme, NewApiKey.test("x"));
    IssuedApiKey theirs = keys.create(globex, ANY);

    assertThat(text(live)).matches("acmecorp_live_[0-9A-Za-z]{38}");
    assertThat(live.key().prefix()).hasSize(16).isEqualTo(text(live).substring(0, 16));
    assertThat(text(test)).matches("acmecorp_test_[0-9A-Za-z]{38}");
    assertThat(text(theirs)).startsWith("ak_live_");
    assertThat(
            KeyFormat.checksumHolds(text(live).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isTrue();
    assertValid(verify(live));
    assertThat(((Verdict.Valid) verify(test)).key().mode()).isEqualTo(KeyMode.TEST);
  }

  @Test
  void rotationTakesTheNameThatTheOrganizationHasNow() {
    ApiKeyId old = create().key().id();
    ask(KeyPolicy.none().withPrefixName("a"));

    IssuedApiKey next = keys.rotate(acme, old, Rotation.immediate());

    assertThat(text(next)).matches("a_live_[0-9A-Za-z]{38}");
    assertValid(verify(next));
  }

  /** Any name but ours may be a foreign issuer's, whose keys have no checksum of ours. */
  @Test
  void onlyOurOwnNameWithAWrongChecksumIsRefusedWithoutALook() {
    ask(KeyPolicy.none().withPrefixName("acme"));
    String key = text(create());
    String wrong = key.substring(0, key.length() - 1) + (key.endsWith("0") ? "1" : "0");
    int before = storage.lookups();

    assertRefused(keys.verify(wrong, ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    assertThat(storage.lookups()).isEqualTo(before + 1);
    assertRefused(
        keys.verify("ak_live_" + wrong.substring("acme_live_".length()), ScopeQuery.none()),
        Verdict.Reason.NOT_FOUND);
    assertThat(storage.lookups()).isEqualTo(before + 1);
  }

  @Test
  void policyIsReadOnceWithinTheBoundAndAtOnceAfterAChangeHere() {
    Counted counted = new Counted();
    try (ControlPlane other =
        ControlPlane.builder(counted, masterKeys()).clock(clock).manualMaintenance().build()) {
      other.organizations().create(operator, ACME, "Acme");
      int before = counted.reads.get();
      for (int i = 0; i < 10; i++) {
        other.apiKeys().create(acme, ANY);
      }
      assertThat(counted.reads.get()).isEqualTo(before + 1);

      clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);
      other.apiKeys().create(acme, ANY);
      assertThat(counted.reads.get()).isEqualTo(before + 2);

      other
          .organizations()
          .configure(
              operator,
              ACME,
              OrganizationSettings.defaults()
                  .withKeys(KeyPolicy.none().withLongestLifetime(LONGEST)));
      assertThat(other.apiKeys().create(acme, ANY).key().expiresAt()).isPresent();
    }
  }

  @Test
  void changeOnAnotherNodeCountsWithinTheBound() {
    create();
    newPlane()
        .organizations()
        .configure(
            operator,
            ACME,
            OrganizationSettings.defaults()
                .withKeys(KeyPolicy.none().withLongestLifetime(LONGEST)));

    clock.tick(ControlPlane.Builder.DEFAULT_REVOCATION_BOUND);

    assertThat(create().key().expiresAt()).isPresent();
  }

  @Test
  void insideAJoinedTransactionThePolicyIsTheOneWrittenThere() {
    InMemoryStorage memory = InMemoryStorage.create();
    try (ControlPlane joining =
        ControlPlane.builder(memory, masterKeys()).manualMaintenance().build()) {
      joining.organizations().create(operator, ACME, "Acme");
      joining.apiKeys().create(acme, ANY);
      OrganizationSettings strict =
          OrganizationSettings.defaults().withKeys(KeyPolicy.none().withLongestLifetime(LONGEST));

      Optional<?> end =
          memory.join(
              operator,
              joined -> {
                joining.organizations().configure(joined, ACME, strict);
                return joining
                    .apiKeys()
                    .create(acme.joining(joined.transaction().orElseThrow()), ANY)
                    .key()
                    .expiresAt();
              });

      assertThat(end).isPresent();
    }
  }

  /** Counts how often a tenant's organization is read. */
  private static final class Counted implements Storage {
    private final Storage memory = Storage.inMemory();
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    public <F> Optional<F> stores(Class<F> family) {
      CoreStores core = memory.stores(CoreStores.class).orElseThrow();
      return family == CoreStores.class
          ? Optional.of(family.cast(counting(core)))
          : Optional.empty();
    }

    private CoreStores counting(CoreStores core) {
      OrganizationStore organizations =
          proxy(
              OrganizationStore.class,
              (self, method, arguments) -> {
                if (method.getName().equals("find")
                    && arguments[0] instanceof io.tenantkit.tenant.TenantContext) {
                  reads.incrementAndGet();
                }
                return method.invoke(core.organizations(), arguments);
              });
      return proxy(
          CoreStores.class,
          (self, method, arguments) ->
              method.getName().equals("organizations")
                  ? organizations
                  : method.invoke(core, arguments));
    }

    private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
      return type.cast(
          Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public java.util.List<io.tenantkit.ReadinessIssue> readiness() {
      return memory.readiness();
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
