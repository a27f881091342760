package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.spi.CredentialMarkStore.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyOwnersTest {
  private static final Owner ACME = new Owner(OrganizationId.of("acme"), Environment.PRODUCTION);

  private final Map<String, List<Owner>> stored = new HashMap<>(Map.of("APIacme", List.of(ACME)));
  private final List<String> lookedUp = new ArrayList<>();
  private final AtomicLong millis = new AtomicLong(1_000_000);
  private final KeyOwners owners = owners(Duration.ofSeconds(5));

  private KeyOwners owners(Duration bound) {
    return new KeyOwners(
        (apiKey, after) -> {
          lookedUp.add(apiKey);
          List<Owner> all = stored.getOrDefault(apiKey, List.of());
          return all.stream()
              .skip(after == null ? 0 : all.indexOf(after) + 1)
              .limit(KeyOwners.MOST_OWNERS)
              .toList();
        },
        millis::get,
        bound);
  }

  @Test
  void whoHasAKeyAndThatNobodyHasItIsKeptForTheBound() {
    for (int i = 0; i < 3; i++) {
      assertThat(owners.of("APIacme")).containsExactly(ACME);
      assertThat(owners.of("APInobody")).isEmpty();
    }
    assertThat(lookedUp).containsExactly("APIacme", "APInobody");
    millis.addAndGet(5_000);
    stored.clear();
    stored.put("APInobody", List.of(ACME));
    assertThat(owners.of("APIacme")).isEmpty();
    assertThat(owners.of("APInobody")).containsExactly(ACME);
    owners.forget("APInobody");
    owners.of("APInobody");
    assertThat(lookedUp).hasSize(5);
  }

  @Test
  void withoutABoundNothingIsKept() {
    KeyOwners fresh = owners(Duration.ZERO);
    fresh.of("APIacme");
    fresh.of("APIacme");
    assertThat(lookedUp).hasSize(2);
  }

  @Test
  void strangersCostABoundedNumberOfLookUps() {
    owners.of("APIacme");
    for (int i = 0; i < 1_000; i++) {
      owners.of("APIx" + i);
    }
    assertThat(lookedUp).hasSize(1 + KeyOwners.MISSES_PER_SECOND);
    assertThat(owners.of("APIy")).isNull();
    // Known ones go on, also those whose time is over.
    millis.addAndGet(999);
    assertThat(owners.of("APIacme")).containsExactly(ACME);
    millis.addAndGet(1);
    assertThat(owners.of("APIy")).isEmpty();
  }

  /** Each is looked up while those before it are: none of them has an answer yet. */
  @Test
  void strangersThatAreAskedForAtOnceCostNoMore() {
    AtomicReference<KeyOwners> asked = new AtomicReference<>();
    List<String> underWay = new ArrayList<>();
    asked.set(
        new KeyOwners(
            (apiKey, after) -> {
              underWay.add(apiKey);
              if (underWay.size() < 2 * KeyOwners.MISSES_PER_SECOND) {
                asked.get().of("APIx" + underWay.size());
              }
              return List.of();
            },
            millis::get,
            Duration.ofSeconds(5)));

    assertThat(asked.get().of("APIx")).isEmpty();

    assertThat(underWay).hasSize(KeyOwners.MISSES_PER_SECOND);
    assertThat(asked.get().of("APIy")).isNull();
  }

  @Test
  void whoseKeyIsInUseHereIsNoStranger() {
    owners.opened("APIacme");
    for (int i = 0; i < 1_000; i++) {
      owners.of("APIx" + i);
    }
    assertThat(owners.of("APIy")).isNull();
    assertThat(owners.of("APIacme")).containsExactly(ACME);
  }

  @Test
  void itIsBoundedInNumber() {
    for (int i = 0; i < 12_000; i++) {
      stored.put("API" + i, List.of(ACME));
      owners.of("API" + i);
    }
    lookedUp.clear();
    owners.of("API11999");
    assertThat(lookedUp).isEmpty();
    owners.of("API0");
    assertThat(lookedUp).containsExactly("API0");
  }

  private List<Owner> many(int count) {
    List<Owner> all =
        IntStream.range(0, count)
            .mapToObj(i -> new Owner(OrganizationId.of("org-" + i), Environment.PRODUCTION))
            .toList();
    stored.put("APImany", all);
    return all;
  }

  @Test
  void thoseWhoAreTooManyForOneMessageHaveTheirTurnOneAfterTheOther() {
    List<Owner> all = many(1_003);
    assertThat(owners.of("APImany")).isEqualTo(all.subList(0, 500));
    assertThat(owners.turn("APImany")).isTrue();
    assertThat(owners.of("APImany")).isEqualTo(all.subList(500, 1_000));
    assertThat(owners.turn("APImany")).as("others are there, but not yet").isTrue();
    assertThat(owners.of("APImany")).isEqualTo(all.subList(500, 1_000));
    millis.addAndGet(1_000);
    owners.turn("APImany");
    assertThat(owners.of("APImany")).isEqualTo(all.subList(1_000, 1_003));
    millis.addAndGet(1_000);
    assertThat(owners.turn("APImany")).isTrue();
    assertThat(owners.of("APImany")).as("from the first on").isEqualTo(all.subList(0, 500));
    assertThat(lookedUp).hasSize(4);
  }

  @Test
  void whoSignedIsTriedWhoseverTurnItIs() {
    List<Owner> all = many(501);
    owners.of("APImany");
    owners.turn("APImany");
    assertThat(owners.of("APImany")).containsExactly(all.get(500));
    owners.proved("APImany", all.get(500));
    millis.addAndGet(1_000);
    owners.turn("APImany");
    owners.forget("APImany");
    assertThat(owners.of("APImany")).hasSize(501).startsWith(all.get(500), all.get(0));
  }

  @Test
  void afterExactlyAsManyAsAreTriedItBeginsAgain() {
    many(500);
    owners.of("APImany");
    owners.turn("APImany");
    assertThat(owners.of("APImany")).as("there is nobody after them").hasSize(500);
    owners.of("APIacme");
    assertThat(owners.turn("APIacme")).isFalse();
    owners.of("APInobody");
    assertThat(owners.turn("APInobody")).isFalse();
  }

  @Test
  void messagesThatAreJudgedAtOnceTakeNobodysTurnAway() {
    List<Owner> all = many(501);
    owners.of("APImany");
    owners.of("APImany");
    assertThat(owners.turn("APImany")).isTrue();
    assertThat(owners.turn("APImany")).as("to be sent again, as the other").isTrue();
    assertThat(owners.of("APImany")).containsExactly(all.get(500));
    stored.remove("APImany");
    owners.forget("APImany");
    assertThat(owners.turn("APImany")).as("it may be another's by now").isTrue();
    assertThat(owners.of("APImany")).isEmpty();
    assertThat(owners.turn("APImany")).isFalse();
  }

  @Test
  void severalThatSignWithOneIdPutNoneOfThemOut() {
    List<Owner> all = many(501);
    owners.of("APImany");
    owners.turn("APImany");
    owners.of("APImany");
    owners.proved("APImany", all.get(500));
    for (int i = 0; i < KeyOwners.MOST_PROVEN - 1; i++) {
      owners.proved("APImany", all.get(i));
      owners.proved("APImany", all.get(i));
    }
    millis.addAndGet(1_000);
    owners.turn("APImany");
    assertThat(owners.of("APImany")).hasSize(501).contains(all.get(500));
    owners.proved("APImany", all.get(100));
    assertThat(owners.of("APImany")).as("so many, and no more").doesNotContain(all.get(500));
  }
}
