package io.tenantkit.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.StorageException;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is peculiar to the in-memory storage. */
class InMemoryStorageTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");

  private final InMemoryStorage storage = InMemoryStorage.create();
  private final CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
  private final Operator operator = Operator.trusted("ops", "unit test");
  private final TenantContext acme = TenantContext.trusted(ACME, "unit test");
  private final Samples samples = new Samples();

  @Test
  void closedStorageAnswersNothing() {
    storage.close();
    storage.close();

    assertThatThrownBy(() -> stores.organizations().find(acme))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void unknownFamilyIsEmpty() {
    assertThat(storage.stores(Runnable.class)).isEmpty();
  }

  @Test
  void readinessSaysThatNothingIsDurable() {
    byte[] bytes = new byte[32];
    IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) i);
    ControlPlane plane =
        ControlPlane.builder(Storage.inMemory(), MasterKeys.of(MasterKey.of(bytes))).build();

    assertThat(plane.readiness().stream().map(ReadinessIssue::code))
        .containsExactly("storage.in-memory");
  }

  @Test
  void verbsOfManyThreadsRunOneAfterTheOther() {
    stores
        .organizations()
        .insert(operator, samples.organization(ACME, "Acme"), samples.event(ACME, "added"));

    Race.of(
        Race.THREADS,
        thread -> {
          for (int i = 0; i < 2_000; i++) {
            stores.audit().append(acme, samples.event(ACME, "step"));
          }
          return thread;
        });

    assertThat(stores.audit().list(acme, null, 100_000)).hasSize(Race.THREADS * 2_000 + 1);
  }

  @Test
  void otherThreadSeesNothingOfAnOpenTransactionAndCannotUseIt() {
    stores
        .organizations()
        .insert(operator, samples.organization(ACME, "Acme"), samples.event(ACME, "added"));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      CountDownLatch started = new CountDownLatch(1);
      Future<Boolean> outside =
          storage.join(
              acme,
              joined -> {
                Future<Boolean> other =
                    thread.submit(
                        () -> {
                          started.countDown();
                          assertThatThrownBy(() -> stores.audit().list(joined, null, 10))
                              .isInstanceOfSatisfying(
                                  StorageException.class,
                                  e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
                          return stores.audit().list(acme, null, 10).size() == 3;
                        });
                Race.await(started);
                stores.audit().append(joined, samples.event(ACME, "first"));
                stores.audit().append(joined, samples.event(ACME, "second"));
                return other;
              });

      assertThat(Race.get(outside)).isTrue();
    } finally {
      thread.shutdownNow();
    }
  }
}
