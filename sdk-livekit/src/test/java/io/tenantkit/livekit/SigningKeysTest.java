package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.StorageException;
import io.tenantkit.TenantkitException;
import io.tenantkit.memory.InMemoryStorage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.OrganizationStore;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.memory.InMemoryVaultStores;
import io.tenantkit.vault.spi.VaultStores;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is kept at hand to sign with: how long, how much, and what ends it. Two nodes, one storage.
 */
final class SigningKeysTest {
  private static final Operator OPERATOR = Operator.trusted("test", "keys");
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");
  private static final String URL = "wss://acme.example";
  private static final byte[] INPUT = Tokens.utf8("header.payload");

  private final TickingClock clock = TickingClock.at(START);
  private final Storage storage = Storage.inMemory();
  private final MasterKeys masterKeys =
      MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
  private final Node here = new Node(100);
  private final Node there = new Node(100);

  /** A control plane with LiveKit, and keys of its own beside LiveKit's. */
  private final class Node {
    private final ControlPlane plane;
    private final SecretVault vault;
    private final LiveKit livekit;
    private final SigningKeys keys;

    Node(int entries) {
      this(storage, entries);
    }

    /** What is looked after beside is looked after at once. */
    Node(Storage over, int entries) {
      this(over, entries, Runnable::run);
    }

    Node(Storage over, int entries, Executor beside) {
      plane = ControlPlane.builder(over, masterKeys).clock(clock).revocationBound(BOUND).build();
      vault = SecretVault.of(plane);
      livekit = LiveKit.of(vault);
      OwnAccounts accounts = new OwnAccounts(plane.runtime(), vault.marker(), null);
      keys =
          new SigningKeys(
              plane.runtime(),
              new StoredCredentials(vault, accounts),
              new ActiveOrganizations(plane.runtime()),
              accounts,
              entries,
              beside);
    }

    TenantContext organization(String id) {
      plane.organizations().create(OPERATOR, OrganizationId.of(id), id);
      return TenantContext.trusted(OrganizationId.of(id), "test");
    }

    TenantContext connected(String id) {
      TenantContext context = organization(id);
      connect(context, "wss://" + id + ".example", "API" + id, "the secret of " + id);
      return context;
    }

    void connect(TenantContext context, String url, String key, String secret) {
      try (SecretValue value = SecretValue.of(secret)) {
        livekit.connect(context, LiveKitCredentials.of(url, key, value));
      }
    }

    /** How often the credentials were opened to sign with. */
    long loads(TenantContext context) {
      return plane.audit().list(context, PageRequest.first(PageRequest.MAX_LIMIT)).items().stream()
          .filter(event -> event.action().equals("livekit.key.loaded"))
          .count();
    }
  }

  @AfterEach
  void close() {
    here.plane.close();
    there.plane.close();
    storage.close();
  }

  private static byte[] signature(String secret) {
    try (SigningKey key = SigningKey.takeOver(Tokens.utf8(secret))) {
      return key.sign(INPUT, INPUT.length);
    }
  }

  private static void assertSigns(TenantKeys entry, String secret) {
    assertThat(entry.sign(INPUT, INPUT.length)).isEqualTo(signature(secret));
  }

  private static void assertWiped(TenantKeys entry) {
    assertThatThrownBy(() -> entry.sign(INPUT, INPUT.length))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STALE_VERSION));
  }

  @Test
  void what_is_at_hand_is_what_the_vault_has_and_is_opened_once() {
    TenantContext acme = here.connected("acme");

    TenantKeys first = here.keys.current(acme);

    assertThat(first.apiKey()).isEqualTo("APIacme");
    assertThat(first.serverUrl().value()).isEqualTo(URL);
    assertThat(first.organization().id()).isEqualTo(acme.organization());
    assertSigns(first, "the secret of acme");
    assertThat(here.keys.current(acme)).isSameAs(first);
    for (int i = 0; i < 5; i++) {
      clock.tick(BOUND);
      assertThat(here.keys.current(acme)).isSameAs(first);
    }
    assertThat(here.loads(acme)).isEqualTo(1);
    assertThat(first.verifiers("APIacme")).containsExactly(first.key());
    assertThat(first.verifiers("APIother")).isEmpty();
    assertThat(first.verifier("APIother")).isNull();
  }

  @Test
  void replaced_elsewhere_they_are_seen_within_the_bound_and_the_old_ones_are_wiped() {
    TenantContext acme = here.connected("acme");
    TenantKeys old = here.keys.current(acme);

    there.connect(acme, URL, "APInew", "another secret");
    clock.tick(BOUND.minusMillis(1).dividedBy(2));
    assertThat(here.keys.current(acme)).as("not yet asked for").isSameAs(old);
    clock.tick(BOUND.dividedBy(2));

    TenantKeys seen = here.keys.current(acme);
    assertThat(seen.apiKey()).isEqualTo("APInew");
    assertSigns(seen, "another secret");
    assertWiped(old);
  }

  @Test
  void replaced_here_they_are_seen_at_once() {
    TenantContext acme = here.connected("acme");
    LiveKitTokenIssuer tokens = here.livekit.tokens();
    tokens.issue(acme, ParticipantToken.join("room", "ada")).close();
    assertThat(here.livekit.connection(acme).orElseThrow().apiKey()).isEqualTo("APIacme");

    here.connect(acme, URL, "APInew", "another secret");

    assertThat(here.livekit.connection(acme).orElseThrow().apiKey()).isEqualTo("APInew");
    here.livekit.disconnect(acme);
    assertThat(here.livekit.connection(acme)).isEmpty();
  }

  @Test
  void a_suspension_elsewhere_ends_signing_within_the_bound_and_verifying_goes_on() {
    TenantContext acme = here.connected("acme");
    TenantKeys before = here.keys.current(acme);

    there.plane.organizations().suspend(OPERATOR, acme.organization());
    clock.tick(BOUND);

    assertThatThrownBy(() -> here.keys.current(acme)).isInstanceOf(AccessDeniedException.class);
    assertThat(here.keys.known(acme).key()).isSameAs(before.key());
    there.plane.organizations().activate(OPERATOR, acme.organization());
    clock.tick(BOUND);
    assertSigns(here.keys.current(acme), "the secret of acme");
    assertThat(here.loads(acme)).as("opened once").isEqualTo(1);
  }

  @Test
  void what_is_deleted_or_destroyed_elsewhere_signs_no_more() {
    TenantContext acme = here.connected("acme");
    SecretRef ref = SecretRef.of("livekit", Environment.PRODUCTION, "server");

    TenantKeys first = here.keys.current(acme);
    there.vault.deleteVersion(acme, ref, 1);
    clock.tick(BOUND);
    assertThatThrownBy(() -> here.keys.current(acme)).isInstanceOf(NotFoundException.class);
    assertWiped(first);
    assertThat(here.keys.size()).isZero();
    there.vault.undeleteVersion(acme, ref, 1);
    TenantKeys second = here.keys.current(acme);
    assertSigns(second, "the secret of acme");
    there.vault.destroy(acme, ref);
    clock.tick(BOUND);
    assertThatThrownBy(() -> here.keys.current(acme)).isInstanceOf(NotFoundException.class);
    assertWiped(second);
  }

  @Test
  void a_new_plan_is_seen_without_opening_the_credentials() {
    TenantContext acme = here.connected("acme");
    TenantKeys before = here.keys.current(acme);

    there
        .plane
        .organizations()
        .configure(OPERATOR, acme.organization(), OrganizationSettings.defaults().withPlan("pro"));
    clock.tick(BOUND);

    TenantKeys after = here.keys.current(acme);
    assertThat(after.organization().settings().plan()).isEqualTo("pro");
    assertThat(after.key()).isSameAs(before.key());
    assertThat(here.loads(acme)).isEqualTo(1);
  }

  /** A database whose organizations cannot be read for a while. */
  private static final class Outage implements Storage {
    private final InMemoryStorage inner = InMemoryStorage.create();
    private volatile boolean down;

    /** What happens while it is asked, before it fails. */
    private volatile Runnable meanwhile = () -> {};

    @Override
    public <F> Optional<F> stores(Class<F> family) {
      if (family == VaultStores.class) {
        return Optional.of(family.cast(InMemoryVaultStores.in(inner)));
      }
      Optional<F> stores = inner.stores(family);
      return family == CoreStores.class ? stores.map(core -> whole(family, core)) : stores;
    }

    private <F> F whole(Class<F> family, F core) {
      return passing(
          family,
          core,
          (name, answer) ->
              name.equals("organizations")
                  ? passing(OrganizationStore.class, (OrganizationStore) answer, this::read)
                  : answer);
    }

    private Object read(String name, Object answer) {
      if (down && name.equals("find")) {
        meanwhile.run();
        throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "down");
      }
      return answer;
    }

    private static <T> T passing(
        Class<T> type, T inner, BiFunction<String, Object, Object> answers) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) ->
                  answers.apply(method.getName(), method.invoke(inner, arguments))));
    }

    @Override
    public List<ReadinessIssue> readiness() {
      return inner.readiness();
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  @Test
  void an_outage_of_the_storage_is_outlived_to_the_bound_and_no_longer() {
    try (Outage outage = new Outage()) {
      Node node = new Node(outage, 100);
      TenantContext acme = node.connected("acme");
      TenantKeys entry = node.keys.current(acme);
      outage.down = true;
      clock.tick(BOUND.minusMillis(1));
      assertThat(node.keys.current(acme)).isSameAs(entry);

      clock.tick(Duration.ofMillis(1));

      assertUnavailable(() -> node.keys.current(acme));
      outage.down = false;
      assertThat(node.keys.current(acme)).isSameAs(entry);
      assertThat(node.loads(acme)).isEqualTo(1);
      node.plane.close();
    }
  }

  @Test
  void a_look_that_began_in_time_and_fails_after_the_bound_leaves_nothing_to_sign_with() {
    try (Outage outage = new Outage()) {
      Deque<Runnable> looks = new ArrayDeque<>();
      Node node = new Node(outage, 100, looks::add);
      TenantContext acme = node.connected("acme");
      TenantKeys entry = node.keys.current(acme);
      clock.tick(BOUND.minusMillis(1));
      outage.down = true;
      assertThat(node.keys.current(acme)).as("it is good still").isSameAs(entry);
      outage.meanwhile = () -> clock.tick(Duration.ofMillis(1));

      looks.remove().run();

      assertUnavailable(() -> node.keys.current(acme));
      outage.down = false;
      assertThat(node.keys.current(acme)).isSameAs(entry);
      assertThat(looks).isEmpty();
      node.plane.close();
    }
  }

  @Test
  void past_half_of_the_bound_one_look_is_taken_beside_and_nobody_waits_for_it() {
    Deque<Runnable> looks = new ArrayDeque<>();
    Node node = new Node(storage, 100, looks::add);
    TenantContext acme = node.connected("acme");
    TenantKeys old = node.keys.current(acme);
    there.connect(acme, URL, "APInew", "another secret");
    clock.tick(BOUND.dividedBy(2));
    assertThat(node.keys.current(acme)).isSameAs(old);
    assertThat(looks).as("not yet half").isEmpty();
    clock.tick(Duration.ofMillis(1));

    assertThat(node.keys.current(acme)).isSameAs(old);
    assertThat(node.keys.current(acme)).isSameAs(old);
    assertThat(looks).hasSize(1);
    looks.remove().run();

    assertThat(node.keys.current(acme).apiKey()).isEqualTo("APInew");
    assertWiped(old);
    assertThat(looks).as("it is young again").isEmpty();
    node.plane.close();
  }

  @Test
  void a_look_beside_that_finds_the_credentials_gone_leaves_nothing() {
    Deque<Runnable> looks = new ArrayDeque<>();
    Node node = new Node(storage, 100, looks::add);
    TenantContext acme = node.connected("acme");
    TenantKeys entry = node.keys.current(acme);
    there.vault.destroy(acme, SecretRef.of("livekit", Environment.PRODUCTION, "server"));
    clock.tick(BOUND.minusMillis(1));
    node.keys.current(acme);

    looks.remove().run();

    assertWiped(entry);
    assertThat(node.keys.size()).isZero();
    assertThatThrownBy(() -> node.keys.current(acme)).isInstanceOf(NotFoundException.class);
    node.plane.close();
  }

  @Test
  void where_nobody_can_look_beside_the_entry_serves_to_the_bound_and_is_looked_for_then() {
    Node node =
        new Node(
            storage,
            100,
            look -> {
              throw new RejectedExecutionException();
            });
    TenantContext acme = node.connected("acme");
    TenantKeys old = node.keys.current(acme);
    there.connect(acme, URL, "APInew", "another secret");
    clock.tick(BOUND.minusMillis(1));
    assertThat(node.keys.current(acme)).isSameAs(old);
    clock.tick(Duration.ofMillis(1));
    assertThat(node.keys.current(acme).apiKey()).isEqualTo("APInew");
    node.plane.close();
  }

  /** On the thread that serves in earnest. */
  @Test
  void a_storage_that_hangs_holds_up_nobody_before_the_bound_and_closing_leaves_nothing() {
    try (Outage outage = new Outage()) {
      Node node = new Node(outage, 100, SigningKeys.newThread());
      TenantContext acme = node.connected("acme");
      TenantKeys entry = node.keys.current(acme);
      CountDownLatch asking = new CountDownLatch(1);
      CountDownLatch signed = new CountDownLatch(1);
      outage.meanwhile =
          () -> {
            asking.countDown();
            Race.await(signed);
          };
      outage.down = true;
      clock.tick(BOUND.minusMillis(1));

      assertThat(node.keys.current(acme)).isSameAs(entry);
      Race.await(asking);
      assertThat(node.keys.current(acme)).isSameAs(entry);
      assertSigns(entry, "the secret of acme");

      signed.countDown();
      node.plane.close();
      assertWiped(entry);
    }
  }

  /** Takes as long as a turn does, for that is a lock's own time. */
  @Test
  void those_who_wait_for_one_that_gets_no_answer_go_away_together() {
    try (Outage outage = new Outage()) {
      Node node = new Node(outage, 100);
      TenantContext acme = node.connected("acme");
      CountDownLatch asking = new CountDownLatch(1);
      CountDownLatch refused = new CountDownLatch(3);
      outage.meanwhile =
          () -> {
            asking.countDown();
            Race.await(refused);
          };
      outage.down = true;

      Race.of(
          4,
          4,
          i -> {
            if (i > 0) {
              Race.await(asking);
            }
            assertUnavailable(() -> node.keys.current(acme));
            if (i > 0) {
              refused.countDown();
            }
            return i;
          });

      outage.down = false;
      assertThat(node.keys.current(acme).apiKey()).isEqualTo("APIacme");
      node.plane.close();
    }
  }

  private static void assertUnavailable(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
  }

  @Test
  void each_environment_has_its_own_and_no_other_is_come_near() {
    TenantContext acme = here.connected("acme");
    TenantContext testing = acme.within(Set.of(Environment.DEVELOPMENT, Environment.STAGING));

    here.keys.current(acme);
    assertThatThrownBy(() -> here.keys.current(testing)).isInstanceOf(NotFoundException.class);
    here.connect(testing, "ws://localhost:7880", "devkey", "secret");
    assertThat(here.keys.current(testing).apiKey()).isEqualTo("devkey");
    assertThat(here.keys.current(acme).apiKey()).isEqualTo("APIacme");
  }

  @Test
  void a_joined_transaction_is_refused() {
    TenantContext acme = here.connected("acme");
    assertThatThrownBy(() -> here.keys.current(acme.joining(action -> {})))
        .isInstanceOfSatisfying(
            TenantkitException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.JOINED_TRANSACTION_REFUSED));
  }

  @Test
  void no_more_are_kept_than_allowed_and_the_one_unused_longest_goes() {
    Node small = new Node(3);
    List<TenantContext> tenants =
        List.of("a", "b", "c", "d").stream().map(here::connected).toList();
    TenantKeys first = small.keys.current(tenants.get(0));
    clock.tick(Duration.ofMillis(1));
    TenantKeys second = small.keys.current(tenants.get(1));
    clock.tick(Duration.ofMillis(1));
    small.keys.current(tenants.get(2));
    clock.tick(Duration.ofMillis(1));
    small.keys.current(tenants.get(0));
    clock.tick(Duration.ofMillis(1));

    small.keys.current(tenants.get(3));

    assertThat(small.keys.size()).isEqualTo(3);
    assertThat(small.keys.current(tenants.get(0))).isSameAs(first);
    assertSigns(second, "the secret of b");
    clock.tick(Duration.ofMinutes(1));
    assertThat(small.keys.current(tenants.get(1))).isNotSameAs(second);
    assertWiped(second);
    assertThat(small.keys.size()).isEqualTo(3);
    small.plane.close();
  }

  @Test
  void closing_wipes_all() {
    Node other = new Node(100);
    TenantContext acme = here.connected("acme");
    TenantKeys entry = other.keys.current(acme);

    other.plane.close();

    assertWiped(entry);
    assertThat(other.keys.size()).isZero();
  }

  @Test
  void many_threads_sign_alike_while_the_credentials_are_replaced_elsewhere() {
    TenantContext acme = here.connected("acme");
    byte[] old = signature("the secret of acme");
    byte[] anew = signature("another secret");

    List<Boolean> right =
        Race.of(
            16,
            i -> {
              for (int round = 0; round < 300; round++) {
                if (i == 7 && round == 100) {
                  there.connect(acme, URL, "APInew", "another secret");
                }
                if (i == 3 && round % 50 == 0) {
                  clock.tick(BOUND);
                }
                try {
                  TenantKeys entry = here.keys.current(acme);
                  byte[] signed = entry.sign(INPUT, INPUT.length);
                  byte[] expected = entry.apiKey().equals("APInew") ? anew : old;
                  if (!Arrays.equals(signed, expected)) {
                    return false;
                  }
                } catch (TenantkitException e) {
                  if (e.code() != ErrorCode.STALE_VERSION) {
                    return false;
                  }
                }
              }
              return true;
            });

    assertThat(right).containsOnly(true);
    clock.tick(BOUND);
    assertThat(here.keys.current(acme).apiKey()).isEqualTo("APInew");
    assertThat(here.keys.size()).isEqualTo(1);
  }

  @Test
  void many_threads_that_come_first_open_the_credentials_once() {
    TenantContext acme = here.connected("acme");

    List<TenantKeys> entries = Race.of(16, i -> here.keys.current(acme));

    assertThat(entries).containsOnly(entries.get(0));
    assertThat(here.loads(acme)).isEqualTo(1);
  }
}
