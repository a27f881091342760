package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.IdempotentCreation;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage's {@link ApiKeyStore} must do within one organization. */
public abstract class ApiKeyStoreContract extends StorageContract {
  private ApiKeyStore store;

  @BeforeEach
  final void openStore() {
    store = stores.apiKeys();
  }

  @Test
  void insertedKeyIsFoundAndItsEventIsInTheTrail() {
    StoredApiKey key = samples.key(ACME, "key_1");
    AuditEvent event = samples.event(ACME, "api_key.created").with("name", "key 1");

    store.insert(acme, key, event);

    assertThat(store.find(acme, key.key().id())).contains(key);
    assertThat(store.list(acme, null, 10)).containsExactly(key);
    assertThat(trail(acme)).containsExactly(event);
  }

  @Test
  void insertForAnUnknownOrganizationIsNotFoundAndWritesNothing() {
    StoredApiKey key = samples.key(NOBODY, "key_1");

    assertThatThrownBy(() -> store.insert(nobody, key, samples.event(NOBODY, "api_key.created")))
        .isInstanceOf(NotFoundException.class);

    assertThat(store.find(nobody, key.key().id())).isEmpty();
    assertThat(store.lookup(key.hash())).isEmpty();
    assertThat(trail(nobody)).isEmpty();
  }

  @Test
  void insertOfATakenIdIsAConflictAndWritesNothing() {
    StoredApiKey taken = addKey(acme, "key_1");
    List<Object> before = everything(acme);
    KeyHash another = Samples.hash("another");

    assertThatThrownBy(
            () ->
                store.insert(
                    acme, samples.key(ACME, "key_1", another), samples.event(ACME, "twice")))
        .isInstanceOf(ConflictException.class);

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(store.lookup(another)).isEmpty();
    assertThat(store.lookup(taken.hash()).orElseThrow().key()).isEqualTo(taken.key().asPresented());
  }

  @Test
  void insertOfATakenHashIsAConflictInTheSameWordsAsATakenIdAndWritesNothing() {
    StoredApiKey taken = addKey(acme, "key_1");
    List<Object> before = everything(acme);

    Throwable byHash =
        refusal(
            () ->
                store.insert(
                    acme, samples.key(ACME, "key_2", taken.hash()), samples.event(ACME, "twice")));
    Throwable byId =
        refusal(() -> store.insert(acme, samples.key(ACME, "key_1"), samples.event(ACME, "twice")));

    assertThat(byHash).isInstanceOf(ConflictException.class).hasMessage(byId.getMessage());
    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void updateAtExpectedVersionReplacesTheKeyAndWritesTheEvent() {
    StoredApiKey before = addKey(acme, "key_1");
    StoredApiKey other = addKey(acme, "key_2");
    StoredApiKey after = samples.retired(before, ApiKeyId.of("key_2"));
    AuditEvent event = samples.event(ACME, "api_key.changed");

    assertThat(store.update(acme, after, 1, event)).isTrue();

    assertThat(store.find(acme, before.key().id())).contains(after);
    assertThat(store.lookup(before.hash()).orElseThrow().key())
        .isEqualTo(after.key().asPresented());
    assertThat(stored(acme, other)).isEqualTo(other);
    assertThat(trail(acme)).endsWith(event);
  }

  @Test
  void updateCanTakeBackWhatWasOptional() {
    StoredApiKey first = addKey(acme, "key_1");
    store.update(
        acme, samples.retired(first, ApiKeyId.of("key_2")), 1, samples.event(ACME, "retired"));
    StoredApiKey back = samples.renamed(samples.renamed(first, "once"), "twice");

    assertThat(store.update(acme, back, 2, samples.event(ACME, "back"))).isTrue();

    assertThat(store.find(acme, first.key().id())).contains(back);
  }

  @Test
  void updateAtAnotherVersionIsFalseAndWritesNothing() {
    StoredApiKey key = addKey(acme, "key_1");
    List<Object> before = everything(acme);

    assertThat(store.update(acme, samples.renamed(key, "new"), 2, samples.event(ACME, "x")))
        .isFalse();
    assertThat(store.update(acme, samples.renamed(key, "new"), 0, samples.event(ACME, "x")))
        .isFalse();

    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void updateOfAnUnknownKeyIsFalseAndWritesNothing() {
    StoredApiKey unknown = samples.key(ACME, "key_unknown");

    assertThat(store.update(acme, unknown, 1, samples.event(ACME, "x"))).isFalse();

    assertThat(keyIds(acme)).isEmpty();
    assertThat(store.lookup(unknown.hash())).isEmpty();
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void updateNeverChangesTheHash() {
    StoredApiKey key = addKey(acme, "key_1");
    KeyHash smuggled = Samples.hash("smuggled");

    store.update(
        acme,
        new StoredApiKey(samples.renamed(key, "new").key(), smuggled),
        1,
        samples.event(ACME, "x"));

    assertThat(store.lookup(smuggled)).isEmpty();
    assertThat(stored(acme, key).hash()).isEqualTo(key.hash());
    assertThat(store.lookup(key.hash())).isPresent();
  }

  @Test
  void rotateRetiresTheOldKeyAddsTheSuccessorAndWritesOneEvent() {
    StoredApiKey old = addKey(acme, "key_1");
    StoredApiKey successor = samples.key(ACME, "key_2");
    StoredApiKey retired = samples.retired(old, successor.key().id());
    AuditEvent event = samples.event(ACME, "api_key.rotated");

    assertThat(store.rotate(acme, retired, 1, successor, event)).isTrue();

    assertThat(store.list(acme, null, 10)).containsExactly(retired, successor);
    assertThat(store.lookup(old.hash()).orElseThrow().key()).isEqualTo(retired.key().asPresented());
    assertThat(store.lookup(successor.hash()).orElseThrow().key())
        .isEqualTo(successor.key().asPresented());
    assertThat(trail(acme)).endsWith(event).hasSize(2);
  }

  @Test
  void rotateAtAnotherVersionIsFalseAndWritesNothing() {
    StoredApiKey old = addKey(acme, "key_1");
    StoredApiKey successor = samples.key(ACME, "key_2");
    List<Object> before = everything(acme);

    boolean rotated =
        store.rotate(
            acme,
            samples.retired(old, successor.key().id()),
            2,
            successor,
            samples.event(ACME, "api_key.rotated"));

    assertThat(rotated).isFalse();
    assertThat(everything(acme)).isEqualTo(before);
    assertThat(found(successor.hash())).isFalse();
  }

  @Test
  void rotateOfAnUnknownKeyIsFalseAndWritesNothing() {
    StoredApiKey successor = samples.key(ACME, "key_2");

    boolean rotated =
        store.rotate(
            acme,
            samples.key(ACME, "key_unknown"),
            1,
            successor,
            samples.event(ACME, "api_key.rotated"));

    assertThat(rotated).isFalse();
    assertThat(keyIds(acme)).isEmpty();
    assertThat(trail(acme)).isEmpty();
  }

  @Test
  void rotateToATakenIdOrHashIsAConflictAndLeavesTheOldKeyAsItWas() {
    StoredApiKey old = addKey(acme, "key_1");
    StoredApiKey taken = addKey(acme, "key_2");
    List<Object> before = everything(acme);

    for (StoredApiKey successor :
        List.of(
            samples.key(ACME, "key_2", Samples.hash("fresh")),
            samples.key(ACME, "key_3", taken.hash()),
            samples.key(ACME, "key_3", old.hash()))) {
      assertThatThrownBy(
              () ->
                  store.rotate(
                      acme,
                      samples.retired(old, successor.key().id()),
                      1,
                      successor,
                      samples.event(ACME, "api_key.rotated")))
          .isInstanceOf(ConflictException.class);
    }

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(store.lookup(old.hash()).orElseThrow().key()).isEqualTo(old.key().asPresented());
    assertNoKey(acme, "key_3");
  }

  @Test
  void lookupFindsKeysOfAnyOrganizationWithThatOrganizationsStatus() {
    StoredApiKey ours = addKey(acme, "key_1");
    StoredApiKey theirs = addKey(globex, "key_1");
    Organization suspended =
        stores
            .organizations()
            .find(globex)
            .orElseThrow()
            .withStatus(Organization.Status.SUSPENDED, Samples.NOW);
    stores.organizations().update(operator, suspended, 1, samples.event(GLOBEX, "suspended"));

    assertThat(store.lookup(ours.hash()))
        .contains(
            new KeyLookup(
                ours.key().asPresented(),
                Organization.Status.ACTIVE,
                Samples.SETTINGS.pool(),
                false));
    assertThat(store.lookup(theirs.hash()))
        .contains(
            new KeyLookup(
                theirs.key().asPresented(),
                Organization.Status.SUSPENDED,
                Samples.SETTINGS.pool(),
                false));
  }

  @Test
  void lookupOfAnUnknownHashIsEmptyAndWritesNothing() {
    addKey(acme, "key_1");
    List<Object> before = everything(acme);

    assertThat(store.lookup(Samples.hash("unknown"))).isEmpty();

    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void creationThatMayBeRepeatedIsFoundByItsIdInItsOwnOrganization() {
    StoredApiKey key = repeatable("key_1", "call-1");
    store.insert(acme, key, samples.event(ACME, "api_key.created"));

    assertThat(store.findCreated(acme, "call-1")).contains(key);
    assertThat(store.findCreated(acme, "call-2")).isEmpty();
    assertThat(store.findCreated(globex, "call-1")).isEmpty();
    assertThat(store.lookup(key.hash()).orElseThrow().awaitsFirstUse()).isTrue();
  }

  @Test
  void secondCreationUnderOneIdIsAConflictAndWritesNothing() {
    store.insert(acme, repeatable("key_1", "call-1"), samples.event(ACME, "api_key.created"));
    List<Object> before = everything(acme);

    assertThatThrownBy(
            () -> store.insert(acme, repeatable("key_2", "call-1"), samples.event(ACME, "x")))
        .isInstanceOf(ConflictException.class);

    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void reissueReplacesTheHashOfAKeyThatWasNeverUsed() {
    StoredApiKey before = repeatable("key_1", "call-1");
    store.insert(acme, before, samples.event(ACME, "api_key.created"));
    StoredApiKey after = withHash(samples.renamed(before, "again"), "fresh");
    AuditEvent event = samples.event(ACME, "api_key.reissued");

    assertThat(store.reissue(acme, after, 1, event)).isTrue();

    assertThat(found(before.hash())).isFalse();
    assertThat(store.lookup(after.hash()).orElseThrow().awaitsFirstUse()).isTrue();
    assertThat(store.find(acme, before.key().id()).orElseThrow().hash()).isEqualTo(after.hash());
    assertThat(trail(acme)).endsWith(event);
  }

  @Test
  void reissueOfAnotherVersionAUsedKeyOrOneThatMayNotBeRepeatedIsFalseAndWritesNothing() {
    StoredApiKey stale = repeatable("key_1", "call-1");
    StoredApiKey used = repeatable("key_2", "call-2");
    StoredApiKey plain = addKey(acme, "key_3");
    store.insert(acme, stale, samples.event(ACME, "api_key.created"));
    store.insert(acme, used, samples.event(ACME, "api_key.created"));
    assertThat(store.recordFirstUse(acme, used.key().id(), used.hash(), Samples.NOW)).isTrue();
    List<Object> before = everything(acme);

    AuditEvent event = samples.event(ACME, "x");
    assertThat(store.reissue(acme, withHash(samples.renamed(stale, "n"), "a"), 2, event)).isFalse();
    assertThat(store.reissue(acme, withHash(samples.renamed(used, "n"), "b"), 1, event)).isFalse();
    assertThat(store.reissue(acme, withHash(samples.renamed(plain, "n"), "c"), 1, event)).isFalse();

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(found(used.hash())).isTrue();
  }

  @Test
  void reissueToATakenHashIsAConflictAndWritesNothing() {
    StoredApiKey key = repeatable("key_1", "call-1");
    StoredApiKey theirs = addKey(globex, "key_9");
    store.insert(acme, key, samples.event(ACME, "api_key.created"));
    List<Object> before = everything(acme);

    assertThatThrownBy(
            () ->
                store.reissue(
                    acme,
                    new StoredApiKey(
                        samples.renamed(key, "n").key(), theirs.hash(), key.creation()),
                    1,
                    samples.event(ACME, "x")))
        .isInstanceOf(ConflictException.class);

    assertThat(everything(acme)).isEqualTo(before);
  }

  @Test
  void firstUseIsRecordedOnceAndOnlyForTheHashThatIsThere() {
    StoredApiKey key = repeatable("key_1", "call-1");
    store.insert(acme, key, samples.event(ACME, "api_key.created"));
    Instant later = Samples.NOW.plusSeconds(5);

    assertThat(store.recordFirstUse(acme, key.key().id(), Samples.hash("another"), later))
        .isFalse();
    assertThat(store.recordFirstUse(globex, key.key().id(), key.hash(), later)).isFalse();
    assertThat(store.lookup(key.hash()).orElseThrow().awaitsFirstUse()).isTrue();

    assertThat(store.recordFirstUse(acme, key.key().id(), key.hash(), Samples.NOW)).isTrue();
    assertThat(store.recordFirstUse(acme, key.key().id(), key.hash(), later)).isTrue();

    assertThat(store.lookup(key.hash()).orElseThrow().awaitsFirstUse()).isFalse();
    assertThat(stored(acme, key).creation().orElseThrow().firstUsedAt()).contains(Samples.NOW);
    assertThat(stored(acme, key).key().version()).isEqualTo(1);
  }

  @Test
  void unusedKeysAreThoseThatStillWorkAndWereCreatedBefore() {
    StoredApiKey working = addKey(acme, "key_1");
    StoredApiKey revoked = addKey(acme, "key_2");
    store.update(
        acme, samples.retired(revoked, ApiKeyId.of("key_1")), 1, samples.event(ACME, "retired"));
    StoredApiKey second = addKey(acme, "key_3");
    addKey(globex, "key_4");
    Instant later = Samples.NOW.plusNanos(1_000);

    assertThat(store.listUnused(acme, later, null, 10)).containsExactly(working, second);
    assertThat(store.listUnused(acme, later, "key_1", 10)).containsExactly(second);
    assertThat(store.listUnused(acme, later, null, 1)).containsExactly(working);
    assertThat(store.listUnused(acme, Samples.NOW, null, 10)).isEmpty();
  }

  private StoredApiKey repeatable(String id, String call) {
    StoredApiKey key = samples.key(ACME, id);
    return new StoredApiKey(
        key.key(),
        key.hash(),
        Optional.of(new IdempotentCreation(call, Samples.hash("request"), Optional.empty())));
  }

  private static StoredApiKey withHash(StoredApiKey key, String hash) {
    return new StoredApiKey(key.key(), Samples.hash(hash), key.creation());
  }

  private static Throwable refusal(Runnable call) {
    try {
      call.run();
    } catch (ConflictException e) {
      return e;
    }
    throw new AssertionError("not refused");
  }
}
