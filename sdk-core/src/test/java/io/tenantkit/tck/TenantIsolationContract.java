package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKey;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each verb that takes an id, called as {@code acme} with an id of {@code globex}: the answer is
 * that for an unknown id, and nothing of either tenant changes.
 */
public abstract class TenantIsolationContract extends StorageContract {
  private ApiKeyStore keys;
  private StoredApiKey theirs;

  @BeforeEach
  final void globexHasAKey() {
    keys = stores.apiKeys();
    theirs = addKey(globex, "key_theirs");
    addKey(globex, "key_shared_id");
    addKey(acme, "key_ours");
  }

  @Test
  void keyOfAnotherTenantIsNotFound() {
    assertNoKey(acme, "key_theirs");
    assertNoKey(acme, "key_unknown");
  }

  @Test
  void keyOfAnotherTenantIsNotUpdated() {
    List<Object> before = both();
    StoredApiKey asOurs = samples.renamed(moved(theirs, ACME), "taken over");

    assertThat(keys.update(acme, asOurs, 1, samples.event(ACME, "x"))).isFalse();

    assertThat(both()).isEqualTo(before);
  }

  @Test
  void keyOfAnotherTenantIsNotRotated() {
    List<Object> before = both();
    StoredApiKey successor = samples.key(ACME, "key_next");
    StoredApiKey retired = samples.retired(moved(theirs, ACME), successor.key().id());

    assertThat(keys.rotate(acme, retired, 1, successor, samples.event(ACME, "x"))).isFalse();

    assertThat(both()).isEqualTo(before);
    assertThat(found(successor.hash())).isFalse();
  }

  @Test
  void hashOfAnotherTenantIsRefusedInTheWordsOfAnOwnTakenId() {
    List<Object> before = both();

    assertThatThrownBy(
            () ->
                keys.insert(
                    acme, samples.key(ACME, "key_new", theirs.hash()), samples.event(ACME, "x")))
        .isInstanceOf(ConflictException.class)
        .hasMessage(messageOfAnOwnTakenId())
        .hasMessageNotContaining("globex");

    assertThat(both()).isEqualTo(before);
    assertThat(keys.lookup(theirs.hash()).orElseThrow().key())
        .isEqualTo(theirs.key().asPresented());
  }

  @Test
  void rotateToTheHashOfAnotherTenantIsRefusedAndUndoesItself() {
    List<Object> before = both();
    StoredApiKey ours = samples.key(ACME, "key_ours");
    StoredApiKey successor = samples.key(ACME, "key_new", theirs.hash());

    assertThatThrownBy(
            () ->
                keys.rotate(
                    acme,
                    samples.retired(ours, successor.key().id()),
                    1,
                    successor,
                    samples.event(ACME, "x")))
        .isInstanceOf(ConflictException.class);

    assertThat(both()).isEqualTo(before);
  }

  @Test
  void oneIdInTwoOrganizationsIsTwoKeys() {
    StoredApiKey ours = addKey(acme, "key_shared_id");
    StoredApiKey other = stored(globex, samples.key(GLOBEX, "key_shared_id"));

    assertThat(keys.update(acme, samples.renamed(ours, "ours"), 1, samples.event(ACME, "x")))
        .isTrue();

    assertThat(stored(acme, ours).key().name()).isEqualTo("ours");
    assertThat(stored(globex, other)).isEqualTo(other);
    assertThat(keys.lookup(other.hash()).orElseThrow().key()).isEqualTo(other.key().asPresented());
  }

  @Test
  void oneEventIdInTwoOrganizationsIsTwoEvents() {
    AuditEvent event = samples.event(ACME, "sample.done");
    AuditEvent same =
        new AuditEvent(
            event.id(),
            GLOBEX,
            event.at(),
            event.actor(),
            "sample.other",
            event.targetType(),
            event.targetId(),
            event.details());
    stores.audit().append(acme, event);
    stores.audit().append(globex, same);

    assertThat(trail(acme)).endsWith(event);
    assertThat(trail(globex)).endsWith(same);
  }

  @Test
  void listsHoldOnlyOwnRowsWhereverTheyStart() {
    assertThat(keyIds(acme)).containsExactly("key_ours");
    assertThat(keys.list(acme, "key_shared_id", 10)).isEmpty();
    assertThat(keys.list(acme, "", 10)).hasSize(1);
    assertThat(stores.audit().list(acme, null, 10))
        .isNotEmpty()
        .allMatch(event -> event.organization().equals(ACME));
    long lastOfTheirs = stores.audit().head(globex).orElseThrow().seq();
    assertThat(stores.audit().list(acme, lastOfTheirs - 1, 10))
        .allMatch(event -> event.organization().equals(ACME));
  }

  @Test
  void organizationWhoseNameBeginsAlikeIsAnother() {
    OrganizationId longer = OrganizationId.of("acme-2");
    OrganizationId shorter = OrganizationId.of("acm");
    addOrganization(longer);
    addOrganization(shorter);
    addKey(TenantContext.trusted(longer, "contract"), "key_longer");
    addKey(TenantContext.trusted(shorter, "contract"), "key_shorter");

    assertThat(keyIds(acme)).containsExactly("key_ours");
    assertThat(keyIds(TenantContext.trusted(longer, "contract"))).containsExactly("key_longer");
    assertThat(keyIds(TenantContext.trusted(shorter, "contract"))).containsExactly("key_shorter");
    assertThat(actions(acme)).containsExactly("key.added");
  }

  @Test
  void contextFindsNoOrganizationButItsOwn() {
    assertThat(stores.organizations().find(acme).orElseThrow().id()).isEqualTo(ACME);
    assertThat(stores.organizations().find(globex).orElseThrow().id()).isEqualTo(GLOBEX);
  }

  @Test
  void unknownOrganizationSeesNothing() {
    assertThat(keys.list(nobody, null, 10)).isEmpty();
    assertThat(stores.audit().list(nobody, null, 10)).isEmpty();
    assertNoKey(nobody, "key_theirs");
  }

  @Test
  void rowThatNamesAnotherOrganizationThanItsContextIsRefused() {
    List<Object> before = both();
    StoredApiKey foreign = samples.key(GLOBEX, "key_new");
    StoredApiKey ours = samples.key(ACME, "key_ours");

    refused(() -> keys.insert(acme, foreign, samples.event(ACME, "x")));
    refused(() -> keys.update(acme, samples.renamed(theirs, "taken"), 1, samples.event(ACME, "x")));
    refused(() -> keys.update(acme, moved(ours, GLOBEX), 1, samples.event(ACME, "x")));
    refused(
        () ->
            keys.rotate(
                acme,
                samples.retired(ours, foreign.key().id()),
                1,
                foreign,
                samples.event(ACME, "x")));

    assertThat(both()).isEqualTo(before);
    assertThat(found(foreign.hash())).isFalse();
  }

  @Test
  void eventThatNamesAnotherOrganizationThanItsContextIsRefused() {
    List<Object> before = both();
    StoredApiKey fresh = samples.key(ACME, "key_new");
    StoredApiKey ours = samples.key(ACME, "key_ours");

    refused(() -> stores.audit().append(acme, samples.event(GLOBEX, "x")));
    refused(() -> keys.insert(acme, fresh, samples.event(GLOBEX, "x")));
    refused(() -> keys.update(acme, samples.renamed(ours, "n"), 1, samples.event(GLOBEX, "x")));
    refused(
        () ->
            keys.rotate(
                acme,
                samples.retired(ours, fresh.key().id()),
                1,
                fresh,
                samples.event(GLOBEX, "x")));
    refused(
        () ->
            stores
                .organizations()
                .insert(
                    operator, samples.organization(NOBODY, "Nobody"), samples.event(GLOBEX, "x")));
    refused(
        () ->
            stores
                .organizations()
                .update(
                    operator, samples.organization(ACME, "Acme"), 1, samples.event(GLOBEX, "x")));

    assertThat(both()).isEqualTo(before);
    assertThat(stores.organizations().find(operator, NOBODY)).isEmpty();
  }

  /** A fault of ours, not of a caller's: every storage refuses it, however it was come by. */
  private static void refused(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(TenantkitException.class);
  }

  private List<Object> both() {
    return List.of(everything(acme), everything(globex));
  }

  private String messageOfAnOwnTakenId() {
    try {
      keys.insert(acme, samples.key(ACME, "key_ours"), samples.event(ACME, "x"));
    } catch (ConflictException e) {
      return e.getMessage();
    }
    throw new AssertionError("not refused");
  }

  private static StoredApiKey moved(StoredApiKey stored, OrganizationId organization) {
    ApiKey key = stored.key();
    return new StoredApiKey(
        new ApiKey(
            ApiKeyId.of(key.id().value()),
            organization,
            key.name(),
            key.description(),
            key.prefix(),
            key.mode(),
            key.grants(),
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
        stored.hash());
  }
}
