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
import org.junit.jupiter.api.Test;

class KeyOwnersTest {
  private static final Owner ACME = new Owner(OrganizationId.of("acme"), Environment.PRODUCTION);

  private final Map<String, List<Owner>> stored = new HashMap<>(Map.of("APIacme", List.of(ACME)));
  private final List<String> lookedUp = new ArrayList<>();
  private final AtomicLong millis = new AtomicLong(1_000_000);
  private final KeyOwners owners = owners(Duration.ofSeconds(5));

  private KeyOwners owners(Duration bound) {
    return new KeyOwners(
        apiKey -> {
          lookedUp.add(apiKey);
          return stored.getOrDefault(apiKey, List.of());
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
            apiKey -> {
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
}
