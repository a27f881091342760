package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.spi.UsageBatch;
import io.tenantkit.spi.UsageBatch.Use;
import io.tenantkit.spi.UsageStore.Usage;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every store of usage does. */
public abstract class UsageStoreContract extends StorageContract {
  private static final Instant AT = Samples.NOW;

  /** Nodes of this test alone: their last batches outlive it. */
  private final String run = UUID.randomUUID().toString();

  private void add(String node, long sequence, Use... uses) {
    assertThat(stores.usage().add(new UsageBatch(node + run, sequence, false, List.of(uses))))
        .isEmpty();
  }

  private static Use use(OrganizationId organization, String id, long count, Instant at) {
    return new Use(organization, ApiKeyId.of(id), count, at);
  }

  private Usage usage(TenantContext context, String id) {
    return stores.usage().find(context, ApiKeyId.of(id)).orElseThrow();
  }

  @Test
  void unusedKeyHasNone() {
    addKey(acme, "key-1");
    assertThat(usage(acme, "key-1")).isEqualTo(new Usage(0, Optional.empty()));
  }

  @Test
  void countsAddUpAndTheTimeOnlyGoesForward() {
    addKey(acme, "key-1");
    add("a", 1, use(ACME, "key-1", 2, AT));
    add("b", 1, use(ACME, "key-1", 40, AT.minusSeconds(60)));
    assertThat(usage(acme, "key-1")).isEqualTo(new Usage(42, Optional.of(AT)));

    add("a", 2, use(ACME, "key-1", 1, AT.plusMillis(1)));
    assertThat(usage(acme, "key-1")).isEqualTo(new Usage(43, Optional.of(AT.plusMillis(1))));
  }

  @Test
  void useShowsInTheKeyAndIsNoChangeOfIt() {
    StoredApiKey before = addKey(acme, "key-1");
    add("a", 1, use(ACME, "key-1", 2, AT.plusSeconds(7)));

    ApiKey after = stores.apiKeys().find(acme, ApiKeyId.of("key-1")).orElseThrow().key();
    assertThat(after)
        .isEqualTo(before.key().withUse(new KeyUse(2, Optional.of(AT.plusSeconds(7)))));
    assertThat(stores.apiKeys().list(acme, null, 10).get(0).key()).isEqualTo(after);
  }

  @Test
  void updateOfAKeyThatWasReadBeforeItsUseKeepsTheUse() {
    StoredApiKey before = addKey(acme, "key-1");
    add("a", 1, use(ACME, "key-1", 2, AT));

    stores.apiKeys().update(acme, samples.renamed(before, "new"), 1, samples.event(ACME, "x"));

    assertThat(usage(acme, "key-1")).isEqualTo(new Usage(2, Optional.of(AT)));
    assertThat(stores.apiKeys().find(acme, ApiKeyId.of("key-1")).orElseThrow().key().use().count())
        .isEqualTo(2);
  }

  @Test
  void keyUsedAfterItWasListedAsUnusedIsNotRevoked() {
    StoredApiKey key = addKey(acme, "key-1");
    Instant since = AT.plusSeconds(60);
    assertThat(stores.apiKeys().listUnused(acme, since, null, 10)).hasSize(1);
    add("a", 1, use(ACME, "key-1", 1, AT.plusSeconds(61)));

    StoredApiKey revoked = samples.retired(key, key.key().id());
    assertThat(stores.keyUpkeep().revokeUnused(acme, revoked, 1, since, samples.event(ACME, "x")))
        .isFalse();
    assertThat(stores.apiKeys().listUnused(acme, since, null, 10)).isEmpty();
    assertThat(found(key.hash())).isTrue();
  }

  @Test
  void batchThatIsGivenAgainCountsOnce() {
    addKey(acme, "key-1");
    for (int i = 0; i < 3; i++) {
      add("a", 1, use(ACME, "key-1", 5, AT));
    }
    add("a", 2, use(ACME, "key-1", 1, AT));
    add("a", 1, use(ACME, "key-1", 5, AT));

    assertThat(usage(acme, "key-1").count()).isEqualTo(6);
  }

  @Test
  void keysThatAreGoneArePassedOver() {
    addKey(acme, "key-1");
    add("a", 1, use(NOBODY, "key-1", 1, AT), use(ACME, "key-2", 1, AT), use(ACME, "key-1", 1, AT));

    assertThat(usage(acme, "key-1").count()).isOne();
    assertThat(stores.usage().find(acme, ApiKeyId.of("key-2"))).isEmpty();
  }

  @Test
  void sameIdOfAnotherOrganizationIsAnotherKey() {
    addKey(acme, "key-1");
    addKey(globex, "key-1");
    addKey(globex, "key-2");
    add("a", 1, use(ACME, "key-1", 1, AT), use(GLOBEX, "key-1", 10, AT));

    assertThat(usage(acme, "key-1").count()).isEqualTo(1);
    assertThat(usage(globex, "key-1").count()).isEqualTo(10);
    assertThat(stores.usage().find(acme, ApiKeyId.of("key-2"))).isEmpty();
  }

  @Test
  void useLeavesTheKeyAsItIs() {
    StoredApiKey key = addKey(acme, "key-1");
    add("a", 1, use(ACME, "key-1", 1, AT));

    assertThat(stored(acme, key).key().version()).isEqualTo(key.key().version());
    assertThat(stored(acme, key).key().updatedAt()).isEqualTo(key.key().updatedAt());
  }

  @Test
  void fullBatchIsWritten() {
    List<Use> uses = new ArrayList<>();
    addKey(acme, "key-1");
    uses.add(use(ACME, "key-1", 7, AT));
    for (int i = 1; i < UsageBatch.MOST; i++) {
      uses.add(use(ACME, "none-" + i, 1, AT));
    }
    stores.usage().add(new UsageBatch("a" + run, 1, true, uses));

    assertThat(usage(acme, "key-1").count()).isEqualTo(7);
  }

  @Test
  void nodesAddAtTheSameTime() {
    addKey(acme, "key-1");
    addKey(globex, "key-1");
    Race.of(
        32,
        i ->
            stores
                .usage()
                .add(
                    new UsageBatch(
                        i + "-" + run,
                        1,
                        true,
                        i % 2 == 0
                            ? List.of(use(ACME, "key-1", 1, AT), use(GLOBEX, "key-1", 1, AT))
                            : List.of(use(GLOBEX, "key-1", 1, AT), use(ACME, "key-1", 1, AT)))));

    assertThat(usage(acme, "key-1").count()).isEqualTo(32);
    assertThat(usage(globex, "key-1").count()).isEqualTo(32);
  }
}
