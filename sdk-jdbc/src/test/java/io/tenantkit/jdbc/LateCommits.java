package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.Samples;
import io.tenantkit.tck.StorageHarness;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A host's transaction is held open while others commit and the feed is polled. The order in which
 * changes were numbered is not the order in which they are committed, and none may be skipped.
 */
abstract class LateCommits {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final int OTHERS = 40;

  private final TenantContext acme = TenantContext.trusted(ACME, "test");
  private final Samples samples = new Samples();
  private final ExecutorService host = Executors.newCachedThreadPool();
  private StorageHarness harness;
  private CoreStores stores;
  private ChangeStore.Cursor cursor;

  abstract StorageHarness openHarness();

  @BeforeEach
  final void open() {
    harness = openHarness();
    stores = harness.storage().stores(CoreStores.class).orElseThrow();
    add(ACME);
  }

  private void add(OrganizationId organization) {
    stores
        .organizations()
        .insert(
            Operator.trusted("ops", "test"),
            samples.organization(organization, "Name"),
            samples.event(organization, "created"));
  }

  @AfterEach
  final void close() {
    host.shutdownNow();
    harness.close();
  }

  private List<String> poll() {
    Changes changes = stores.changes().since(cursor, 1_000);
    cursor = changes.cursor();
    assertThat(changes.everything()).isFalse();
    return changes.changes().stream().map(Change::subject).toList();
  }

  private StoredApiKey insert(String id) {
    return insert(ACME, id);
  }

  private StoredApiKey insert(OrganizationId organization, String id) {
    StoredApiKey key = samples.key(organization, id);
    stores.apiKeys().insert(context(organization), key, samples.event(organization, "x"));
    return key;
  }

  /** A key of another organization: what holds an organization's chain holds its other changes. */
  private StoredApiKey elsewhere(String id) {
    OrganizationId organization = OrganizationId.of(id);
    add(organization);
    return insert(organization, id);
  }

  private static TenantContext context(OrganizationId organization) {
    return TenantContext.trusted(organization, "test");
  }

  /** A host's transaction that has changed a key and is open until the latch is. */
  private Future<Boolean> held(StoredApiKey key, CountDownLatch changed, CountDownLatch end) {
    return host.submit(() -> hold(harness, key, changed, end));
  }

  /** Changes the key in the host's transaction and says so; commits when the latch is open. */
  boolean hold(StorageHarness harness, StoredApiKey key, CountDownLatch changed, CountDownLatch end)
      throws SQLException {
    return harness.<Boolean>inTransaction(
        context(key.key().organization()),
        tx -> {
          stores
              .apiKeys()
              .update(
                  tx,
                  samples.renamed(key, "late"),
                  1,
                  samples.event(key.key().organization(), "held"));
          changed.countDown();
          Race.await(end);
          return true;
        });
  }

  @Test
  void lateCommitIsSeenByTheFirstPollAfterItAndEveryOtherAtOnceAndOnce() {
    List<StoredApiKey> late = List.of(elsewhere("late-1"), elsewhere("late-2"));
    cursor = stores.changes().since(null, 1_000).cursor();
    List<CountDownLatch> ends = List.of(new CountDownLatch(1), new CountDownLatch(1));
    List<Future<Boolean>> transactions = new ArrayList<>();
    for (int i = 0; i < late.size(); i++) {
      CountDownLatch changed = new CountDownLatch(1);
      transactions.add(held(late.get(i), changed, ends.get(i)));
      Race.await(changed);
    }

    for (int i = 0; i < OTHERS; i++) {
      StoredApiKey other = insert("other-" + i);
      assertThat(poll()).containsExactly(other.hash().hex());
      assertThat(poll()).isEmpty();
    }
    // The later one first.
    for (int i : new int[] {1, 0}) {
      ends.get(i).countDown();
      Race.get(transactions.get(i));
      StoredApiKey other = insert("after-" + i);
      assertThat(poll()).containsExactlyInAnyOrder(late.get(i).hash().hex(), other.hash().hex());
      assertThat(poll()).isEmpty();
    }
  }

  @Test
  void whatIsUncommittedWhenAPollerBeginsIsSeenWhenItCommits() {
    StoredApiKey late = elsewhere("late");
    CountDownLatch changed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<Boolean> transaction = held(late, changed, end);
    Race.await(changed);
    insert("before");

    cursor = stores.changes().since(null, 1_000).cursor();
    StoredApiKey after = insert("after");
    assertThat(poll()).containsExactly(after.hash().hex());
    end.countDown();
    Race.get(transaction);

    assertThat(poll()).containsExactly(late.hash().hex());
  }

  @Test
  void pruningNeverRemovesWhatCommitsLate() {
    Duration keep = Duration.ofHours(1);
    Instant now = Samples.NOW;
    StoredApiKey late = elsewhere("late");
    cursor = stores.changes().since(null, 1_000).cursor();
    CountDownLatch changed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<Boolean> transaction = held(late, changed, end);
    Race.await(changed);
    for (int hour = 0; hour < 4; hour++) {
      insert("other-" + hour);
      stores.changes().prune(now.plus(keep.multipliedBy(hour)), keep);
    }
    poll();
    end.countDown();
    Race.get(transaction);
    stores.changes().prune(now.plus(keep.multipliedBy(4)), keep);

    assertThat(poll()).containsExactly(late.hash().hex());
  }

  @Test
  void manyThreadsCommitAndNothingIsSkippedOrToldTwice() {
    cursor = stores.changes().since(null, 1_000).cursor();
    List<String> told = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(3);
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int writer = i;
      writers.add(
          host.submit(
              () -> {
                for (int n = 0; n < 60; n++) {
                  insert("key-" + writer + "-" + n);
                }
                done.countDown();
                return true;
              }));
    }
    while (done.getCount() > 0) {
      told.addAll(poll());
    }
    writers.forEach(Race::get);
    told.addAll(poll());

    assertThat(told).hasSize(180).doesNotHaveDuplicates();
  }

  @Test
  void rowsThatAreHeldAreLeftOutOfTheUsageAndWrittenLater() {
    StoredApiKey late = insert("late");
    StoredApiKey free = insert("free");
    CountDownLatch changed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<Boolean> transaction = held(late, changed, end);
    Race.await(changed);
    UsageBatch.Use held = new UsageBatch.Use(ACME, late.key().id(), 2, Samples.NOW);
    UsageBatch.Use other = new UsageBatch.Use(ACME, free.key().id(), 3, Samples.NOW);
    String node = "node" + System.nanoTime();
    UsageBatch batch = new UsageBatch(node, 1, false, List.of(held, other));

    assertThat(stores.usage().add(batch)).containsExactly(held);
    // Its answer is the same when it comes again.
    assertThat(stores.usage().add(batch)).containsExactly(held);
    end.countDown();
    Race.get(transaction);
    assertThat(stores.usage().add(new UsageBatch(node, 2, false, List.of(held)))).isEmpty();

    assertThat(stores.usage().find(acme, late.key().id()).orElseThrow().count()).isEqualTo(2);
    assertThat(stores.usage().find(acme, free.key().id()).orElseThrow().count()).isEqualTo(3);
  }
}
