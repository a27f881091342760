package io.tenantkit.livekit.webhook;

import static io.tenantkit.livekit.webhook.HookHouse.ACME_SECRET;
import static io.tenantkit.livekit.webhook.HookHouse.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tenantkit.AccessDeniedException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.livekit.ParticipantKind;
import io.tenantkit.livekit.webhook.WebhookReceipt.Accepted;
import io.tenantkit.livekit.webhook.WebhookReceipt.Reason;
import io.tenantkit.livekit.webhook.WebhookReceipt.Refused;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.VaultKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParticipantMinutesTest {
  private static final LocalDate DAY = LocalDate.of(2026, 3, 21);

  private final HookHouse house = new HookHouse();
  private final AtomicInteger asked = new AtomicInteger();
  private TenantContext acme;
  private TenantContext globex;
  private LiveKitWebhooks webhooks;
  private ParticipantMinutes minutes;
  private HttpServer server;
  private int number;

  /** What acme's server answers when it is asked who is there. */
  private volatile int status = 200;

  private volatile String answer = "{}";

  @BeforeEach
  void open() throws IOException {
    server = server(() -> answer);
    acme = house.tenant("acme");
    house.connect(acme, url(server), "APIacme", ACME_SECRET);
    globex = house.globex();
    webhooks = LiveKitWebhooks.of(house.livekit);
    LiveKitWebhooks.of(house.second);
    minutes = ParticipantMinutes.of(house.livekit);
  }

  private HttpServer server(Supplier<String> participants) throws IOException {
    HttpServer made =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    made.createContext(
        "/twirp/livekit.RoomService/ListParticipants",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = participants.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    made.start();
    return made;
  }

  private static String url(HttpServer server) {
    return "ws://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void close() {
    house.close();
    server.stop(0);
  }

  private void tells(String name, String room, String sid, String kind, Instant joined) {
    Instant at = house.clock.instant();
    String json = HookHouse.event("EV_" + number++, name, room, sid, kind, joined, at);
    assertThat(house.acmeSends(webhooks, json)).isInstanceOf(Accepted.class);
  }

  private void joins(String sid) {
    tells("participant_joined", "desk", sid, "STANDARD", house.clock.instant());
  }

  private void leaves(String sid, Instant joined) {
    tells("participant_left", "desk", sid, "STANDARD", joined);
  }

  private void finishes(String room) {
    String json =
        HookHouse.roomEvent("EV_" + number++, "room_finished", room, house.clock.instant());
    assertThat(house.acmeSends(webhooks, json)).isInstanceOf(Accepted.class);
  }

  private void pass(Duration time) {
    house.clock.tick(time);
    due();
  }

  /** On both nodes. */
  private void due() {
    house.plane.runDue(house.clock.instant());
    house.secondPlane.runDue(house.clock.instant());
  }

  private List<ParticipantDay> days() {
    return minutes.perDay(acme, DAY.minusDays(1), DAY.plusDays(3));
  }

  private static ParticipantDay day(
      LocalDate day, ParticipantKind kind, long count, Duration time, long minutes, long missed) {
    return new ParticipantDay(day, kind, count, time, minutes, missed);
  }

  private static ParticipantDay people(long count, Duration time, long minutes, long corrected) {
    return day(DAY, ParticipantKind.STANDARD, count, time, minutes, corrected);
  }

  /** The same before and after all is summed, and when it is summed again. */
  private void assertDays(ParticipantDay... expected) {
    assertThat(days()).as("before").containsExactly(expected);
    pass(Duration.ofMinutes(1));
    assertThat(days()).as("summed").containsExactly(expected);
    pass(Duration.ofMinutes(1));
    assertThat(days()).as("again").containsExactly(expected);
    assertThat(minutes.perDay(globex, DAY, DAY)).as("the other tenant").isEmpty();
    assertThat(minutes.perDay(acme.within(Set.of(Environment.STAGING)), DAY.minusDays(1), DAY))
        .as("another environment")
        .isEmpty();
  }

  @Test
  void eachConnectionIsRoundedUpToMinutesAlone() {
    joins("PA_1");
    house.clock.tick(Duration.ofSeconds(10));
    leaves("PA_1", NOON);
    joins("PA_2");
    Instant second = house.clock.instant();
    house.clock.tick(Duration.ofSeconds(70));
    leaves("PA_2", second);
    // LiveKit's own example: 10 seconds are one minute, 70 are two.
    assertDays(people(2, Duration.ofSeconds(80), 3, 0));
  }

  @Test
  void whoIsThereCountsUntilNow() {
    joins("PA_1");
    assertThat(days()).containsExactly(people(1, Duration.ZERO, 1, 0));
    house.clock.tick(Duration.ofSeconds(61));
    assertThat(days()).containsExactly(people(1, Duration.ofSeconds(61), 2, 0));
  }

  @Test
  void agentsAndRecordersAreCountedApart() {
    for (String kind : List.of("STANDARD", "AGENT", "EGRESS", "SIP", "SOMETHING_NEW")) {
      tells("participant_joined", "desk", "PA_" + kind, kind, NOON);
    }
    house.clock.tick(Duration.ofSeconds(30));
    for (String kind : List.of("STANDARD", "AGENT", "EGRESS", "SIP", "SOMETHING_NEW")) {
      tells("participant_left", "desk", "PA_" + kind, kind, NOON);
    }
    Duration half = Duration.ofSeconds(30);
    assertDays(
        day(DAY, ParticipantKind.AGENT, 1, half, 1, 0),
        day(DAY, ParticipantKind.EGRESS, 1, half, 1, 0),
        day(DAY, ParticipantKind.SIP, 1, half, 1, 0),
        day(DAY, ParticipantKind.STANDARD, 2, Duration.ofMinutes(1), 2, 0));
  }

  @Test
  void aConnectionOverMidnightIsSplit() {
    house.clock.tick(Duration.ofHours(12).minusSeconds(30));
    Instant joined = house.clock.instant();
    joins("PA_1");
    house.clock.tick(Duration.ofSeconds(100));
    leaves("PA_1", joined);
    assertDays(
        people(1, Duration.ofSeconds(30), 1, 0),
        day(DAY.plusDays(1), ParticipantKind.STANDARD, 1, Duration.ofSeconds(70), 1, 0));
  }

  @Test
  void theSameIdentityTwiceAreTwoConnections() {
    joins("PA_1");
    joins("PA_2");
    house.clock.tick(Duration.ofSeconds(60));
    leaves("PA_1", NOON);
    leaves("PA_2", NOON);
    assertDays(people(2, Duration.ofMinutes(2), 2, 0));
  }

  @Test
  void whoLeftBeforeItJoinedOrWithoutCountsFromWhatItsLeavingNames() {
    house.clock.tick(Duration.ofSeconds(90));
    leaves("PA_1", NOON);
    tells("participant_joined", "desk", "PA_1", "STANDARD", NOON);
    tells("participant_joined", "desk", "PA_1", "STANDARD", NOON);
    leaves("PA_2", NOON);
    assertDays(people(2, Duration.ofMinutes(3), 4, 0));
  }

  @Test
  void timesOfEventsHaveWholeSecondsAndThoseOfJoiningMilliseconds() {
    house.clock.tick(Duration.ofMillis(700));
    joins("PA_1");
    Instant joined = house.clock.instant();
    house.clock.tick(Duration.ofMillis(200));
    leaves("PA_1", joined);
    joins("PA_2");
    Instant second = house.clock.instant();
    house.clock.tick(Duration.ofMillis(10_200));
    leaves("PA_2", second);
    assertDays(people(2, Duration.ofMillis(10_100), 2, 0));
  }

  @Test
  void whoNeverGotConnectedCountsNothing() {
    tells("participant_connection_aborted", "desk", "PA_1", "STANDARD", NOON);
    house.clock.tick(Duration.ofSeconds(5));
    assertDays();
  }

  @Test
  void theEndOfTheRoomEndsWhoDidNotLeave() {
    joins("PA_1");
    tells("participant_joined", "lobby", "PA_1", "STANDARD", NOON);
    house.clock.tick(Duration.ofSeconds(20));
    leaves("PA_0", NOON);
    house.clock.tick(Duration.ofSeconds(20));
    finishes("desk");
    finishes("lobby");
    assertDays(people(3, Duration.ofSeconds(100), 3, 2));
    // Its own end comes late: the sums are corrected.
    String late =
        HookHouse.event(
            "EV_late", "participant_left", "desk", "PA_1", "STANDARD", NOON, NOON.plusSeconds(30));
    assertThat(house.acmeSends(webhooks, late)).isInstanceOf(Accepted.class);
    assertDays(people(3, Duration.ofSeconds(90), 3, 1));
  }

  @Test
  void whoIsGoneWhenTheServerIsAskedEndedWhenItWasLastSeen() {
    joins("PA_1");
    joins("PA_2");
    joins("PA_3");
    house.clock.tick(Duration.ofSeconds(90));
    tells("track_published", "desk", "PA_2", "STANDARD", Instant.EPOCH);
    answer = "{\"participants\":[{\"sid\":\"PA_3\",\"identity\":\"ada\",\"state\":\"ACTIVE\"}]}";
    pass(Duration.ofMinutes(28));
    assertThat(asked).hasValue(0);
    pass(Duration.ofMinutes(2));
    // One node asked once for the room.
    assertThat(asked).hasValue(1);
    Duration lasting = Duration.between(NOON, house.clock.instant());
    assertThat(days()).containsExactly(people(3, lasting.plusSeconds(90), 1 + 2 + 32, 2));
    // The one that is there is asked for again, and found gone.
    answer = "{}";
    pass(Duration.ofMinutes(31));
    assertThat(asked).hasValue(2);
    assertDays(people(3, lasting.plusSeconds(90), 1 + 2 + 32, 3));
  }

  @Test
  void whoIsOnTheServerThatIsBeingReplacedIsThere() throws IOException {
    joins("PA_1");
    answer = "{\"participants\":[{\"sid\":\"PA_1\",\"identity\":\"ada\",\"state\":\"ACTIVE\"}]}";
    HttpServer next = server(() -> "{}");
    try (SecretValue secret = SecretValue.of("the-next-secret-the-next-secret-12345")) {
      house.livekit.connect(
          acme, LiveKitCredentials.of(url(next), "APInext", secret), Duration.ofHours(1));
      pass(Duration.ofMinutes(31));
      // Both were asked.
      assertThat(asked).hasValue(2);
      assertThat(days()).containsExactly(people(1, Duration.ofMinutes(31), 31, 0));
      pass(Duration.ofMinutes(31));
      // The move is over, and the old server is none of theirs any more.
      assertThat(asked).hasValue(3);
      assertDays(people(1, Duration.ofMinutes(31), 31, 1));
    } finally {
      next.stop(0);
    }
  }

  @Test
  void aServerThatWasLeftAndIsOffHidesNobodyOnTheNextOne() throws IOException {
    joins("PA_1");
    HttpServer next =
        server(
            () ->
                "{\"participants\":[{\"sid\":\"PA_1\",\"identity\":\"ada\",\"state\":\"ACTIVE\"}]}");
    try (SecretValue secret = SecretValue.of("the-next-secret-the-next-secret-12345")) {
      house.livekit.connect(
          acme, LiveKitCredentials.of(url(next), "APInext", secret), Duration.ofDays(3));
      server.stop(0);
      for (int i = 0; i < 52; i++) {
        pass(Duration.ofMinutes(31));
      }
      assertThat(days()).extracting(ParticipantDay::corrected).containsOnly(0L);
    } finally {
      next.stop(0);
    }
  }

  @Test
  void aRoomThatIsNotThereHasNobody() {
    joins("PA_1");
    status = 404;
    answer = "{\"code\":\"not_found\",\"msg\":\"no\"}";
    pass(Duration.ofMinutes(31));
    assertDays(people(1, Duration.ZERO, 1, 1));
  }

  @Test
  void aServerThatDoesNotAnswerChangesNothingForADay() {
    joins("PA_1");
    status = 500;
    for (int i = 0; i < 47; i++) {
      pass(Duration.ofMinutes(30));
    }
    assertThat(asked).hasValueBetween(24, 48);
    assertThat(days()).extracting(ParticipantDay::corrected).containsOnly(0L);
    pass(Duration.ofMinutes(30));
    pass(Duration.ofMinutes(31));
    assertDays(people(1, Duration.ZERO, 1, 1));
    // It was there all the time, and leaves: that is what counts.
    Instant left = house.clock.instant();
    leaves("PA_1", NOON);
    assertThat(days().stream().map(ParticipantDay::connected).reduce(Duration::plus))
        .contains(Duration.between(NOON, left));
    assertThat(days()).extracting(ParticipantDay::corrected).containsOnly(0L);
  }

  @Test
  void oldPresencesAreForgottenAndTheDaysStay() {
    joins("PA_1");
    house.clock.tick(Duration.ofSeconds(30));
    leaves("PA_1", NOON);
    pass(Duration.ofMinutes(1));
    pass(PresenceUpkeep.KEPT);
    pass(Duration.ofMinutes(1));
    var presences = house.plane.runtime().coreStores().presences();
    assertThat(presences.forget(acme, Instant.MAX.minusSeconds(1_000_000), 10)).isZero();
    assertThat(days()).containsExactly(people(1, Duration.ofSeconds(30), 1, 0));
  }

  @Test
  void anErasedOrganizationsPresencesAreGone() {
    joins("PA_1");
    VaultKeys.of(SecretVault.of(house.plane))
        .eraseOrganization(HookHouse.OPERATOR, acme.organization());
    var presences = house.plane.runtime().coreStores().presences();
    assertThat(presences.unsettled(acme, false, null, 10)).isEmpty();
  }

  @Test
  void whatCameOfATenantThatWasErasedElsewhereIsRefused() {
    joins("PA_1");
    VaultKeys.of(SecretVault.of(house.secondPlane))
        .eraseOrganization(HookHouse.OPERATOR, acme.organization());
    Instant now = house.clock.instant();
    String json =
        HookHouse.event("EV_late", "participant_joined", "desk", "PA_2", "STANDARD", now, now);

    assertThat(house.acmeSends(webhooks, json)).isEqualTo(new Refused(Reason.UNTRUSTED));

    var presences = house.plane.runtime().coreStores().presences();
    assertThat(presences.unsettled(acme, false, null, 10)).isEmpty();
  }

  @Test
  void readingNeedsItsScopeAndIsBounded() {
    assertThatThrownBy(() -> minutes.perDay(acme.limitedTo(ScopeSet.of("secrets:*")), DAY, DAY))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("livekit:read");
    assertThat(minutes.perDay(acme.limitedTo(ScopeSet.of("livekit:read")), DAY, DAY)).isEmpty();
    assertThat(minutes.perDay(acme, DAY, DAY.plusDays(399))).isEmpty();
    for (LocalDate to : List.of(DAY.minusDays(1), DAY.plusDays(400))) {
      assertThatThrownBy(() -> minutes.perDay(acme, DAY, to))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("to");
    }
  }
}
