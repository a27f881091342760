package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.StoredApiKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The full key exists in the hands of whoever created it, and nowhere else. */
class ApiKeySecrecyTest extends ApiKeyTestBase {

  @Test
  void noTextOfAnythingHoldsAKeyOrAWholeHash() {
    List<String> texts = new ArrayList<>();
    IssuedApiKey first = create("flows:read");
    String firstKey = text(first);
    add(texts, first, first.key(), first.secret(), verify(first));
    add(texts, keys.verify(firstKey, ScopeQuery.of("agents:read")));
    IssuedApiKey second =
        keys.rotate(acme, first.key().id(), Rotation.withGrace(Duration.ofHours(1)));
    String secondKey = text(second);
    add(texts, second, keys.get(acme, first.key().id()), verify(second), verify(first));
    NewApiKey repeated = NewApiKey.live("repeated").idempotencyId("1");
    IssuedApiKey unseen = keys.create(acme, repeated);
    IssuedApiKey reissued = keys.create(acme, repeated);
    add(texts, unseen, reissued, verify(unseen), verify(reissued));
    thrown(texts, () -> keys.create(acme, repeated));
    String foreign = "foreign-" + "canary-of-another-issuer";
    ImportedKey imported =
        ImportedKey.live("imported", io.tenantkit.tck.Samples.hash(foreign).hex())
            .prefix("foreign-");
    add(texts, imported, keys.importKeys(acme, List.of(imported, imported)));
    add(texts, keys.verify(foreign, ScopeQuery.none()));
    thrown(texts, () -> ImportedKey.live("x", foreign));
    keys.disable(acme, second.key().id());
    add(texts, keys.revoke(acme, second.key().id(), "over"), verify(second));
    add(texts, keys.list(acme, PageRequest.first(10)), NewApiKey.live("x"), Rotation.immediate());
    add(texts, trail(acme), plane.audit().list(acme, PageRequest.first(100)));
    storage.failing(true);
    clock.tick(Duration.ofMinutes(1));
    thrown(texts, () -> keys.verify(firstKey, ScopeQuery.none()));
    thrown(texts, () -> keys.rotate(acme, first.key().id(), Rotation.immediate()));
    storage.failing(false);
    thrown(texts, () -> keys.rotate(acme, first.key().id(), Rotation.immediate()));
    thrown(texts, () -> keys.get(acme, ApiKeyId.of("key_unknown")));
    thrown(texts, () -> ApiKeyId.of(firstKey + "\n"));
    thrown(texts, () -> KeyHash.parse(firstKey));
    thrown(texts, () -> PageRequest.first(1).after(firstKey + "!").afterId());
    CoreStores stores = storage.stores(CoreStores.class).orElseThrow();
    List<StoredApiKey> rows = stores.apiKeys().list(acme, null, 10);
    add(texts, rows, plane.runtime(), plane, keys);

    assertThat(rows).hasSize(4);
    assertThat(texts).hasSizeGreaterThan(30);
    assertThat(texts).noneMatch(each -> each.contains("canary"));
    for (String key : List.of(firstKey, secondKey, text(unseen), text(reissued))) {
      String secretPart = key.substring(KeyFormat.SHOWN);
      for (String each : texts) {
        assertThat(each).doesNotContain(secretPart, secretPart.substring(0, 8));
      }
    }
    for (StoredApiKey row : rows) {
      for (String each : texts) {
        assertThat(each).doesNotContain(row.hash().hex());
      }
    }
  }

  @Test
  void storageHoldsTheHashAndSixteenCharactersAndNothingMore() {
    IssuedApiKey issued = create("flows:read");
    String key = text(issued);

    StoredApiKey row =
        storage
            .stores(CoreStores.class)
            .orElseThrow()
            .apiKeys()
            .find(acme, issued.key().id())
            .orElseThrow();

    assertThat(row.hash()).isEqualTo(io.tenantkit.tck.Samples.hash(key));
    assertThat(row.key().prefix()).isEqualTo(key.substring(0, 16));
    assertThat(row.key()).isEqualTo(issued.key());
  }

  @Test
  void closingAnIssuedKeyWipesIt() {
    IssuedApiKey issued = create();
    issued.close();

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> text(issued))
        .isInstanceOf(IllegalStateException.class);
  }

  private static void add(List<String> texts, Object... things) {
    for (Object thing : things) {
      texts.add(thing.toString());
    }
  }

  private static void thrown(List<String> texts, Supplier<Object> call) {
    Object answer;
    try {
      answer = call.get();
    } catch (TenantkitException e) {
      for (Throwable each = e; each != null; each = each.getCause()) {
        texts.add(each.toString());
      }
      return;
    }
    throw new AssertionError("nothing was thrown, but answered " + answer);
  }
}
