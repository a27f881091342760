package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.apikey.KeyHash;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.KeyLookup;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.Organization;
import java.util.List;
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
    assertThat(store.lookup(taken.hash()).orElseThrow().key()).isEqualTo(taken.key());
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
    assertThat(store.lookup(before.hash()).orElseThrow().key()).isEqualTo(after.key());
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
    assertThat(store.lookup(old.hash()).orElseThrow().key()).isEqualTo(retired.key());
    assertThat(store.lookup(successor.hash()).orElseThrow().key()).isEqualTo(successor.key());
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
    assertThat(store.lookup(old.hash()).orElseThrow().key()).isEqualTo(old.key());
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
        .contains(new KeyLookup(ours.key(), Organization.Status.ACTIVE));
    assertThat(store.lookup(theirs.hash()))
        .contains(new KeyLookup(theirs.key(), Organization.Status.SUSPENDED));
  }

  @Test
  void lookupOfAnUnknownHashIsEmptyAndWritesNothing() {
    addKey(acme, "key_1");
    List<Object> before = everything(acme);

    assertThat(store.lookup(Samples.hash("unknown"))).isEmpty();

    assertThat(everything(acme)).isEqualTo(before);
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
