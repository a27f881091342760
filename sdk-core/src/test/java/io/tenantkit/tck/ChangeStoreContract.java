package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.spi.Change;
import io.tenantkit.spi.ChangeStore;
import io.tenantkit.spi.Changes;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every change feed does; late commits are shown where transactions can overlap. */
public abstract class ChangeStoreContract extends StorageContract {
  private static final Duration KEEP = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private ChangeStore.Cursor cursor;

  /** What is new since the last call of this or of {@link #begin}. */
  private Changes poll() {
    Changes changes = stores.changes().since(cursor, 100);
    cursor = changes.cursor();
    return changes;
  }

  private void begin() {
    Changes first = stores.changes().since(null, 100);
    assertThat(first.everything()).isTrue();
    cursor = first.cursor();
  }

  private static Change changed(StoredApiKey key) {
    return new Change(Change.API_KEY, key.key().organization().value(), key.hash().hex());
  }

  private void assertOnly(StoredApiKey... keys) {
    Changes changes = poll();
    assertThat(changes.everything()).isFalse();
    assertThat(changes.changes().stream().filter(each -> each.kind().equals(Change.API_KEY)))
        .extracting(Change::subject)
        .containsExactlyInAnyOrder(
            Arrays.stream(keys).map(key -> key.hash().hex()).toArray(String[]::new));
  }

  @Test
  void firstPollKnowsNothingAndTheNextOnlyWhatCameSince() {
    addKey(acme, "key-1");
    begin();
    assertThat(poll().changes()).isEmpty();
    StoredApiKey second = addKey(acme, "key-2");

    assertThat(poll().changes())
        .extracting(Change::subject)
        .containsExactly(changed(second).subject());
    assertThat(poll().changes()).isEmpty();
  }

  @Test
  void everyChangeOfAKeyIsToldByItsHash() {
    StoredApiKey key = addKey(acme, "key-1");
    begin();
    StoredApiKey renamed = samples.renamed(key, "another");
    stores.apiKeys().update(acme, renamed, 1, samples.event(ACME, "x"));
    assertOnly(key);

    StoredApiKey next = samples.key(ACME, "key-2");
    stores
        .apiKeys()
        .rotate(acme, samples.renamed(renamed, "old"), 2, next, samples.event(ACME, "x"));
    assertOnly(key, next);
  }

  @Test
  void everyChangeOfAnOrganizationIsToldByItsId() {
    begin();
    addOrganization(OrganizationId.of("initech"));
    assertThat(poll().changes())
        .containsExactly(new Change(Change.ORGANIZATION, "initech", "initech"));

    Organization acmeNow = stores.organizations().find(acme).orElseThrow();
    stores
        .organizations()
        .update(
            operator,
            acmeNow.withStatus(Organization.Status.SUSPENDED, Samples.NOW),
            acmeNow.version(),
            samples.event(ACME, "x"));
    assertThat(poll().changes()).containsExactly(new Change(Change.ORGANIZATION, "acme", "acme"));
  }

  @Test
  void whatWasRolledBackIsNotTold() {
    begin();
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    tx -> {
                      stores
                          .apiKeys()
                          .insert(tx, samples.key(ACME, "key-1"), samples.event(ACME, "x"));
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
    assertThat(poll().changes()).isEmpty();
    // A number that the rollback left behind hides nothing.
    assertOnlyAfter(addKey(acme, "key-2"));
  }

  private void assertOnlyAfter(StoredApiKey key) {
    assertOnly(key);
    assertThat(poll().changes()).isEmpty();
  }

  @Test
  void useIsNoChange() {
    StoredApiKey key = addKey(acme, "key-1");
    begin();
    stores
        .usage()
        .add(
            new UsageBatch(
                UUID.randomUUID().toString(),
                1,
                false,
                List.of(new UsageBatch.Use(ACME, key.key().id(), 3, Samples.NOW))));

    assertThat(stores.usage().find(acme, key.key().id()).orElseThrow().count()).isEqualTo(3);
    assertThat(poll().changes()).isEmpty();
  }

  @Test
  void moreThanTheLimitIsEverything() {
    begin();
    ChangeStore.Cursor before = cursor;
    for (int i = 0; i < 5; i++) {
      addKey(acme, "key-" + i);
    }

    assertThat(stores.changes().since(before, 5).changes()).hasSize(5);
    Changes more = stores.changes().since(before, 4);
    assertThat(more.everything()).isTrue();
    assertThat(more.changes()).isEmpty();
    assertThat(stores.changes().since(more.cursor(), 4).changes()).isEmpty();
  }

  @Test
  void pollersOfTheirOwnSeeTheSame() {
    begin();
    ChangeStore.Cursor other = stores.changes().since(null, 100).cursor();
    StoredApiKey key = addKey(globex, "key-1");

    assertOnly(key);
    assertThat(stores.changes().since(other, 100).changes()).hasSize(1);
  }

  @Test
  void changesAreKeptAndWhoWasAwayForLongerForgetsAll() {
    // Another transaction of the server, be it its own housekeeping, holds back what may go.
    boolean pruned = false;
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int attempt = 0; !pruned && System.nanoTime() < end; attempt++) {
      pruned = isPruned(attempt, Samples.NOW.plus(KEEP.multipliedBy(10L * attempt)));
    }
    assertThat(pruned).isTrue();
  }

  private boolean isPruned(int attempt, Instant now) {
    begin();
    ChangeStore.Cursor away = cursor;
    addKey(acme, "key-" + attempt);
    // What is there is marked, and goes once the mark is old enough.
    stores.changes().prune(now, KEEP);
    assertThat(stores.changes().prune(now.plus(KEEP).minusMillis(1), KEEP)).isZero();
    assertThat(stores.changes().since(away, 100).changes()).hasSize(1);
    poll();
    StoredApiKey late = addKey(acme, "late-" + attempt);
    if (stores.changes().prune(now.plus(KEEP), KEEP) == 0) {
      return false;
    }
    assertThat(stores.changes().since(away, 100).everything()).isTrue();
    assertOnly(late);
    return true;
  }
}
