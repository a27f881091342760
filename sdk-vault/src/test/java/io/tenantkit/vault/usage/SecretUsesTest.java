package io.tenantkit.vault.usage;

import static io.tenantkit.vault.usage.UsageHouse.ACME;
import static io.tenantkit.vault.usage.UsageHouse.ADA;
import static io.tenantkit.vault.usage.UsageHouse.GLOBEX;
import static io.tenantkit.vault.usage.UsageHouse.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.StorageException;
import io.tenantkit.tck.Race;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.usage.UsageQuery.By;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Uses are counted exactly, within bounds, whatever becomes of the storage. */
class SecretUsesTest {
  private final UsageHouse house = new UsageHouse();

  @AfterEach
  void close() {
    house.close();
  }

  /** What becomes of the store's answer to each batch. */
  private interface Fate {
    boolean add(TenantContext context, SecretUsageBatch batch);
  }

  private SecretUsageStore store(Function<SecretUsageStore, Fate> fate) {
    SecretUsageStore inner = house.rows();
    Fate add = fate.apply(inner);
    return (SecretUsageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {SecretUsageStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("add")) {
                return add.add((TenantContext) arguments[0], (SecretUsageBatch) arguments[1]);
              }
              try {
                return method.invoke(inner, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private SecretUses uses(SecretUsageStore store, int most) {
    return SecretUses.bounded(house.plane.runtime(), store, most);
  }

  private static void count(SecretUses uses, OrganizationId organization, String secret) {
    count(uses, organization, secret, START.toEpochMilli());
  }

  private static void count(
      SecretUses uses, OrganizationId organization, String secret, long millis) {
    uses.count(organization, secret, Environment.PRODUCTION, ADA, "", UseOutcome.OK, millis, null);
  }

  private long total(TenantContext context) {
    return house.lines(context, By.DAY).stream().mapToLong(UsageLine::ok).sum();
  }

  @Test
  void usesAndRevealsAreCountedWithToolAndOutcome() {
    Secret secret = house.put("db");
    house.use(house.acme, "db");
    house.use(house.acme, "db", "search");
    house.vault.reveal(house.acme, UsageHouse.ref("db")).close();
    assertThat(house.lines(house.acme, By.SECRET)).as("nothing is written yet").isEmpty();

    house.later(UsageWriter.INTERVAL);

    assertThat(house.lines(house.acme, By.SECRET))
        .containsExactly(new UsageLine(secret.id().value(), 3, 0, 0, START, START));
    assertThat(house.lines(house.acme, By.TOOL))
        .extracting(UsageLine::key, UsageLine::ok)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("", 2L),
            org.assertj.core.groups.Tuple.tuple("search", 1L));
    assertThat(house.lines(house.acme, By.ACTOR))
        .extracting(UsageLine::key)
        .containsExactly("USER:ada");
    assertThat(house.lines(house.globex, By.SECRET)).isEmpty();
  }

  @Test
  void refusedAttemptsCountForTheActorAndNameNoSecret() {
    house.put("db");
    TenantContext narrow = UsageHouse.as("eve").limitedTo(io.tenantkit.tenant.ScopeSet.none());
    TenantContext staging = UsageHouse.as("eve").within(Set.of(Environment.STAGING));
    assertThatThrownBy(() -> house.use(narrow, "db")).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> house.use(staging, "db")).isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> house.use(UsageHouse.as("eve"), "guessed"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> house.use(house.globex, "db")).isInstanceOf(NotFoundException.class);

    house.flush();

    assertThat(house.lines(house.acme, By.SECRET))
        .containsExactly(new UsageLine("", 0, 3, 0, START, START));
    assertThat(house.lines(house.acme, By.ACTOR))
        .containsExactly(new UsageLine("USER:eve", 0, 3, 0, START, START));
    assertThat(house.lines(house.globex, By.ACTOR))
        .extracting(UsageLine::refused)
        .containsExactly(1L);
  }

  /** What the caller says of its tool or address may be anything. */
  @Test
  void toolsAndAddressesThatAreNoneAreLeftOut() {
    house.put("db");
    for (String tool : new String[] {"", "x".repeat(65), "sch\u00f6n"}) {
      house.use(house.acme, "db", tool);
    }
    house.flush();
    assertThat(house.lines(house.acme, By.TOOL)).extracting(UsageLine::key).containsExactly("");
  }

  @Test
  void aMillionUsesOfAThousandKindsAreAThousandCells() {
    SecretUses uses = uses(house.rows(), SecretUses.MOST_KINDS);
    String[] secrets = new String[1_000];
    for (int i = 0; i < secrets.length; i++) {
      secrets[i] = "sec-" + i;
    }
    for (int i = 0; i < 1_000_000; i++) {
      count(uses, ACME, secrets[i % secrets.length]);
    }
    assertThat(uses.kinds()).isEqualTo(1_000);
    uses.flush();
    assertThat(total(house.acme)).isEqualTo(1_000_000);
  }

  @Test
  void threadsCountExactlyWhileOthersWrite() {
    SecretUses uses = uses(house.rows(), SecretUses.MOST_KINDS);
    int each = 20_000;
    Race.of(
        8,
        i -> {
          for (int n = 0; n < each; n++) {
            if (i < 6) {
              count(uses, n % 2 == 0 ? ACME : GLOBEX, "sec-" + n % 40);
            } else if (n % 400 == 0) {
              uses.flush();
            }
          }
          return i;
        });
    uses.flush();
    assertThat(total(house.acme) + total(house.globex)).isEqualTo(6L * each);
  }

  @Test
  void kindsBeyondTheBoundAreSummedAsOthersAndNoneIsLost() {
    SecretUses uses = uses(house.rows(), 100);
    for (int i = 0; i < 1_000; i++) {
      count(uses, i % 2 == 0 ? ACME : GLOBEX, "sec-" + i);
      count(uses, ACME, "sec-0");
    }
    assertThat(uses.kinds()).as("one more for each organization").isEqualTo(102);

    uses.flush();

    assertThat(total(house.acme)).isEqualTo(1_500);
    assertThat(total(house.globex)).isEqualTo(500);
    assertThat(house.lines(house.acme, By.ACTOR))
        .extracting(UsageLine::key, UsageLine::ok)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("SYSTEM:" + SecretUses.OTHER, 450L),
            org.assertj.core.groups.Tuple.tuple("USER:ada", 1_050L));
    count(uses, ACME, "sec-999");
    uses.flush();
    assertThat(house.lines(house.acme, By.SECRET))
        .as("after the write there is room again")
        .extracting(UsageLine::key)
        .contains("sec-999");
  }

  @Test
  void aBatchWhoseAnswerIsLostIsGivenAgainAndCountsOnce() {
    AtomicInteger calls = new AtomicInteger();
    SecretUses uses =
        uses(
            store(
                inner ->
                    (context, batch) -> {
                      boolean done = inner.add(context, batch);
                      if (calls.incrementAndGet() <= 2) {
                        throw new StorageException(ErrorCode.COMMIT_UNKNOWN, "the answer is lost");
                      }
                      return done;
                    }),
            1_000);
    Secret secret = house.put("db");
    count(uses, ACME, secret.id().value());
    uses.report(house.acme, secret, ReportedUnits.of("tokens", 7, 30, "EUR"));
    assertThatThrownBy(uses::flush).isInstanceOf(StorageException.class);
    count(uses, ACME, secret.id().value());
    assertThatThrownBy(uses::flush).isInstanceOf(StorageException.class);
    uses.flush();
    uses.flush();

    assertThat(total(house.acme)).isEqualTo(2);
    assertThat(
            house
                .rows()
                .costs(
                    house.acme, START, START.plusSeconds(1), java.util.Optional.empty(), null, 10))
        .extracting(CostLine::amount, CostLine::costMicros)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(7L, 30L));
    assertThat(calls).hasValue(4);
  }

  /** One never hears that its commit was done, and the other goes on. Neither counts twice. */
  @Test
  void twoNodesOfWhichOneNeverHearsOfItsCommit() {
    SecretUses deaf =
        uses(
            store(
                inner ->
                    (context, batch) -> {
                      inner.add(context, batch);
                      throw new StorageException(ErrorCode.COMMIT_UNKNOWN, "lost");
                    }),
            1_000);
    SecretUses living = uses(house.rows(), 1_000);
    Race.of(
        2,
        i -> {
          for (int n = 0; n < 1_000; n++) {
            count(i == 0 ? deaf : living, ACME, "sec-" + n % 10);
            if (i == 1 && n % 100 == 0) {
              living.flush();
            }
          }
          if (i == 0) {
            assertThatThrownBy(deaf::flush).isInstanceOf(StorageException.class);
          }
          return i;
        });
    living.flush();
    assertThat(total(house.acme)).isEqualTo(2_000);
  }

  @Test
  void anOrganizationThatFailsOrIsGoneDoesNotHoldTheOthers() {
    SecretUses uses =
        uses(
            store(
                inner ->
                    (context, batch) -> {
                      if (context.organization().equals(ACME)) {
                        throw new StorageException(ErrorCode.STORAGE_FAILED, "this one");
                      }
                      return inner.add(context, batch);
                    }),
            1_000);
    count(uses, ACME, "sec-1");
    count(uses, GLOBEX, "sec-1");
    count(uses, OrganizationId.of("gone"), "sec-1");
    assertThatThrownBy(uses::flush).isInstanceOf(StorageException.class);
    assertThat(total(house.globex)).isEqualTo(1);
    assertThat(total(house.acme)).isZero();
  }

  @Test
  void whatWaitsForAStorageThatIsDownIsBounded() {
    AtomicInteger down = new AtomicInteger(1);
    SecretUses uses =
        uses(
            store(
                inner ->
                    (context, batch) -> {
                      if (down.get() == 1) {
                        throw new StorageException(ErrorCode.STORAGE_UNAVAILABLE, "down");
                      }
                      return true;
                    }),
            SecretUses.MOST_KINDS);
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 60_000; i++) {
        count(uses, ACME, "sec-" + round + "-" + i);
      }
      assertThatThrownBy(uses::flush).isInstanceOf(StorageException.class);
      assertThat(uses.waiting())
          .isLessThanOrEqualTo(UsageWriter.MOST_PENDING)
          .isEqualTo(Math.min(UsageWriter.MOST_PENDING, 60_000 * (round + 1) - 500));
    }
    down.set(0);
    uses.flush();
    assertThat(uses.waiting()).isZero();
  }

  @Test
  void hoursAreApartAlsoWithinOneInterval() {
    SecretUses uses = uses(house.rows(), 1_000);
    long millis = START.toEpochMilli();
    count(uses, ACME, "sec-1", millis);
    count(uses, ACME, "sec-1", millis + Duration.ofHours(1).toMillis());
    count(uses, ACME, "sec-1", -1);
    uses.flush();
    assertThat(house.lines(house.acme, By.HOUR)).hasSize(2);
    assertThat(house.rows().times(house.acme, "sec-1").orElseThrow().uses()).isEqualTo(3);
  }

  @Test
  void theCloseWritesWhatWasCountedAndWhatComesAfterIsWrittenAtOnce() {
    Secret secret = house.put("db");
    house.use(house.acme, "db");
    house.plane.close();
    assertThat(house.rows().times(house.acme, secret.id().value()).orElseThrow().uses()).isOne();
    house.vault.uses().used(house.acme, secret, java.util.Map.of());
    assertThat(house.rows().times(house.acme, secret.id().value()).orElseThrow().uses())
        .isEqualTo(2);
  }

  @Test
  void anActorIsToldApartByItsKind() {
    SecretUses uses = uses(house.rows(), 1_000);
    for (Actor.Kind kind : Actor.Kind.values()) {
      uses.count(
          ACME,
          "sec-1",
          Environment.PRODUCTION,
          new Actor(kind, "same"),
          "",
          UseOutcome.OK,
          START.toEpochMilli(),
          null);
    }
    uses.flush();
    assertThat(house.lines(house.acme, By.ACTOR)).hasSize(Actor.Kind.values().length);
  }

  /** Whoever has a value in hand when the plane closes must not lose it to the counting. */
  @Test
  void aUseAfterTheCloseThrowsNothingWhateverTheStorageThrows() {
    AtomicInteger asked = new AtomicInteger();
    SecretUses uses =
        SecretUses.of(
            house.plane.runtime(),
            store(
                inner ->
                    (context, batch) -> {
                      asked.incrementAndGet();
                      throw new IllegalStateException("the pool has been closed");
                    }));
    house.plane.close();

    count(uses, ACME, "sec_1");

    assertThat(asked).hasPositiveValue();
    assertThat(uses.waiting()).isZero();
  }
}
