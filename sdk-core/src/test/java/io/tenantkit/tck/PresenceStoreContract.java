package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.NotFoundException;
import io.tenantkit.spi.Presence;
import io.tenantkit.spi.Presence.Closing;
import io.tenantkit.spi.PresenceChange;
import io.tenantkit.spi.PresenceChange.Ended;
import io.tenantkit.spi.PresenceChange.Joined;
import io.tenantkit.spi.PresenceChange.Left;
import io.tenantkit.spi.PresenceChange.Seen;
import io.tenantkit.spi.PresenceDay;
import io.tenantkit.spi.PresenceStore;
import io.tenantkit.spi.PresenceStore.Due;
import io.tenantkit.spi.ReceivedEvent;
import io.tenantkit.spi.ReceivedEvent.Hold;
import io.tenantkit.spi.ReceivedEventStore;
import io.tenantkit.spi.ReceivedEventStore.Taken;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage's {@link ReceivedEventStore} and {@link PresenceStore} must do. */
public abstract class PresenceStoreContract extends StorageContract {
  private static final Instant NOW = Samples.NOW;
  private static final LocalDate DAY = LocalDate.of(2026, 3, 21);
  private static final Presence.Place ROOM =
      new Presence.Place(Environment.PRODUCTION, "RM_1", "stand-up “é”");
  private static final Presence.Place OTHER_ROOM =
      new Presence.Place(Environment.PRODUCTION, "RM_2", "desk");
  private static final Due NOTHING_OLD = new Due(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);

  private ReceivedEventStore events;
  private PresenceStore presences;
  private int number;

  @BeforeEach
  final void openPresences() {
    events = stores.receivedEvents();
    presences = stores.presences();
  }

  private static Presence.Who who(Presence.Place place, String id) {
    return new Presence.Who(place, id, "ada <" + id + ">", "standard");
  }

  private static ReceivedEvent event(String id) {
    return new ReceivedEvent("livekit", id, NOW, Optional.empty());
  }

  private static ReceivedEvent held(String id, String claim, Instant now) {
    return new ReceivedEvent("livekit", id, now, Optional.of(new Hold(claim, now.plusSeconds(10))));
  }

  private void happens(TenantContext context, PresenceChange change) {
    assertThat(events.take(context, event("EV_" + number++), Optional.of(change)))
        .isEqualTo(Taken.YOURS);
  }

  private List<Presence> unsettled(TenantContext context) {
    return presences.unsettled(context, false, null, 100);
  }

  private static Instant at(int seconds) {
    return NOW.plusSeconds(seconds);
  }

  @Test
  final void anEventIsTakenOnce() {
    assertThat(events.take(acme, event("EV_1"), Optional.empty())).isEqualTo(Taken.YOURS);
    assertThat(events.take(acme, event("EV_1"), Optional.empty())).isEqualTo(Taken.DONE);
    assertThat(events.take(acme, event("EV_2"), Optional.empty())).isEqualTo(Taken.YOURS);
    // Another source, another tenant: other events.
    assertThat(
            events.take(
                acme, new ReceivedEvent("other", "EV_1", NOW, Optional.empty()), Optional.empty()))
        .isEqualTo(Taken.YOURS);
    assertThat(events.take(globex, event("EV_1"), Optional.empty())).isEqualTo(Taken.YOURS);
    assertThatThrownBy(() -> events.take(nobody, event("EV_1"), Optional.empty()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  final void ofSixteenThatTakeAnEventOneGetsIt() {
    for (int round = 0; round < 4; round++) {
      String id = "EV_race_" + round;
      PresenceChange joined = new Joined(who(ROOM, "PA_race_" + round), NOW);
      List<Taken> answers =
          Race.of(16, 16, i -> events.take(acme, held(id, "claim" + i, NOW), Optional.of(joined)));
      assertThat(answers).containsOnlyOnce(Taken.YOURS);
      assertThat(Collections.frequency(answers, Taken.HELD)).isEqualTo(15);
    }
    assertThat(unsettled(acme)).hasSize(4);
  }

  @Test
  final void sixteenEventsOfOnePresenceAtOnceMakeOne() {
    List<Taken> answers =
        Race.of(
            16,
            16,
            i ->
                events.take(
                    acme,
                    event("EV_of_one_" + i),
                    Optional.of(
                        i % 2 == 0
                            ? new Joined(who(ROOM, "PA_1"), NOW)
                            : new Left(who(ROOM, "PA_1"), Optional.of(NOW), at(90)))));
    // Who was in the way of five others at once is told to come again, and has written nothing.
    assertThat(answers).contains(Taken.YOURS).doesNotContain(Taken.DONE);
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) == Taken.HELD) {
        happens(acme, new Left(who(ROOM, "PA_1"), Optional.of(NOW), at(90)));
      }
    }
    assertThat(unsettled(acme))
        .singleElement()
        .satisfies(row -> assertThat(row.leftAt()).contains(at(90)));
  }

  @Test
  final void aHeldEventIsForNobodyElseUntilItsTimeIsOver() {
    assertThat(events.take(acme, held("EV_1", "one", NOW), Optional.empty()))
        .isEqualTo(Taken.YOURS);
    assertThat(events.take(acme, held("EV_1", "two", at(9)), Optional.empty()))
        .isEqualTo(Taken.HELD);
    assertThat(events.take(acme, held("EV_1", "two", at(10)), Optional.empty()))
        .isEqualTo(Taken.YOURS);
    assertThat(events.done(acme, "livekit", "EV_1", "one")).isFalse();
    assertThat(events.giveBack(acme, "livekit", "EV_1", "one")).isFalse();
    assertThat(events.done(globex, "livekit", "EV_1", "two")).isFalse();
    assertThat(events.done(acme, "livekit", "EV_1", "two")).isTrue();
    assertThat(events.done(acme, "livekit", "EV_1", "two")).isFalse();
    assertThat(events.take(acme, held("EV_1", "three", at(1_000)), Optional.empty()))
        .isEqualTo(Taken.DONE);
  }

  @Test
  final void whatIsGivenBackIsTakenAnew() {
    events.take(acme, held("EV_1", "one", NOW), Optional.empty());
    assertThat(events.giveBack(globex, "livekit", "EV_1", "one")).isFalse();
    assertThat(events.giveBack(acme, "livekit", "EV_1", "one")).isTrue();
    assertThat(events.giveBack(acme, "livekit", "EV_1", "one")).isFalse();
    assertThat(events.take(acme, held("EV_1", "two", at(1)), Optional.empty()))
        .isEqualTo(Taken.YOURS);
  }

  @Test
  final void eventsAreForgottenInBoundedBatches() {
    for (int i = 0; i < 5; i++) {
      events.take(acme, event("EV_" + i), Optional.empty());
    }
    events.take(globex, event("EV_1"), Optional.empty());
    assertThat(events.forget(acme, NOW, 10)).isZero();
    assertThat(events.forget(acme, at(1), 3)).isEqualTo(3);
    assertThat(events.forget(acme, at(1), 3)).isEqualTo(2);
    assertThat(events.take(acme, event("EV_1"), Optional.empty())).isEqualTo(Taken.YOURS);
    assertThat(events.take(globex, event("EV_1"), Optional.empty())).isEqualTo(Taken.DONE);
  }

  @Test
  final void aTransactionThatIsUndoneHasTakenNothing() {
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    joined -> {
                      events.take(
                          joined, event("EV_1"), Optional.of(new Joined(who(ROOM, "PA_1"), NOW)));
                      throw new IllegalStateException("undo");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(unsettled(acme)).isEmpty();
    assertThat(events.take(acme, event("EV_1"), Optional.empty())).isEqualTo(Taken.YOURS);
  }

  @Test
  final void inAnyOrderAndMoreThanOnceChangesGiveTheSamePresence() {
    List<PresenceChange> changes =
        List.of(
            new Joined(who(ROOM, "PA_1"), NOW),
            new Seen(ROOM, "PA_1", at(30)),
            new Left(who(ROOM, "PA_1"), Optional.of(NOW), at(90)));
    for (List<PresenceChange> order : permutations(changes)) {
      String id = "PA_" + number++;
      for (PresenceChange change : order) {
        happens(acme, of(change, id));
        happens(acme, of(change, id));
      }
      Presence row =
          unsettled(acme).stream()
              .filter(each -> each.who().id().equals(id))
              .findAny()
              .orElseThrow();
      assertThat(row.joinedAt()).as(order.toString()).isEqualTo(NOW);
      assertThat(row.leftAt()).as(order.toString()).contains(at(90));
      assertThat(row.closing()).contains(Closing.LEFT);
      assertThat(row.corrected()).isFalse();
      assertThat(row.who()).isEqualTo(who(ROOM, id));
    }
  }

  private static PresenceChange of(PresenceChange change, String id) {
    if (change instanceof Joined joined) {
      return new Joined(who(ROOM, id), joined.joinedAt());
    }
    return change instanceof Left left
        ? new Left(who(ROOM, id), left.joinedAt(), left.leftAt())
        : new Seen(ROOM, id, ((Seen) change).at());
  }

  private static List<List<PresenceChange>> permutations(List<PresenceChange> of) {
    if (of.isEmpty()) {
      return List.of(List.of());
    }
    List<List<PresenceChange>> all = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      List<PresenceChange> rest = new ArrayList<>(of);
      PresenceChange first = rest.remove(i);
      for (List<PresenceChange> tail : permutations(rest)) {
        List<PresenceChange> order = new ArrayList<>(List.of(first));
        order.addAll(tail);
        all.add(order);
      }
    }
    return all;
  }

  @Test
  final void whoeverIsUnknownAndNeverWasThereStaysUnknown() {
    happens(acme, new Seen(ROOM, "PA_1", NOW));
    happens(acme, new Left(who(ROOM, "PA_2"), Optional.empty(), NOW));
    happens(acme, new Ended(ROOM, NOW));
    assertThat(unsettled(acme)).isEmpty();
  }

  @Test
  final void theEndOfAPlaceEndsWhoeverIsThere() {
    happens(acme, new Joined(who(ROOM, "PA_1"), NOW));
    happens(acme, new Joined(who(ROOM, "PA_2"), at(61)));
    happens(acme, new Left(who(ROOM, "PA_3"), Optional.of(NOW), at(5)));
    happens(acme, new Joined(who(OTHER_ROOM, "PA_1"), NOW));
    happens(globex, new Joined(who(ROOM, "PA_1"), NOW));
    happens(acme, new Ended(ROOM, at(60)));
    happens(acme, new Ended(ROOM, at(70)));

    List<Presence> rows = unsettled(acme);
    assertThat(rows)
        .extracting(row -> row.who().id())
        .containsExactly("PA_1", "PA_2", "PA_3", "PA_1");
    assertThat(rows.get(0).leftAt()).contains(at(60));
    assertThat(rows.get(0).closing()).contains(Closing.ENDED);
    assertThat(rows.get(0).corrected()).isTrue();
    // Told of in whole seconds, a place may end before the last has come.
    assertThat(rows.get(1).leftAt()).contains(at(61));
    assertThat(rows.get(2).closing()).contains(Closing.LEFT);
    assertThat(rows.get(3).leftAt()).isEmpty();
    assertThat(unsettled(globex).get(0).leftAt()).isEmpty();

    // Its own end was told late.
    happens(acme, new Left(who(ROOM, "PA_1"), Optional.of(NOW), at(40)));
    assertThat(unsettled(acme).get(0).leftAt()).contains(at(40));
    assertThat(unsettled(acme).get(0).corrected()).isFalse();
  }

  @Test
  final void settlingAddsToTheDaysOnceAndCorrectsThem() {
    Instant joined = Instant.parse("2026-03-21T23:59:30Z");
    happens(acme, new Joined(who(ROOM, "PA_1"), joined));
    happens(acme, new Ended(ROOM, joined.plusSeconds(100)));
    happens(acme, new Left(who(ROOM, "PA_2"), Optional.of(NOW), NOW));
    List<Presence> over = unsettled(acme);
    assertThat(presences.settle(acme, over)).isEqualTo(2);
    assertThat(presences.settle(acme, over)).isZero();
    assertThat(unsettled(acme)).isEmpty();
    assertThat(days(acme))
        .containsExactly(day(DAY, 2, 30_000, 2, 1), day(DAY.plusDays(1), 1, 70_000, 1, 1));

    // Known better afterwards: the sums follow.
    happens(acme, new Left(who(ROOM, "PA_1"), Optional.of(joined), joined.plusSeconds(20)));
    assertThat(presences.settle(acme, unsettled(acme))).isEqualTo(1);
    assertThat(days(acme))
        .containsExactly(day(DAY, 2, 20_000, 2, 0), day(DAY.plusDays(1), 0, 0, 0, 0));
    assertThat(days(globex)).isEmpty();
    assertThat(presences.days(acme, Environment.STAGING, DAY, DAY)).isEmpty();
    assertThat(presences.days(acme, Environment.PRODUCTION, DAY.plusDays(2), DAY.plusDays(9)))
        .isEmpty();
  }

  private static PresenceDay day(
      LocalDate day, long count, long millis, long minutes, long corrected) {
    return new PresenceDay(
        new PresenceDay.Key(Environment.PRODUCTION, day, "standard"),
        count,
        millis,
        minutes,
        corrected);
  }

  private List<PresenceDay> days(TenantContext context) {
    return presences.days(context, Environment.PRODUCTION, DAY.minusDays(1), DAY.plusDays(3));
  }

  @Test
  final void ofEightThatSettleTheSameEachIsCountedOnce() {
    for (int i = 0; i < 20; i++) {
      happens(acme, new Left(who(ROOM, "PA_" + i), Optional.of(NOW), at(60)));
    }
    List<Presence> over = unsettled(acme);
    Race.of(8, 8, i -> presences.settle(acme, over));
    // One may have been in the other's way with the day's first row.
    presences.settle(acme, unsettled(acme));
    assertThat(days(acme)).containsExactly(day(DAY, 20, 1_200_000, 20, 0));
  }

  @Test
  final void unsettledPresencesComeInPages() {
    happens(acme, new Joined(who(OTHER_ROOM, "PA_1"), NOW));
    for (int i = 0; i < 4; i++) {
      happens(acme, new Joined(who(ROOM, "PA_" + i), NOW));
    }
    happens(
        acme,
        new Joined(who(new Presence.Place(Environment.DEVELOPMENT, "RM_9", "x"), "PA_1"), NOW));
    List<Presence> first = presences.unsettled(acme, false, null, 4);
    assertThat(first).hasSize(4);
    assertThat(presences.unsettled(acme, true, null, 4)).isEmpty();
    happens(acme, new Left(who(OTHER_ROOM, "PA_1"), Optional.of(NOW), at(1)));
    assertThat(presences.unsettled(acme, true, null, 4)).hasSize(1);
    assertThat(first.get(0).who().place().environment()).isEqualTo(Environment.DEVELOPMENT);
    assertThat(presences.unsettled(acme, false, first.get(3), 4))
        .extracting(row -> row.who().place().id() + row.who().id())
        .containsExactly("RM_1PA_3", "RM_2PA_1");
  }

  @Test
  final void aPlaceIsLookedAtByOneAtATime() {
    happens(acme, new Joined(who(ROOM, "PA_1"), NOW));
    happens(acme, new Joined(who(ROOM, "PA_2"), NOW));
    happens(acme, new Left(who(OTHER_ROOM, "PA_1"), Optional.of(NOW), at(1)));
    Instant due = NOW.plus(PresenceStore.CHECK_AFTER);
    assertThat(presences.claimPlaces(acme, due.minusSeconds(1), at(9_999), 10)).isEmpty();
    assertThat(presences.claimPlaces(globex, due, at(9_999), 10)).isEmpty();
    List<List<Presence.Place>> claims =
        Race.of(8, 8, i -> presences.claimPlaces(acme, due, at(9_999), 10));
    assertThat(claims.stream().flatMap(List::stream)).containsExactly(ROOM);
    assertThat(presences.claimPlaces(acme, at(9_999), at(99_999), 10)).containsExactly(ROOM);
  }

  @Test
  final void whatIsFoundIsWrittenUnlessItChangedMeanwhile() {
    happens(acme, new Joined(who(ROOM, "PA_1"), NOW));
    happens(acme, new Joined(who(ROOM, "PA_2"), NOW));
    happens(acme, new Joined(who(ROOM, "PA_3"), NOW));
    happens(acme, new Seen(ROOM, "PA_2", at(50)));
    List<Presence> read = presences.lasting(acme, ROOM, null, 10);
    assertThat(read).extracting(row -> row.who().id()).containsExactly("PA_1", "PA_2", "PA_3");
    assertThat(presences.lasting(acme, ROOM, "PA_1", 1)).containsExactly(read.get(1));
    assertThat(presences.lasting(globex, ROOM, null, 10)).isEmpty();
    happens(acme, new Left(who(ROOM, "PA_3"), Optional.of(NOW), at(70)));

    presences.found(globex, List.of(read.get(0).missed())); // Not its own: nothing is written.
    presences.found(
        acme,
        List.of(read.get(0).seen(at(100), at(200)), read.get(1).missed(), read.get(2).missed()));
    List<Presence> rows = unsettled(acme);
    assertThat(rows.get(0).seenAt()).isEqualTo(at(100));
    assertThat(rows.get(0).checkAt()).isEqualTo(at(200));
    assertThat(rows.get(0).leftAt()).isEmpty();
    assertThat(rows.get(1).leftAt()).contains(at(50));
    assertThat(rows.get(1).closing()).contains(Closing.MISSED);
    assertThat(rows.get(2).leftAt()).contains(at(70));
    assertThat(rows.get(2).closing()).contains(Closing.LEFT);
  }

  @Test
  final void organizationsWithSomethingDueAreFound() {
    assertThat(presences.organizationsWithDue(NOTHING_OLD, null, 10)).isEmpty();
    happens(acme, new Joined(who(ROOM, "PA_1"), NOW));
    happens(globex, new Left(who(ROOM, "PA_1"), Optional.of(NOW), at(5)));
    assertThat(presences.organizationsWithDue(NOTHING_OLD, null, 10)).containsExactly(GLOBEX);
    Instant due = NOW.plus(PresenceStore.CHECK_AFTER);
    Due check = new Due(due, Instant.EPOCH, Instant.EPOCH);
    assertThat(presences.organizationsWithDue(check, null, 10)).containsExactly(ACME, GLOBEX);
    assertThat(presences.organizationsWithDue(check, null, 1)).containsExactly(ACME);
    assertThat(presences.organizationsWithDue(check, ACME, 1)).containsExactly(GLOBEX);
    presences.settle(globex, unsettled(globex));
    assertThat(presences.organizationsWithDue(NOTHING_OLD, null, 10)).isEmpty();
    assertThat(
            presences.organizationsWithDue(new Due(Instant.EPOCH, at(6), Instant.EPOCH), null, 10))
        .containsExactly(GLOBEX);
    assertThat(
            presences.organizationsWithDue(new Due(Instant.EPOCH, Instant.EPOCH, at(1)), null, 10))
        .containsExactly(ACME, GLOBEX);
  }

  @Test
  final void forgettingIsBoundedAndKeepsTheDays() {
    for (int i = 0; i < 5; i++) {
      happens(acme, new Left(who(ROOM, "PA_" + i), Optional.of(NOW), at(60)));
    }
    happens(acme, new Joined(who(ROOM, "PA_lasting"), NOW));
    assertThat(presences.forget(acme, at(61), 10)).isZero(); // Not settled.
    presences.settle(
        acme, unsettled(acme).stream().filter(row -> row.leftAt().isPresent()).toList());
    assertThat(presences.forget(globex, at(61), 10)).isZero();
    assertThat(presences.forget(acme, at(60), 10)).isZero();
    assertThat(presences.forget(acme, at(61), 3)).isEqualTo(3);
    assertThat(presences.forget(acme, at(61), 3)).isEqualTo(2);
    assertThat(unsettled(acme)).hasSize(1);
    assertThat(days(acme)).containsExactly(day(DAY, 5, 300_000, 5, 0));
    assertThat(presences.forgetDays(acme, DAY, 10)).isZero();
    assertThat(presences.forgetDays(globex, DAY.plusDays(1), 10)).isZero();
    assertThat(presences.forgetDays(acme, DAY.plusDays(1), 10)).isEqualTo(1);
    assertThat(days(acme)).isEmpty();
  }

  @Test
  final void aLongPresenceIsSplitAtEachMidnightAndItsMinutesAddUp() {
    Instant joined = Instant.parse("2026-03-20T23:59:59.500Z");
    happens(
        acme, new Left(who(ROOM, "PA_1"), Optional.of(joined), joined.plus(Duration.ofHours(25))));
    presences.settle(acme, unsettled(acme));
    List<PresenceDay> days = days(acme);
    assertThat(days.stream().mapToLong(PresenceDay::millis).sum())
        .isEqualTo(Duration.ofHours(25).toMillis());
    assertThat(days.stream().mapToLong(PresenceDay::minutes).sum()).isEqualTo(25 * 60);
    assertThat(days).extracting(PresenceDay::millis).containsExactly(500L, 86_400_000L, 3_599_500L);
    assertThat(days).extracting(PresenceDay::minutes).containsExactly(1L, 1_440L, 59L);
  }
}
