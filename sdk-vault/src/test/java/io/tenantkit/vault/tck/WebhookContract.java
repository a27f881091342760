package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.egress.EgressException;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.RawServer;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.spi.WebhookStore;
import io.tenantkit.vault.webhook.DeadLetter;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.IssuedWebhook;
import io.tenantkit.vault.webhook.WebhookEndpoint;
import io.tenantkit.vault.webhook.WebhookEndpoint.Delivery;
import io.tenantkit.vault.webhook.WebhookId;
import io.tenantkit.vault.webhook.WebhookTurns;
import io.tenantkit.vault.webhook.WebhookVerifier;
import io.tenantkit.vault.webhook.Webhooks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Webhooks of two control planes over one storage, told to a server that really listens. */
public abstract class WebhookContract extends StorageContract {
  private static final EventFilter DEMO = EventFilter.of("demo.*");

  private final TickingClock clock = TickingClock.at(Samples.NOW.plus(Duration.ofDays(1)));
  private final RawServer receiver = RawServer.answering(RawServer.status(204, ""));
  private final Egress egress = Egress.builder().unsafeAllowLoopback().build();
  private ControlPlane one;
  private ControlPlane two;
  private Webhooks webhooks;
  private Webhooks seconds;
  private WebhookStore store;
  private int number;

  @BeforeEach
  final void openTwoPlanes() {
    one = newPlane();
    two = newPlane();
    webhooks = webhooks(one);
    seconds = webhooks(two);
    store = harness.storage().stores(VaultStores.class).orElseThrow().webhooks();
  }

  @AfterEach
  final void closeTwoPlanes() {
    one.close();
    two.close();
    egress.close();
    receiver.close();
  }

  private ControlPlane newPlane() {
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    return ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(bytes)))
        .clock(clock)
        .manualMaintenance()
        .build();
  }

  private Webhooks webhooks(ControlPlane plane) {
    return Webhooks.builder(SecretVault.of(plane), egress)
        .attempts(3)
        .pauses(Duration.ofSeconds(10), Duration.ofMinutes(10))
        .timeout(Duration.ofSeconds(5))
        .build();
  }

  private IssuedWebhook create(EventFilter events) {
    return webhooks.create(acme, receiver.url("/hook"), "tests", events);
  }

  private String happened(String action) {
    AuditEvent event = samples.event(ACME, action).with("name", "n" + number++);
    stores.audit().append(acme, event);
    return event.id();
  }

  private void pass(Duration time) {
    clock.tick(time);
    due();
  }

  private void due() {
    one.runDue(clock.instant());
    WebhookTurns.await(webhooks);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private List<String> told() {
    return receiver.requests().stream().map(request -> request.header("webhook-id")).toList();
  }

  private WebhookVerifier verifier(IssuedWebhook issued) {
    return WebhookVerifier.of(issued.secret(), clock, Duration.ofMinutes(5));
  }

  private static boolean verifies(WebhookVerifier verifier, RawServer.Request request) {
    return verifier.verify(
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
        request.header("webhook-signature"),
        request.body());
  }

  @Test
  void whatHappensIsToldInOrderAndSigned() throws Exception {
    happened("demo.before");
    try (IssuedWebhook issued = create(EventFilter.of("demo.*", "webhook.created"))) {
      String first = happened("demo.one");
      happened("other.one");
      String second = happened("demo.two");
      pass(Duration.ofSeconds(2));

      assertThat(receiver.requests()).hasSize(3);
      assertThat(receiver.requests().get(0).text()).contains("\"type\":\"webhook.created\"");
      assertThat(told().subList(1, 3)).containsExactly(first, second);
      RawServer.Request request = receiver.requests().get(1);
      assertThat(request.line()).isEqualTo("POST /hook HTTP/1.1");
      assertThat(request.header("content-type")).isEqualTo("application/json");
      assertThat(request.text())
          .startsWith("{\"id\":\"" + first + "\",\"type\":\"demo.one\",\"timestamp\":\"")
          .contains("\"organization\":\"acme\"")
          .contains("\"details\":{\"name\":\"n1\"},\"detailsLeftOut\":false}}");

      // By hand, as the specification says it.
      String secret = issued.secret().string(SecretAccess.get());
      assertThat(secret).startsWith("whsec_");
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(6)), "HmacSHA256"));
      String signed = first + "." + request.header("webhook-timestamp") + "." + request.text();
      assertThat(request.header("webhook-signature"))
          .isEqualTo(
              "v1,"
                  + Base64.getEncoder()
                      .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
      assertThat(request.header("webhook-timestamp"))
          .isEqualTo(Long.toString(clock.instant().getEpochSecond()));
      try (WebhookVerifier verifier = verifier(issued)) {
        assertThat(receiver.requests()).allMatch(each -> verifies(verifier, each));
      }
    }
    // Signing leaves its own traces in the trail, which cause no further message.
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofSeconds(2));
    }
    assertThat(receiver.requests()).hasSize(3);
  }

  @Test
  void whatFailsIsTriedAgainLaterAndNothingOvertakesIt() {
    WebhookId id = created(DEMO);
    receiver.answer(RawServer.status(500, "no"));
    String first = happened("demo.one");
    String second = happened("demo.two");
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly(first);
    Delivery delivery = webhooks.get(acme, id).delivery();
    assertThat(delivery.attempts()).isEqualTo(1);
    assertThat(delivery.lastFailure()).isEqualTo("HTTP 500");
    assertThat(delivery.dueAt())
        .isBetween(clock.instant().plusSeconds(8), clock.instant().plusSeconds(12));

    receiver.answer(RawServer.status(200, ""));
    pass(Duration.ofSeconds(5));
    assertThat(told()).containsExactly(first);
    pass(Duration.ofSeconds(8));
    assertThat(told()).containsExactly(first, first, second);
    assertThat(webhooks.get(acme, id).delivery().lastFailure()).isEmpty();
  }

  private WebhookId created(EventFilter events) {
    try (IssuedWebhook issued = create(events)) {
      return issued.endpoint().id();
    }
  }

  @Test
  void aMessageThatNeverArrivesIsSetAsideAndCanBeReplayed() {
    WebhookId id = created(EventFilter.all());
    pass(Duration.ofSeconds(2));
    int before = receiver.requests().size();
    receiver.answer(RawServer.status(503, ""));
    String lost = happened("demo.lost");
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofMinutes(5));
    }
    assertThat(receiver.requests()).hasSize(before + 3);
    receiver.answer(RawServer.status(200, ""));
    String next = happened("demo.next");
    pass(Duration.ofSeconds(2));
    assertThat(told().subList(before, told().size())).containsExactly(lost, lost, lost, next);

    List<DeadLetter> letters = webhooks.deadLetters(acme, id, PageRequest.first(10)).items();
    assertThat(letters).hasSize(1);
    DeadLetter letter = letters.get(0);
    assertThat(letter.messageId()).isEqualTo(lost);
    assertThat(letter.attempts()).isEqualTo(3);
    assertThat(letter.failure()).isEqualTo("HTTP 503");
    assertThat(actions(acme)).contains("webhook.dead_lettered");

    receiver.answer(RawServer.status(500, ""));
    webhooks.replay(acme, id, letter.seq());
    assertThatThrownBy(() -> webhooks.replay(acme, id, letter.seq()))
        .isInstanceOf(NotFoundException.class);
    pass(Duration.ofSeconds(2));
    DeadLetter again = webhooks.deadLetters(acme, id, PageRequest.first(10)).items().get(0);
    assertThat(again.attempts()).isEqualTo(4);
    assertThat(again.queued()).isFalse();

    receiver.answer(RawServer.status(200, ""));
    webhooks.replay(acme, id, letter.seq());
    pass(Duration.ofMinutes(1));
    assertThat(webhooks.deadLetters(acme, id, PageRequest.first(10)).items()).isEmpty();
    assertThat(told().stream().filter(lost::equals)).hasSize(5);
  }

  @Test
  void twoNodesNeverSendForOneEndpointAtTheSameTime() throws Exception {
    created(DEMO);
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    receiver.answer(
        (request, out) -> {
          arrived.countDown();
          go.await(4, TimeUnit.SECONDS);
          RawServer.status(200, "").write(request, out);
        });
    String first = happened("demo.one");
    String second = happened("demo.two");
    clock.tick(Duration.ofSeconds(2));
    // Without waiting for the turn: due work goes on meanwhile.
    one.runDue(clock.instant());
    await(arrived);
    two.runDue(clock.instant());
    WebhookTurns.await(seconds);
    assertThat(told()).containsExactly(first);
    go.countDown();
    WebhookTurns.await(webhooks);
    clock.tick(Duration.ofSeconds(2));
    two.runDue(clock.instant());
    WebhookTurns.await(seconds);
    assertThat(told()).containsExactly(first, second);
  }

  @Test
  void theClaimOfANodeThatDiedPassesToAnother() {
    WebhookId id = created(DEMO);
    happened("demo.one");
    clock.tick(Duration.ofSeconds(1));
    assertThat(store.claim(acme, id, "dead", clock.instant(), clock.instant().plusSeconds(60)))
        .isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(told()).isEmpty();
    pass(Duration.ofSeconds(60));
    assertThat(told()).hasSize(1);

    Delivery now = webhooks.get(acme, id).delivery();
    assertThat(store.progress(acme, id, "dead", now.seq(), now, true)).isFalse();
  }

  @Test
  void aClaimIsOnesOwnAndKnowsItsPlace() {
    WebhookId id = created(DEMO);
    Delivery at = webhooks.get(acme, id).delivery();
    happened("demo.one");
    clock.tick(Duration.ofSeconds(1));
    assertThat(store.organizationsWithDue(clock.instant(), null, 10)).containsExactly(ACME);
    assertThat(store.organizationsWithDue(clock.instant(), ACME, 10)).isEmpty();
    assertThat(store.claim(acme, id, "a", clock.instant(), clock.instant().plusSeconds(9)))
        .isTrue();
    assertThat(store.claim(acme, id, "b", clock.instant(), clock.instant().plusSeconds(9)))
        .isFalse();
    assertThat(store.organizationsWithDue(clock.instant(), null, 10)).isEmpty();
    Delivery next = new Delivery(at.seq() + 1, 2, clock.instant(), "why");
    assertThat(store.progress(acme, id, "b", at.seq(), next, true)).isFalse();
    assertThat(store.progress(acme, id, "a", at.seq() + 5, next, true)).isFalse();
    assertThat(store.progress(globex, id, "a", at.seq(), next, true)).isFalse();
    assertThat(store.progress(acme, id, "a", at.seq(), next, false)).isTrue();
    assertThat(store.find(acme, id).orElseThrow().delivery()).isEqualTo(next);
    DeadLetter letter =
        new DeadLetter(id, 9, "evt_9", "demo.x", "{}", 1, clock.instant(), "why", false);
    assertThat(store.setAside(acme, "b", next.seq(), next, letter, samples.event(ACME, "never")))
        .isFalse();
    assertThat(store.setAside(acme, "a", next.seq(), next, letter, samples.event(ACME, "aside")))
        .isTrue();
    assertThat(store.deadLetters(acme, id, 0, 10)).containsExactly(letter);
    assertThat(store.deadLetters(acme, id, 9, 10)).isEmpty();
    assertThat(store.queued(acme, id, 10)).isEmpty();
    assertThat(store.retried(acme, id, 9, "a", Optional.empty())).isFalse();
    assertThat(store.queue(acme, id, 9, samples.event(ACME, "queued"))).isTrue();
    assertThat(store.queued(acme, id, 10)).hasSize(1);
    assertThat(store.retried(acme, id, 9, "b", Optional.empty())).isFalse();
    assertThat(store.retried(acme, id, 9, "a", Optional.empty())).isTrue();
    assertThat(store.deadLetters(acme, id, 0, 10)).isEmpty();
    assertThat(actions(acme)).contains("aside", "queued").doesNotContain("never");
    assertThat(store.progress(acme, id, "a", next.seq(), next, true)).isTrue();
    assertThat(store.progress(acme, id, "a", next.seq(), next, true)).isFalse();
  }

  @Test
  void aDisabledEndpointIsToldNothingAndThenEverything() {
    WebhookId id = created(DEMO);
    assertThat(webhooks.disable(acme, id).enabled()).isFalse();
    String first = happened("demo.one");
    pass(Duration.ofHours(1));
    assertThat(told()).isEmpty();
    webhooks.enable(acme, id);
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly(first);
    webhooks.delete(acme, id);
    happened("demo.two");
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly(first);
    assertThat(webhooks.list(acme, PageRequest.first(10)).items()).isEmpty();
  }

  @Test
  void aReceiverThatIsGoneIsDisabled() {
    WebhookId id = created(DEMO);
    receiver.answer(RawServer.status(410, ""));
    happened("demo.one");
    pass(Duration.ofSeconds(2));
    assertThat(webhooks.get(acme, id).enabled()).isFalse();
    assertThat(actions(acme)).contains("webhook.disabled");
  }

  @Test
  void aRedirectIsAFailure() {
    try (RawServer other = RawServer.answering(RawServer.status(200, ""))) {
      WebhookId id = created(DEMO);
      receiver.answer(RawServer.status(307, "", "Location: " + other.url("/")));
      happened("demo.one");
      pass(Duration.ofSeconds(2));
      assertThat(webhooks.get(acme, id).delivery().lastFailure()).isEqualTo("HTTP 307");
      assertThat(other.connections()).isZero();
    }
  }

  @Test
  void aPrivateAddressAndPlainHttpAreRefusedAtOnce() {
    List<Object> before = everything(acme);
    for (String url :
        new String[] {
          "https://10.0.0.1/", "https://169.254.169.254/", "http://example.com/", "https://a@b.c/"
        }) {
      assertThatThrownBy(() -> webhooks.create(acme, url, "", DEMO))
          .isInstanceOf(EgressException.class);
    }
    assertThat(everything(acme)).isEqualTo(before);
  }

  /** By its own timeout: the client would wait for long, and be answered in the end. */
  @Test
  void aReceiverThatIsSilentCostsItsTimeOnly() {
    WebhookId id = created(DEMO);
    CountDownLatch judged = new CountDownLatch(1);
    receiver.answer(
        (request, out) -> {
          judged.await(30, TimeUnit.SECONDS);
          RawServer.status(200, "").write(request, out);
        });
    happened("demo.one");
    clock.tick(Duration.ofSeconds(2));
    Duration long9 = Duration.ofMinutes(9);
    try (Egress patient =
            Egress.builder().unsafeAllowLoopback().callTimeout(long9).readTimeout(long9).build();
        ControlPlane three = newPlane()) {
      Webhooks impatient =
          Webhooks.builder(SecretVault.of(three), patient).timeout(Duration.ofSeconds(2)).build();
      three.runDue(clock.instant());
      WebhookTurns.await(impatient);
      assertThat(impatient.get(acme, id).delivery().lastFailure()).isEqualTo("timeout");
      assertThat(receiver.requests()).hasSize(1);
    } finally {
      judged.countDown();
    }
  }

  @Test
  void whoseReceiversAreSlowHoldsUpNobodyElse() {
    CountDownLatch othersTold = new CountDownLatch(1);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch slow = new CountDownLatch(2);
    receiver.answer(
        (request, out) -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          slow.countDown();
          othersTold.await(60, TimeUnit.SECONDS);
          now.decrementAndGet();
          RawServer.status(200, "").write(request, out);
        });
    for (int i = 0; i < 20; i++) {
      created(DEMO);
    }
    Duration long9 = Duration.ofMinutes(9);
    try (RawServer quick =
            RawServer.answering(
                (request, out) -> {
                  slow.await(60, TimeUnit.SECONDS);
                  RawServer.status(200, "").write(request, out);
                  othersTold.countDown();
                });
        Egress patient =
            Egress.builder().unsafeAllowLoopback().callTimeout(long9).readTimeout(long9).build();
        ControlPlane three = newPlane()) {
      Webhooks room =
          Webhooks.builder(SecretVault.of(three), patient).timeout(Duration.ofSeconds(30)).build();
      room.create(globex, quick.url("/"), "", DEMO).close();
      happened("demo.one");
      stores.audit().append(globex, samples.event(GLOBEX, "demo.one"));
      clock.tick(Duration.ofSeconds(2));
      three.runDue(clock.instant());
      try {
        // Shorter than the slow ones hold their threads, were there not one left.
        assertThat(othersTold.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      WebhookTurns.await(room);
      assertThat(most).hasValue(2);
      assertThat(told()).as("all of them in the end, without another run").hasSize(20);
    }
  }

  @Test
  void whatIsNotSentForOurOwnLackOfRoomIsNoAttempt() {
    WebhookId id = created(DEMO);
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    happened("demo.one");
    clock.tick(Duration.ofSeconds(2));
    try (RawServer holder =
            RawServer.answering(
                (request, out) -> {
                  taken.countDown();
                  released.await();
                  RawServer.status(200, "").write(request, out);
                });
        Egress narrow = Egress.builder().unsafeAllowLoopback().maxConcurrent(1).build();
        ControlPlane three = newPlane()) {
      Webhooks room =
          Webhooks.builder(SecretVault.of(three), narrow)
              .attempts(2)
              .timeout(Duration.ofMillis(50))
              .build();
      CompletableFuture<Void> busy =
          CompletableFuture.runAsync(() -> narrow.send(EgressRequest.get(holder.url("/")).build()));
      await(taken);
      for (int i = 0; i < 4; i++) {
        three.runDue(clock.instant());
        WebhookTurns.await(room);
        assertThat(room.get(acme, id).delivery().lastFailure()).isEqualTo("busy");
        assertThat(room.get(acme, id).delivery().attempts()).isZero();
        clock.tick(Duration.ofMinutes(1));
      }
      assertThat(told()).isEmpty();
      assertThat(room.deadLetters(acme, id, PageRequest.first(10)).items()).isEmpty();
      released.countDown();
      busy.join();
    }
    pass(Duration.ofMinutes(1));
    assertThat(told()).hasSize(1);
  }

  @Test
  void theEndpointsOfAnErasedOrganizationEnd() {
    WebhookId id = created(EventFilter.all());
    pass(Duration.ofSeconds(2));
    int before = told().size();
    VaultKeys.of(SecretVault.of(one)).eraseOrganization(operator, ACME);
    happened("demo.one");
    pass(Duration.ofMinutes(10));
    pass(Duration.ofMinutes(10));
    assertThat(webhooks.get(acme, id).enabled()).isFalse();
    assertThat(webhooks.get(acme, id).delivery().lastFailure()).contains("erased");
    assertThat(told()).hasSize(before);
    List<Object> after = everything(acme);
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofHours(13));
    }
    assertThat(everything(acme)).as("nothing is done for it any more").isEqualTo(after);
  }

  @Test
  void aSecretThatIsLostIsTriedEverMoreSeldomAndCanBeReplaced() {
    WebhookId id = created(DEMO);
    SecretVault vault = SecretVault.of(one);
    vault.destroy(acme, SecretRef.of("webhooks", Environment.PRODUCTION, id.value()));
    String lost = happened("demo.one");
    Instant at = clock.instant();
    for (int i = 0; i < 24 * 12; i++) {
      pass(Duration.ofMinutes(5));
    }
    Delivery delivery = webhooks.get(acme, id).delivery();
    assertThat(delivery.lastFailure()).contains("cannot be used");
    assertThat(delivery.attempts()).as("since " + at).isBetween(10, 200);
    assertThat(webhooks.deadLetters(acme, id, PageRequest.first(10)).items()).isEmpty();

    webhooks.changeUrl(acme, id, receiver.url("/hook")).close();
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly(lost);
  }

  @Test
  void aSuspendedOrganizationIsToldNothingUntilItIsActiveAgain() {
    created(DEMO);
    String first = happened("demo.one");
    become(ACME, Organization.Status.SUSPENDED);
    pass(Duration.ofSeconds(2));
    assertThat(store.organizationsWithDue(clock.instant(), null, 10)).isEmpty();
    assertThat(told()).isEmpty();
    become(ACME, Organization.Status.ACTIVE);
    pass(Duration.ofSeconds(2));
    assertThat(told()).containsExactly(first);
  }

  @Test
  void theBacklogOfAnOrganizationRestsFromItsSuspensionOn() {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch suspended = new CountDownLatch(1);
    receiver.answer(
        (request, out) -> {
          begun.countDown();
          suspended.await(60, TimeUnit.SECONDS);
          RawServer.status(200, "").write(request, out);
        });
    for (int i = 0; i < 20; i++) {
      created(DEMO);
    }
    happened("demo.one");
    clock.tick(Duration.ofSeconds(2));
    one.runDue(clock.instant());
    await(begun);
    become(ACME, Organization.Status.SUSPENDED);
    suspended.countDown();
    WebhookTurns.await(webhooks);
    assertThat(told()).as("those that were under way").hasSize(2);

    become(ACME, Organization.Status.ACTIVE);
    pass(Duration.ofSeconds(2));
    assertThat(told()).hasSize(20);
  }

  @Test
  void ofSeveralRotationsAtOnceEachSecretThatWasGivenSigns() {
    try (IssuedWebhook old = create(DEMO)) {
      WebhookId id = old.endpoint().id();
      List<Optional<IssuedWebhook>> given =
          Race.of(
              4,
              i -> {
                try {
                  return Optional.of(
                      (i % 2 == 0 ? webhooks : seconds)
                          .rotateSecret(acme, id, Duration.ofHours(1)));
                } catch (ConflictException e) {
                  return Optional.empty();
                }
              });
      List<IssuedWebhook> fresh = given.stream().flatMap(Optional::stream).toList();
      assertThat(fresh).isNotEmpty();
      happened("demo.one");
      pass(Duration.ofSeconds(2));
      RawServer.Request told = receiver.requests().get(0);
      // The last two of those that followed each other; the last is in force.
      long signing =
          fresh.stream()
              .filter(
                  each -> {
                    try (WebhookVerifier verifier = verifier(each)) {
                      return verifies(verifier, told);
                    }
                  })
              .count();
      assertThat(signing).isGreaterThanOrEqualTo(Math.min(2, fresh.size()));
      fresh.forEach(IssuedWebhook::close);
    }
  }

  @Test
  void noMoreThanAllowedAreCreatedAtOnce() {
    WebhookEndpoint row = create(DEMO).endpoint();
    List<Boolean> added =
        Race.of(
            6,
            i ->
                store.create(
                    acme,
                    new WebhookEndpoint(
                        new WebhookId("whk_race" + i),
                        ACME,
                        row.url(),
                        "",
                        DEMO,
                        true,
                        1,
                        Optional.empty(),
                        row.createdBy(),
                        row.createdAt(),
                        row.updatedAt(),
                        row.delivery()),
                    3,
                    samples.event(ACME, "race")));
    assertThat(added.stream().filter(each -> each)).hasSize(2);
    assertThat(store.list(acme, null, 10)).hasSize(3);
    assertThat(actions(acme).stream().filter("race"::equals)).hasSize(2);
    assertThat(store.create(globex, in(GLOBEX, row), 1, samples.event(GLOBEX, "other"))).isTrue();
    assertThatThrownBy(() -> store.create(nobody, in(NOBODY, row), 1, samples.event(NOBODY, "x")))
        .isInstanceOf(NotFoundException.class);
  }

  private static WebhookEndpoint in(OrganizationId organization, WebhookEndpoint like) {
    return new WebhookEndpoint(
        like.id(),
        organization,
        like.url(),
        "",
        DEMO,
        true,
        1,
        Optional.empty(),
        like.createdBy(),
        like.createdAt(),
        like.updatedAt(),
        like.delivery());
  }

  /** A receiver reads the trail of all environments. */
  @Test
  void whoMayNotReadTheTrailChoosesNobodyWhoIsTold() {
    WebhookId id = created(DEMO);
    for (TenantContext less :
        List.of(
            acme.limitedTo(ScopeSet.of("webhooks:manage")),
            acme.within(Set.of(Environment.DEVELOPMENT)),
            acme.within(Set.of(Environment.PRODUCTION, Environment.STAGING)))) {
      List<Object> before = everything(acme);
      for (Runnable call :
          List.<Runnable>of(
              () -> webhooks.create(less, receiver.url("/"), "", DEMO),
              () -> webhooks.update(less, id, "", EventFilter.all()),
              () -> webhooks.changeUrl(less, id, receiver.url("/x")),
              () -> webhooks.replay(less, id, 1))) {
        assertThatThrownBy(call::run).isInstanceOf(AccessDeniedException.class);
      }
      assertThat(everything(acme)).isEqualTo(before);
      assertThat(webhooks.get(less, id).id()).isEqualTo(id);
      webhooks.disable(less, id);
      webhooks.enable(less, id);
      webhooks.rotateSecret(less, id, Duration.ZERO).close();
    }
    TenantContext reader = acme.limitedTo(ScopeSet.of("webhooks:manage", "audit:read"));
    webhooks.update(reader, id, "", EventFilter.all());
  }

  @Test
  void bothSecretsSignUntilTheOverlapEnds() {
    try (IssuedWebhook old = create(DEMO);
        IssuedWebhook fresh =
            webhooks.rotateSecret(acme, old.endpoint().id(), Duration.ofHours(1));
        WebhookVerifier before = verifier(old);
        WebhookVerifier after = verifier(fresh)) {
      happened("demo.one");
      pass(Duration.ofSeconds(2));
      RawServer.Request overlap = receiver.requests().get(0);
      assertThat(overlap.header("webhook-signature").split(" ")).hasSize(2);
      assertThat(verifies(before, overlap)).isTrue();
      assertThat(verifies(after, overlap)).isTrue();

      happened("demo.two");
      pass(Duration.ofHours(1));
      RawServer.Request later = receiver.requests().get(1);
      assertThat(verifies(before, later)).isFalse();
      assertThat(verifies(after, later)).isTrue();
    }
  }

  @Test
  void anotherUrlHasAnotherSecretAndOneThatTheRowAloneHasGetsNothing() {
    try (RawServer other = RawServer.answering(RawServer.status(200, ""));
        IssuedWebhook old = create(DEMO)) {
      WebhookEndpoint row = old.endpoint();
      WebhookEndpoint bent =
          new WebhookEndpoint(
              row.id(),
              row.organization(),
              other.url("/stolen"),
              row.description(),
              row.events(),
              true,
              2,
              Optional.empty(),
              row.createdBy(),
              row.createdAt(),
              row.updatedAt(),
              row.delivery());
      assertThat(store.update(acme, bent, 1, samples.event(ACME, "bent"))).isTrue();
      happened("demo.one");
      pass(Duration.ofSeconds(2));
      assertThat(other.connections()).isZero();
      assertThat(webhooks.get(acme, row.id()).delivery().lastFailure()).contains("URL");

      try (IssuedWebhook moved = webhooks.changeUrl(acme, row.id(), other.url("/new"));
          WebhookVerifier before = verifier(old);
          WebhookVerifier after = verifier(moved)) {
        pass(Duration.ofSeconds(2));
        assertThat(other.requests()).hasSize(1);
        assertThat(verifies(after, other.requests().get(0))).isTrue();
        assertThat(verifies(before, other.requests().get(0))).isFalse();
      }
    }
  }

  @Test
  void securityEventsAreToldThroughTheTrail() {
    created(EventFilter.of("security.*"));
    one.runtime()
        .events()
        .publish(
            Event.of(EventType.KEY_UNUSED, clock.instant(), ACME, "key_1", Map.of("name", "k")));
    one.runtime()
        .events()
        .publish(Event.of(EventType.KEY_UNUSED, clock.instant(), GLOBEX, "key_2", Map.of()));
    pass(Duration.ofSeconds(2));
    pass(Duration.ofSeconds(2));
    assertThat(receiver.requests()).hasSize(1);
    assertThat(receiver.requests().get(0).text())
        .contains("\"type\":\"security.key_unused\"", "\"targetId\":\"key_1\"");
    assertThat(actions(globex)).isEmpty();
  }

  @Test
  void anotherTenantsEndpointIsAnUnknownOne() {
    WebhookId id = created(DEMO);
    WebhookId unknown = new WebhookId("whk_unknown");
    WebhookEndpoint before = webhooks.get(acme, id);
    List<Consumer<WebhookId>> calls =
        List.of(
            each -> webhooks.get(globex, each),
            each -> webhooks.update(globex, each, "", DEMO),
            each -> webhooks.changeUrl(globex, each, receiver.url("/x")),
            each -> webhooks.enable(globex, each),
            each -> webhooks.disable(globex, each),
            each -> webhooks.delete(globex, each),
            each -> webhooks.rotateSecret(globex, each, Duration.ZERO),
            each -> webhooks.deadLetters(globex, each, PageRequest.first(1)),
            each -> webhooks.replay(globex, each, 1));
    for (Consumer<WebhookId> call : calls) {
      for (WebhookId each : List.of(id, unknown)) {
        assertThatThrownBy(() -> call.accept(each)).isInstanceOf(NotFoundException.class);
      }
    }
    assertThat(webhooks.list(globex, PageRequest.first(10)).items()).isEmpty();
    assertThat(webhooks.get(acme, id)).isEqualTo(before);
    assertThat(everything(globex).toString()).doesNotContain(id.value());

    TenantContext without = acme.limitedTo(ScopeSet.none());
    assertThatThrownBy(() -> webhooks.get(without, id)).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> webhooks.create(without, receiver.url("/"), "", DEMO))
        .isInstanceOf(AccessDeniedException.class);
  }
}
