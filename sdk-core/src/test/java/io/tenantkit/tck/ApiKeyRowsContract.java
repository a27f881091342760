package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.apikey.KeyMode;
import io.tenantkit.apikey.KeyUse;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.Scope;
import io.tenantkit.tenant.ScopeSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That rows of keys come back from every storage as they were, and in order. */
public abstract class ApiKeyRowsContract extends StorageContract {
  private ApiKeyStore store;

  @BeforeEach
  final void openStore() {
    store = stores.apiKeys();
  }

  @Test
  void everyFactOfAKeyComesBack() {
    ApiKey full =
        new ApiKey(
            ApiKeyId.of("key_full"),
            ACME,
            "full",
            Optional.of("what it's for"),
            "ak_test_Sample02",
            KeyMode.TEST,
            Samples.GRANTS.withScopes(ScopeSet.all()),
            false,
            "user:\uD83D\uDE80 o'brien",
            Samples.NOW,
            Samples.NOW.plusNanos(1_000),
            Optional.of(Samples.NOW.plusNanos(2_000)),
            Optional.of(new ApiKey.Revocation(Samples.NOW.plusNanos(3_000), "it's \"over\"")),
            ApiKeyId.of("key_first"),
            Optional.of(ApiKeyId.of("key_next")),
            KeyUse.never(),
            7);
    StoredApiKey stored = new StoredApiKey(full, Samples.hash("full"));

    store.insert(acme, stored, samples.event(ACME, "api_key.created"));

    assertThat(store.find(acme, full.id())).contains(stored);
    assertThat(store.lookup(Samples.hash("full")))
        .contains(
            new KeyLookup(
                full.asPresented(), Organization.Status.ACTIVE, Samples.SETTINGS.pool(), false));
  }

  @Test
  void keyWithoutScopesStaysWithoutScopes() {
    StoredApiKey bare = withScopes(samples.key(ACME, "key_bare"), ScopeSet.none());

    store.insert(acme, bare, samples.event(ACME, "api_key.created"));

    assertThat(store.find(acme, bare.key().id())).contains(bare);
    assertThat(store.lookup(bare.hash()).orElseThrow().key().scopes()).isEqualTo(ScopeSet.none());
  }

  @Test
  void mostAndLongestScopesComeBack() {
    String filler = "s".repeat(Scope.MAX_LENGTH - 4);
    ScopeSet most =
        ScopeSet.of(
            IntStream.range(0, ScopeSet.MAX_SIZE)
                .mapToObj(i -> Scope.of(String.format(Locale.ROOT, "%s:%03d", filler, i)))
                .toList());
    StoredApiKey wide = withScopes(samples.key(ACME, "key_wide"), most);

    store.insert(acme, wide, samples.event(ACME, "api_key.created"));

    assertThat(store.find(acme, wide.key().id())).contains(wide);
  }

  @ParameterizedTest
  @MethodSource("names")
  void namesAndReasonsComeBackAsTheyWere(String text) {
    StoredApiKey named = samples.renamed(samples.key(ACME, "key_1"), text);
    ApiKey key = named.key();
    StoredApiKey revoked =
        new StoredApiKey(
            new ApiKey(
                key.id(),
                key.organization(),
                text,
                key.description(),
                key.prefix(),
                key.mode(),
                key.grants(),
                key.enabled(),
                text,
                key.createdAt(),
                key.updatedAt(),
                key.expiresAt(),
                Optional.of(new ApiKey.Revocation(Samples.NOW, text)),
                key.family(),
                key.successor(),
                key.use(),
                key.version()),
            named.hash());

    store.insert(acme, revoked, samples.event(ACME, "api_key.created"));

    assertThat(store.find(acme, key.id())).contains(revoked);
  }

  static Stream<String> names() {
    return Texts.awkwardNames().stream();
  }

  @ParameterizedTest
  @MethodSource("times")
  void timesComeBackToTheMicrosecond(Instant time) {
    StoredApiKey sample = samples.key(ACME, "key_1");
    ApiKey key = sample.key();
    StoredApiKey timed =
        new StoredApiKey(
            new ApiKey(
                key.id(),
                key.organization(),
                key.name(),
                key.description(),
                key.prefix(),
                key.mode(),
                key.grants(),
                key.enabled(),
                key.createdBy(),
                time,
                time,
                Optional.of(time),
                Optional.of(new ApiKey.Revocation(time, "contract")),
                key.family(),
                key.successor(),
                key.use(),
                key.version()),
            sample.hash());

    store.insert(acme, timed, samples.event(ACME, "api_key.created"));

    assertThat(store.find(acme, key.id())).contains(timed);
    assertThat(store.lookup(sample.hash()).orElseThrow().key())
        .isEqualTo(timed.key().asPresented());
  }

  static Stream<Instant> times() {
    return Texts.awkwardTimes().stream();
  }

  @Test
  void hashesThatDifferInOneBitOrInSignAreDifferent() {
    KeyHash high = new KeyHash(-1, Long.MIN_VALUE, Long.MAX_VALUE, 0);
    StoredApiKey key = samples.key(ACME, "key_1", high);
    store.insert(acme, key, samples.event(ACME, "api_key.created"));

    assertThat(store.lookup(high).orElseThrow().key()).isEqualTo(key.key().asPresented());
    assertThat(stored(acme, key).hash()).isEqualTo(high);
    assertThat(store.lookup(new KeyHash(-1, Long.MIN_VALUE, Long.MAX_VALUE, 1))).isEmpty();
    assertThat(store.lookup(new KeyHash(1, Long.MIN_VALUE, Long.MAX_VALUE, 0))).isEmpty();
  }

  @Test
  void idsAreComparedToTheLetter() {
    addKey(acme, "key_a");

    assertNoKey(acme, "KEY_A");
    assertNoKey(acme, "Key_a");
    assertNoKey(acme, "key%");
    assertNoKey(acme, "key__");
    assertNoKey(acme, "'or'1'='1");
  }

  @Test
  void listGoesByIdInAsciiOrderWhateverTheCollation() {
    List<String> ids = new ArrayList<>(Texts.awkwardIds());
    ids.forEach(id -> addKey(acme, id));
    ids.sort(String::compareTo);

    assertThat(keyIds(acme)).isEqualTo(ids);
  }

  @Test
  void pagesOfThreeVisitEveryKeyOnce() {
    List<String> ids = new ArrayList<>(Texts.awkwardIds());
    ids.forEach(id -> addKey(acme, id));
    ids.sort(String::compareTo);

    List<String> visited = new ArrayList<>();
    List<StoredApiKey> page = store.list(acme, null, 3);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(3);
      page.forEach(row -> visited.add(row.key().id().value()));
      page = store.list(acme, visited.get(visited.size() - 1), 3);
    }

    assertThat(visited).isEqualTo(ids);
  }

  @Test
  void listHandedOutIsNotTheStoredOne() {
    addKey(acme, "key_1");
    List<StoredApiKey> listed = store.list(acme, null, 10);
    try {
      listed.clear();
    } catch (UnsupportedOperationException e) {
      // As good: it cannot be changed at all.
      assertThat(listed).hasSize(1);
    }

    assertThat(keyIds(acme)).containsExactly("key_1");
  }

  private static StoredApiKey withScopes(StoredApiKey sample, ScopeSet scopes) {
    ApiKey key = sample.key();
    return new StoredApiKey(
        new ApiKey(
            key.id(),
            key.organization(),
            key.name(),
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants().withScopes(scopes),
            key.enabled(),
            key.createdBy(),
            key.createdAt(),
            key.updatedAt(),
            key.expiresAt(),
            key.revocation(),
            key.family(),
            key.successor(),
            key.use(),
            key.version()),
        sample.hash());
  }
}
