package io.tenantkit.livekit.webhook;

import static io.tenantkit.livekit.webhook.HookHouse.ACME_SECRET;
import static io.tenantkit.livekit.webhook.HookHouse.GLOBEX_SECRET;
import static io.tenantkit.livekit.webhook.HookHouse.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.webhook.WebhookReceipt.Accepted;
import io.tenantkit.livekit.webhook.WebhookReceipt.Duplicate;
import io.tenantkit.livekit.webhook.WebhookReceipt.Reason;
import io.tenantkit.livekit.webhook.WebhookReceipt.Refused;
import io.tenantkit.livekit.webhook.WebhookReceipt.Unfinished;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveKitWebhooksTest {
  private final HookHouse house = new HookHouse();
  private TenantContext acme;
  private LiveKitWebhooks webhooks;

  @BeforeEach
  void open() {
    acme = house.acme();
    house.globex();
    webhooks = LiveKitWebhooks.builder(house.livekit).listener(house.listener()).build();
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static String started(String id) {
    return HookHouse.roomEvent(id, "room_started", "desk", NOON);
  }

  @Test
  void anEventComesToTheTenantWhoseServerSignedIt() {
    WebhookReceipt receipt = house.acmeSends(webhooks, started("EV_1"));
    assertThat(receipt)
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> {
              assertThat(accepted.organization()).isEqualTo(OrganizationId.of("acme"));
              assertThat(accepted.environment()).isEqualTo(Environment.PRODUCTION);
              assertThat(accepted.event()).isInstanceOf(LiveKitEvent.RoomStarted.class);
            });
    assertThat(receipt.answer().status()).isEqualTo(200);
    assertThat(house.told())
        .singleElement()
        .satisfies(
            told -> {
              TenantContext context = told.context();
              assertThat(context.organization()).isEqualTo(OrganizationId.of("acme"));
              assertThat(context.environments()).containsExactly(Environment.PRODUCTION);
              assertThat(context.scopes().toString()).isEqualTo("[livekit:read]");
              assertThat(told.event().id()).isEqualTo("EV_1");
              assertThat(told.event().createdAt()).isEqualTo(NOON);
            });
  }

  @Test
  void whatIsForgedIsRefusedAlikeAndChangesNothing() {
    byte[] body = Forge.utf8(started("EV_1"));
    Instant now = house.clock.instant();
    String good = Forge.token("APIacme", ACME_SECRET, body, now);
    String hash = Forge.hash(body);
    String claims = Forge.claims("APIacme", hash, now, now.plusSeconds(300));
    int dot = good.lastIndexOf('.');
    Map<String, String> forged = new LinkedHashMap<>();
    forged.put("nothing", "");
    forged.put("Bearer", "Bearer " + good);
    forged.put("another tenant's secret", Forge.token("APIacme", GLOBEX_SECRET, body, now));
    forged.put("another tenant's key", Forge.token("APIglobex", ACME_SECRET, body, now));
    forged.put("an unknown key", Forge.token("APInobody", ACME_SECRET, body, now));
    forged.put("no key", Forge.token("", ACME_SECRET, body, now));
    forged.put("a key with a blank", Forge.token("API acme", ACME_SECRET, body, now));
    forged.put("another body", Forge.token("APIacme", ACME_SECRET, Forge.utf8("{}"), now));
    forged.put(
        "the hash for URLs",
        Forge.jws(
            Forge.HEADER,
            claims.replace(hash, hash.replace('+', '-').replace('/', '_').replace("=", "")),
            ACME_SECRET));
    forged.put(
        "no hash", Forge.jws(Forge.HEADER, claims.replace("sha256", "sha-256"), ACME_SECRET));
    forged.put("alg none", Forge.jws("{\"alg\":\"none\"}", claims, ACME_SECRET));
    forged.put(
        "alg none, unsigned",
        Forge.base64url(Forge.utf8("{\"alg\":\"none\"}"))
            + "."
            + Forge.base64url(Forge.utf8(claims))
            + ".");
    forged.put("HS512", Forge.jws("{\"alg\":\"HS512\"}", claims, ACME_SECRET));
    forged.put("=", good + "=");
    forged.put("a line feed at the end", good + "\n");
    forged.put("a line feed within", good.substring(0, dot) + "\n" + good.substring(dot));
    forged.put("a blank before", " " + good);
    forged.put("another last bit", good.substring(0, good.length() - 1) + next(good));
    forged.put("no signature", good.substring(0, dot + 1));
    forged.put("four parts", good + ".e30");
    forged.put("a long one", good + "A".repeat(5_000));
    forged.forEach(
        (what, token) -> {
          WebhookReceipt receipt = webhooks.receive(body, token);
          assertThat(receipt).as(what).isEqualTo(new Refused(Reason.UNTRUSTED));
          assertThat(receipt.answer().status()).as(what).isEqualTo(401);
          assertThat(receipt.answer().body()).as(what).isEmpty();
        });
    assertThat(webhooks.receive(body, null)).isEqualTo(new Refused(Reason.UNTRUSTED));
    byte[] altered = body.clone();
    altered[altered.length - 2] ^= 1;
    assertThat(webhooks.receive(altered, good)).isEqualTo(new Refused(Reason.UNTRUSTED));
    assertThat(house.told()).isEmpty();
    // And the one that all of them were made of is good.
    assertThat(webhooks.receive(body, good)).isInstanceOf(Accepted.class);
  }

  private static char next(String token) {
    char last = token.charAt(token.length() - 1);
    return last == 'A' ? 'B' : (char) (last == 'z' || last == 'Z' || last == '9' ? 'A' : last + 1);
  }

  @Test
  void aGenuineOneIsGoodForItsTimeWithAMinutesLeeway() {
    byte[] body = Forge.utf8(started("EV_1"));
    Instant now = house.clock.instant();
    assertThat(at(body, now, now.minusSeconds(60))).isEqualTo(new Refused(Reason.EXPIRED));
    assertThat(at(body, now.plusSeconds(61), now.plusSeconds(90)))
        .isEqualTo(new Refused(Reason.NOT_YET_VALID));
    assertThat(at(body, now, now.plusSeconds(3_661))).isEqualTo(new Refused(Reason.EXPIRED));
    String endless = "{\"iss\":\"APIacme\",\"sha256\":\"%s\"}".formatted(Forge.hash(body));
    assertThat(webhooks.receive(body, Forge.jws(Forge.HEADER, endless, ACME_SECRET)))
        .isEqualTo(new Refused(Reason.EXPIRED));
    assertThat(house.told()).isEmpty();
    assertThat(at(body, now.plusSeconds(60), now.minusSeconds(59))).isInstanceOf(Accepted.class);
  }

  private WebhookReceipt at(byte[] body, Instant notBefore, Instant expiry) {
    String claims = Forge.claims("APIacme", Forge.hash(body), notBefore, expiry);
    return webhooks.receive(body, Forge.jws(Forge.HEADER, claims, ACME_SECRET));
  }

  @Test
  void aGenuineOneThatIsNoEventIsMalformed() {
    for (String body :
        List.of(
            "",
            "[]",
            "null",
            "{}",
            "{\"event\":\"room_started\"}",
            "{\"event\":\"room_started\",\"id\":\"\"}",
            "{\"event\":\"Room\",\"id\":\"EV_1\"}",
            "{\"event\":\"room_started\",\"id\":\"a\\nb\"}",
            "{\"event\":\"room_started\",\"id\":\"EV_1\",\"id\":\"EV_2\"}",
            "{\"event\":\"room_started\",\"id\":\"EV_1\"} x",
            "{\"event\":\"room_started\",\"id\":\"" + "x".repeat(256) + "\"}",
            "[".repeat(1_000))) {
      WebhookReceipt receipt = house.acmeSends(webhooks, body);
      assertThat(receipt).as(body).isEqualTo(new Refused(Reason.MALFORMED));
      assertThat(receipt.status()).isEqualTo(400);
    }
  }

  @Test
  void aLargeBodyIsNotLookedAt() {
    String large = started("EV_1") + " ".repeat(LiveKitWebhooks.MAX_BODY_BYTES);
    WebhookReceipt receipt = house.acmeSends(webhooks, large);
    assertThat(receipt).isEqualTo(new Refused(Reason.TOO_LARGE));
    assertThat(receipt.status()).isEqualTo(413);
    String fitting = started("EV_1");
    fitting += " ".repeat(LiveKitWebhooks.MAX_BODY_BYTES - fitting.length());
    assertThat(house.acmeSends(webhooks, fitting)).isInstanceOf(Accepted.class);
  }

  @Test
  void whatATenantsServerTellsOddlyHarmsNobody() {
    List<String> odd =
        List.of(
            "{\"event\":\"participant_joined\",\"id\":\"O1\",\"room\":7,\"participant\":[]}",
            "{\"event\":\"participant_left\",\"id\":\"O2\",\"room\":{\"sid\":\""
                + "R".repeat(500)
                + "\"}}",
            "{\"event\":\"participant_joined\",\"id\":\"O3\",\"createdAt\":\"999999999999999999\","
                + "\"room\":{\"sid\":\"RM_1\",\"name\":\"a\\u0000b\\ud800\"},\"participant\":"
                + "{\"sid\":\"PA_1\",\"identity\":\"x\\u0000"
                + "é".repeat(400)
                + "\",\"joinedAt\":\"-5\",\"joinedAtMs\":\"99999999999999999999\"}}",
            "{\"event\":\"participant_left\",\"id\":\"O4\",\"createdAt\":\"1\",\"room\":"
                + "{\"sid\":\"RM_1\"},\"participant\":{\"sid\":\"PA_2\",\"joinedAt\":\"1\"}}",
            "{\"event\":\"participant_left\",\"id\":\"O5\",\"room\":{\"sid\":\"RM\\n1\"},"
                + "\"participant\":{\"sid\":\"\"}}",
            "{\"event\":\"something_newer\",\"id\":\"O6\",\"payload\":{}}");
    for (String body : odd) {
      assertThat(house.acmeSends(webhooks, body)).as(body).isInstanceOf(Accepted.class);
    }
    assertThat(house.told().get(5).event())
        .isEqualTo(new LiveKitEvent.Unknown("O6", Instant.EPOCH, "something_newer"));
  }

  @Test
  void tenantsWithTheSameKeyIdAreToldApartByTheirSecrets() {
    TenantContext one = house.tenant("one");
    TenantContext two = house.tenant("two");
    house.connect(one, "wss://one.example", "devkey", "one-secret-one-secret-one-secret-one");
    house.connect(two, "wss://two.example", "devkey", "two-secret-two-secret-two-secret-two");
    byte[] body = Forge.utf8(started("EV_1"));
    for (String name : List.of("two", "one")) {
      String secret = "%1$s-secret-%1$s-secret-%1$s-secret-%1$s".formatted(name);
      assertThat(webhooks.receive(body, Forge.token("devkey", secret, body, house.clock.instant())))
          .isInstanceOfSatisfying(
              Accepted.class,
              accepted -> assertThat(accepted.organization().value()).isEqualTo(name));
    }
  }

  @Test
  void ofSeveralEnvironmentsWithTheSameServerProductionCounts() {
    TenantContext one = house.tenant("one");
    String secret = "one-secret-one-secret-one-secret-one";
    for (Environment each : List.of(Environment.STAGING, Environment.DEVELOPMENT)) {
      house.connect(one.within(Set.of(each)), "wss://one.example", "APIone", secret);
    }
    byte[] body = Forge.utf8(started("EV_1"));
    assertThat(webhooks.receive(body, Forge.token("APIone", secret, body, house.clock.instant())))
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> assertThat(accepted.environment()).isEqualTo(Environment.DEVELOPMENT));
    house.connect(one, "wss://one.example", "APIone", secret);
    byte[] next = Forge.utf8(started("EV_2"));
    assertThat(webhooks.receive(next, Forge.token("APIone", secret, next, house.clock.instant())))
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> assertThat(accepted.environment()).isEqualTo(Environment.PRODUCTION));
  }

  @Test
  void newCredentialsAreKnownAtOnceHereAndWithinTheBoundElsewhere() {
    TenantContext late = house.tenant("late");
    LiveKitWebhooks elsewhere = LiveKitWebhooks.of(house.second);
    String secret = "late-secret-late-secret-late-secret-late";
    byte[] body = Forge.utf8(started("EV_1"));
    for (LiveKitWebhooks each : List.of(webhooks, elsewhere)) {
      assertThat(each.receive(body, Forge.token("APIlate", secret, body, house.clock.instant())))
          .isEqualTo(new Refused(Reason.UNTRUSTED));
    }
    house.connect(late, "wss://late.example", "APIlate", secret);
    assertThat(webhooks.receive(body, Forge.token("APIlate", secret, body, house.clock.instant())))
        .isInstanceOf(Accepted.class);
    house.clock.tick(house.plane.runtime().revocationBound());
    assertThat(elsewhere.receive(body, Forge.token("APIlate", secret, body, house.clock.instant())))
        .isInstanceOf(Duplicate.class);
  }

  @Test
  void aReplacedKeysEventsAreTakenAsLongAsItOverlaps() {
    LiveKitWebhooks elsewhere = LiveKitWebhooks.of(house.second);
    String next = "next-secret-next-secret-next-secret-next";
    assertThat(house.acmeSends(elsewhere, started("EV_0"))).isInstanceOf(Accepted.class);
    try (SecretValue value = SecretValue.of(next)) {
      house.livekit.connect(
          acme,
          LiveKitCredentials.of("wss://self-hosted.example", "APInext", value),
          Duration.ofHours(1));
    }
    house.clock.tick(house.plane.runtime().revocationBound());
    int number = 1;
    for (LiveKitWebhooks each : List.of(webhooks, elsewhere)) {
      assertThat(house.acmeSends(each, started("EV_" + number++))).isInstanceOf(Accepted.class);
      byte[] body = Forge.utf8(started("EV_" + number++));
      assertThat(each.receive(body, Forge.token("APInext", next, body, house.clock.instant())))
          .isInstanceOf(Accepted.class);
      // Neither key with the other's secret.
      assertThat(
              each.receive(body, Forge.token("APInext", ACME_SECRET, body, house.clock.instant())))
          .isEqualTo(new Refused(Reason.UNTRUSTED));
    }
    house.clock.tick(Duration.ofHours(1));
    for (LiveKitWebhooks each : List.of(webhooks, elsewhere)) {
      assertThat(house.acmeSends(each, started("EV_" + number++)))
          .isEqualTo(new Refused(Reason.UNTRUSTED));
      byte[] body = Forge.utf8(started("EV_" + number++));
      assertThat(each.receive(body, Forge.token("APInext", next, body, house.clock.instant())))
          .isInstanceOf(Accepted.class);
    }
  }

  @Test
  void withoutAnOverlapAReplacedKeysEventsAreAStrangers() {
    house.connect(acme, "wss://self-hosted.example", "APInext", "next-secret-".repeat(4));
    assertThat(house.acmeSends(webhooks, started("EV_1"))).isEqualTo(new Refused(Reason.UNTRUSTED));
  }

  @Test
  void aSuspendedOrganizationsEventsAreReceived() {
    house.plane.organizations().suspend(HookHouse.OPERATOR, acme.organization());
    house.clock.tick(Duration.ofMinutes(10));
    assertThat(house.acmeSends(webhooks, started("EV_1"))).isInstanceOf(Accepted.class);
  }

  @Test
  void anEventIsHandledOnceOnAllNodes() {
    LiveKitWebhooks elsewhere =
        LiveKitWebhooks.builder(house.second).listener(house.listener()).build();
    List<WebhookReceipt> receipts =
        Race.of(16, 16, i -> house.acmeSends(i % 2 == 0 ? webhooks : elsewhere, started("EV_1")));
    assertThat(receipts.stream().filter(Accepted.class::isInstance)).hasSize(1);
    assertThat(receipts.stream().map(WebhookReceipt::status).toList()).isSubsetOf(200, 503);
    assertThat(house.told()).hasSize(1);
    for (LiveKitWebhooks each : List.of(webhooks, elsewhere)) {
      WebhookReceipt again = house.acmeSends(each, started("EV_1"));
      assertThat(again).isInstanceOf(Duplicate.class);
      assertThat(again.status()).isEqualTo(200);
    }
    assertThat(house.told()).hasSize(1);
  }

  @Test
  void eventsAreForgottenAfterADayAndNotBefore() {
    house.acmeSends(webhooks, started("EV_1"));
    house.clock.tick(LiveKitWebhooks.REMEMBERED);
    house.plane.runDue(house.clock.instant());
    assertThat(house.acmeSends(webhooks, started("EV_1"))).isInstanceOf(Duplicate.class);
    house.clock.tick(Duration.ofMinutes(2));
    house.plane.runDue(house.clock.instant());
    assertThat(house.acmeSends(webhooks, started("EV_1"))).isInstanceOf(Accepted.class);
  }

  @Test
  void aListenerThatFailsIsToldAgainAndTheMinutesDoNotWaitForIt() {
    AtomicInteger calls = new AtomicInteger();
    List<String> before = new ArrayList<>();
    LiveKitWebhooks failing =
        LiveKitWebhooks.builder(house.second)
            .listener((context, event) -> before.add(event.id()))
            .listener(
                (context, event) -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                })
            .build();
    String joined =
        HookHouse.event("EV_1", "participant_joined", "desk", "PA_1", "STANDARD", NOON, NOON);
    for (int i = 0; i < 2; i++) {
      assertThat(house.acmeSends(failing, joined))
          .isInstanceOfSatisfying(
              Unfinished.class,
              unfinished -> {
                assertThat(unfinished.answer().status()).isEqualTo(503);
                assertThat(unfinished.failure()).isPresent();
                assertThat(unfinished.answer().headers()).doesNotContainKey("Retry-After");
              });
    }
    assertThat(connections()).isEqualTo(1);
    assertThat(house.acmeSends(failing, joined)).isInstanceOf(Accepted.class);
    assertThat(house.acmeSends(failing, joined)).isInstanceOf(Duplicate.class);
    assertThat(calls).hasValue(3);
    assertThat(before).hasSize(3);
    assertThat(connections()).isEqualTo(1);
  }

  private long connections() {
    LocalDate day = LocalDate.of(2026, 3, 21);
    return ParticipantMinutes.of(house.livekit).perDay(acme, day, day).stream()
        .mapToLong(ParticipantDay::connections)
        .sum();
  }

  @Test
  void whatADeadNodeLeftIsGivenToAnotherWhenItsTimeIsOver() throws Exception {
    CountDownLatch inListener = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    LiveKitWebhooks hanging =
        LiveKitWebhooks.builder(house.second)
            .listener(
                (context, event) -> {
                  inListener.countDown();
                  await(goOn);
                })
            .build();
    Thread hangs = new Thread(() -> house.acmeSends(hanging, started("EV_1")));
    hangs.start();
    await(inListener);
    try {
      assertThat(house.acmeSends(webhooks, started("EV_1")))
          .isInstanceOfSatisfying(
              Unfinished.class,
              unfinished -> {
                assertThat(unfinished.failure()).isEmpty();
                assertThat(unfinished.answer().headers()).containsEntry("Retry-After", "10");
              });
      house.clock.tick(Duration.ofSeconds(10));
      assertThat(house.acmeSends(webhooks, started("EV_1"))).isInstanceOf(Accepted.class);
    } finally {
      goOn.countDown();
      hangs.join();
    }
    // Whoever came back late changes nothing of it.
    assertThat(house.acmeSends(webhooks, started("EV_1"))).isInstanceOf(Duplicate.class);
    assertThat(house.told()).hasSize(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void settingsHaveBounds() {
    LiveKitWebhooks.Builder builder = LiveKitWebhooks.builder(house.livekit);
    for (Duration each : List.of(Duration.ZERO, Duration.ofMillis(999), Duration.ofSeconds(301))) {
      assertThatThrownBy(() -> builder.listenersTake(each))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("listenersTake");
    }
  }
}
