package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.text;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.SecretWrite;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import io.tenantkit.vault.spi.VaultStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Eight threads at once. The barriers make the race happen rather than hope for it. */
class VaultRaceTest {
  private static final int THREADS = 8;

  /** What one thread does. */
  private interface Work<T> {
    T run(int thread) throws Exception;
  }

  @RepeatedTest(20)
  void everyPutWithoutExpectationLands() throws Exception {
    try (VaultHouse house = new VaultHouse()) {
      // As many as one secret keeps.
      int puts = 12;
      List<Map<Long, String>> mine =
          together(
              thread -> {
                Map<Long, String> put = new TreeMap<>();
                for (int i = 0; i < puts; i++) {
                  String text = "thread " + thread + " put " + i;
                  put.put(
                      house
                          .vault
                          .put(house.acme, REF, NewSecret.of(value(text)).keeping(100))
                          .currentVersion(),
                      text);
                }
                return put;
              });

      Map<Long, String> all = new TreeMap<>();
      mine.forEach(all::putAll);
      List<Long> numbers = LongStream.rangeClosed(1, (long) THREADS * puts).boxed().toList();
      assertThat(all.keySet()).containsExactlyElementsOf(numbers);
      assertThat(house.vault.versions(house.acme, REF))
          .extracting(SecretVersion::number)
          .containsExactlyElementsOf(numbers);
      all.forEach(
          (version, text) -> assertThat(house.reveal(house.acme, REF, version)).isEqualTo(text));
      assertThat(house.actions(house.acme)).filteredOn("secret.created"::equals).hasSize(1);
      assertThat(house.actions(house.acme))
          .filteredOn("secret.version_added"::equals)
          .hasSize(THREADS * puts - 1);
    }
  }

  /** Eight have read version 0 before the first of them may write. */
  @Test
  void ofEightThatExpectNoSecretOneWins() throws Exception {
    CyclicBarrier allRead = new CyclicBarrier(THREADS);
    try (VaultHouse house = new VaultHouse(stores -> meetingBeforeWriting(stores, allRead))) {
      List<Boolean> won =
          together(
              thread -> {
                try {
                  house.vault.put(
                      house.acme, REF, NewSecret.of(value("thread " + thread)).onlyNew());
                  return true;
                } catch (ConflictException e) {
                  return false;
                }
              });

      int winner = won.indexOf(true);
      assertThat(won).filteredOn(each -> each).hasSize(1);
      assertThat(house.vault.versions(house.acme, REF)).hasSize(1);
      assertThat(house.reveal(house.acme, REF)).isEqualTo("thread " + winner);
      assertThat(house.actions(house.acme))
          .filteredOn(action -> action.startsWith("secret.created"))
          .hasSize(1);
    }
  }

  @Test
  void ofEightThatExpectTheSameVersionOneWins() throws Exception {
    CyclicBarrier allRead = new CyclicBarrier(THREADS);
    try (VaultHouse house = new VaultHouse(stores -> meetingBeforeWriting(stores, allRead))) {
      SecretVault plain = house.freshVault();
      plain.put(house.acme, REF, value("one"));
      List<Boolean> won =
          together(
              thread -> {
                try {
                  house.vault.put(
                      house.acme, REF, NewSecret.of(value("thread " + thread)).onlyAfter(1));
                  return true;
                } catch (ConflictException e) {
                  return false;
                }
              });

      assertThat(won).filteredOn(each -> each).hasSize(1);
      assertThat(plain.get(house.acme, REF).currentVersion()).isEqualTo(2);
      assertThat(house.reveal(house.acme, REF)).isEqualTo("thread " + won.indexOf(true));
    }
  }

  /** Eight secrets of one new project: the project is made once. */
  @Test
  void theFirstSecretsOfAProjectShareIt() throws Exception {
    CyclicBarrier allRead = new CyclicBarrier(THREADS);
    try (VaultHouse house = new VaultHouse(stores -> meetingBeforeWriting(stores, allRead))) {
      List<Secret> made =
          together(
              thread -> house.vault.put(house.acme, ref("secret-" + thread), value("v" + thread)));

      assertThat(made).extracting(Secret::projectId).containsOnly(made.get(0).projectId());
      for (int thread = 0; thread < THREADS; thread++) {
        assertThat(house.reveal(house.acme, ref("secret-" + thread))).isEqualTo("v" + thread);
      }
    }
  }

  /** All eight have seen that there is no key before the first of them may insert one. */
  @RepeatedTest(3)
  void firstPutsOfAnOrganizationMakeOneKey() throws Exception {
    CyclicBarrier noneSeen = new CyclicBarrier(THREADS);
    AtomicInteger inserts = new AtomicInteger();
    List<String> keyIds = java.util.Collections.synchronizedList(new ArrayList<>());
    try (VaultHouse house =
        new VaultHouse(
            stores ->
                new DecoratedStorage.Stores(
                    new DecoratedStorage.Secrets(stores.secrets()) {
                      @Override
                      public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
                        keyIds.add(writes.get(0).added().orElseThrow().organizationKeyId());
                        return super.writeAll(context, writes);
                      }
                    },
                    meetingBeforeInserting(stores.organizationKeys(), noneSeen, inserts)))) {
      together(thread -> house.vault.put(house.acme, ref("secret-" + thread), value("v" + thread)));

      assertThat(inserts).hasValue(THREADS);
      assertThat(house.actions(house.acme))
          .filteredOn("organization_key.created"::equals)
          .hasSize(1);
      String keyId = house.rows().organizationKeys().newest(house.acme).orElseThrow().keyId();
      assertThat(keyIds).hasSizeGreaterThanOrEqualTo(THREADS).containsOnly(keyId);
      SecretVault fresh = house.freshVault();
      for (int thread = 0; thread < THREADS; thread++) {
        assertThat(VaultHouse.reveal(fresh, house.acme, ref("secret-" + thread)))
            .isEqualTo("v" + thread);
      }
    }
  }

  /** Whoever uses a secret while it changes gets one version whole, or is told that it is gone. */
  @Test
  void usesBesidePutsAndDeletesNeverSeeAMixture() throws Exception {
    try (VaultHouse house = new VaultHouse()) {
      List<Integer> seen =
          together(
              thread -> {
                int good = 0;
                for (int i = 0; i < 60; i++) {
                  if (thread < 2) {
                    String text = "both " + thread + "-" + i;
                    house.vault.put(
                        house.acme,
                        REF,
                        NewSecret.of("pair", Map.of("a", value(text), "b", value(text))));
                  } else if (thread == 2 && i % 10 == 9) {
                    try {
                      house.vault.destroy(house.acme, REF);
                    } catch (NotFoundException e) {
                      good++;
                    }
                  } else {
                    try {
                      good +=
                          house.vault.useFields(
                              house.acme,
                              REF,
                              Purpose.of("compare"),
                              fields -> {
                                assertThat(text(fields.field("a")))
                                    .isEqualTo(text(fields.field("b")));
                                return 1;
                              });
                    } catch (NotFoundException e) {
                      good++;
                    }
                  }
                }
                return good;
              });
      assertThat(seen.subList(3, THREADS)).containsOnly(60);
    }
  }

  private static VaultStores meetingBeforeWriting(VaultStores stores, CyclicBarrier barrier) {
    ThreadLocal<Boolean> met = ThreadLocal.withInitial(() -> false);
    return new DecoratedStorage.Stores(
        new DecoratedStorage.Secrets(stores.secrets()) {
          @Override
          public boolean writeAll(TenantContext context, List<SecretWrite> writes) {
            meet();
            return super.writeAll(context, writes);
          }

          private void meet() {
            if (!met.get()) {
              met.set(true);
              await(barrier);
            }
          }
        },
        stores.organizationKeys());
  }

  private static OrganizationKeyStore meetingBeforeInserting(
      OrganizationKeyStore inner, CyclicBarrier barrier, AtomicInteger inserts) {
    return new DecoratedStorage.Keys(inner) {
      @Override
      public boolean insert(TenantContext context, StoredOrganizationKey key, AuditEvent event) {
        await(barrier);
        inserts.incrementAndGet();
        return super.insert(context, key, event);
      }

      @Override
      public Optional<StoredOrganizationKey> newest(TenantContext context) {
        return super.newest(context);
      }
    };
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("the threads never met", e);
    }
  }

  private static <T> List<T> together(Work<T> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      CyclicBarrier start = new CyclicBarrier(THREADS);
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        futures.add(
            pool.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  return work.run(thread);
                }));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> future : futures) {
        answers.add(Objects.requireNonNull(future.get(60, TimeUnit.SECONDS)));
      }
      return answers;
    } finally {
      pool.shutdownNow();
    }
  }
}
