package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.StorageException;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.RateLimitStore;
import io.tenantkit.spi.RateLimitStore.Answer;
import io.tenantkit.spi.RateLimitStore.Take;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one writer of an H2 file. What it is for, {@link KilledKeyWriterTest} shows. */
final class H2WriterTest {
  private static final Operator OPERATOR = Operator.trusted("ops", "test");
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationId GLOBEX = OrganizationId.of("globex");

  @TempDir private Path folder;
  private JdbcStorage storage;
  private ControlPlane plane;

  @BeforeEach
  void open() {
    storage = JdbcStorage.h2(folder.resolve("one")).open();
    plane = ControlPlane.builder(storage, VerifyingNode.masterKeys()).manualMaintenance().build();
    plane.organizations().create(OPERATOR, ACME, "acme");
    plane.organizations().create(OPERATOR, GLOBEX, "globex");
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  private FutureTask<Organization> renaming() {
    return new FutureTask<>(() -> plane.organizations().rename(OPERATOR, GLOBEX, "other"));
  }

  /** Until the thread waits for its turn, or has wrongly ended without it. */
  private static void untilItWaits(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(thread.isAlive()).as("it waits for the writer before").isTrue();
  }

  @Test
  void joinedTransactionIsTheOnlyWriterUntilTheHostsCommit() throws Exception {
    FutureTask<Organization> second = renaming();
    Thread thread = new Thread(second, "second writer");
    try (Connection connection = storage.connection()) {
      storage.join(
          OPERATOR, connection, (tx, c) -> plane.organizations().rename(tx, ACME, "first"));
      // It is off already, so this ends nothing.
      connection.setAutoCommit(false);
      thread.start();
      untilItWaits(thread);
      assertThat(plane.organizations().get(OPERATOR, GLOBEX).name())
          .as("who reads does not wait")
          .isEqualTo("globex");
      connection.commit();
      assertThat(second.get().name()).isEqualTo("other");
    }
    assertThat(plane.organizations().get(OPERATOR, ACME).name()).isEqualTo("first");
  }

  @Test
  void hostsWorkIsTheOnlyWriterToItsEnd() throws Exception {
    FutureTask<Organization> second = renaming();
    Thread thread = new Thread(second, "second writer");
    storage.inTenant(
        TenantContext.trusted(ACME, "host"),
        connection -> {
          thread.start();
          untilItWaits(thread);
          return null;
        });
    assertThat(second.get().name()).isEqualTo("other");
  }

  /** The call whose limits these are is answered as each limit says, and is not held. */
  @Test
  void limitsDoNotWaitLongForTheWriterBefore() throws Exception {
    RateLimit limit = RateLimit.of("minute", 10, Duration.ofMinutes(1)).shared();
    FutureTask<Answer> second =
        new FutureTask<>(
            () ->
                storage
                    .stores(CoreStores.class)
                    .orElseThrow()
                    .rateLimits()
                    .take(
                        ACME,
                        List.of(new Take("key", limit, 1, 0)),
                        Optional.empty(),
                        new RateLimitStore.Lease("node", 1, Duration.ofSeconds(4)),
                        Instant.now()));
    try (Connection connection = storage.connection()) {
      storage.join(OPERATOR, connection, (tx, c) -> plane.organizations().rename(tx, ACME, "a"));
      new Thread(second, "limit").start();
      assertThatThrownBy(() -> second.get(8, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              StorageException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_BUSY));
    }
  }

  @Test
  void everyEndOfTheHostsTransactionLetsTheNextOneWrite() throws Exception {
    try (Connection connection = storage.connection()) {
      storage.join(OPERATOR, connection, (tx, c) -> plane.organizations().rename(tx, ACME, "a"));
      connection.rollback();
      assertThat(renamed("b")).isEqualTo("b");
      storage.join(OPERATOR, connection, (tx, c) -> plane.organizations().rename(tx, ACME, "c"));
      connection.setAutoCommit(true);
      assertThat(renamed("d")).isEqualTo("d");
      connection.setAutoCommit(false);
      storage.join(OPERATOR, connection, (tx, c) -> plane.organizations().rename(tx, ACME, "e"));
    }
    assertThat(renamed("f")).isEqualTo("f");
    assertThat(plane.organizations().get(OPERATOR, ACME).name()).isEqualTo("c");
  }

  private String renamed(String name) throws Exception {
    FutureTask<String> task =
        new FutureTask<>(() -> plane.organizations().rename(OPERATOR, GLOBEX, name).name());
    new Thread(task, "next writer").start();
    return task.get();
  }

  @Test
  void waitingForTheWriterBeforeIsBounded() throws Exception {
    WriterLock lock = new WriterLock(Duration.ofMillis(1));
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    FutureTask<Void> first =
        new FutureTask<>(
            () -> {
              lock.take();
              lock.take();
              taken.countDown();
              over.await();
              lock.give();
              assertThatThrownBy(() -> new FutureTaskOf(lock).get())
                  .hasCauseInstanceOf(StorageException.class);
              lock.give();
              return null;
            });
    new Thread(first, "first").start();
    taken.await();
    assertThatThrownBy(lock::take)
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_BUSY));
    over.countDown();
    first.get();
    lock.take();
    lock.give();
  }

  /** Takes the lock on a thread of its own. */
  private static final class FutureTaskOf extends FutureTask<Void> {
    FutureTaskOf(WriterLock lock) {
      super(lock::take, null);
      new Thread(this, "other").start();
    }
  }
}
