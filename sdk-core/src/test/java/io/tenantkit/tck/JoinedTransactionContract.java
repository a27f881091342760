package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.ApiKeyId;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.spi.ApiKeyStore;
import io.tenantkit.spi.StoredApiKey;
import io.tenantkit.tenant.HostTransaction;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls do that take part in the host's own transaction. */
public abstract class JoinedTransactionContract extends StorageContract {
  private static final OrganizationId INITECH = OrganizationId.of("initech");

  private ApiKeyStore keys;

  @BeforeEach
  final void openStore() {
    keys = stores.apiKeys();
  }

  @Test
  void whatWasDoneIsThereAfterCommit() {
    StoredApiKey first = addKey(acme, "key_1");

    String answer =
        harness.inTransaction(
            acme,
            joined -> {
              addKey(joined, "key_2");
              keys.update(joined, samples.renamed(first, "new"), 1, event("updated"));
              stores.audit().append(joined, event("appended"));
              return "done";
            });

    assertThat(answer).isEqualTo("done");
    assertThat(keyIds(acme)).containsExactly("key_1", "key_2");
    assertThat(stored(acme, first).key().name()).isEqualTo("new");
    assertThat(actions(acme)).containsExactly("key.added", "key.added", "updated", "appended");
    assertThat(found(samples.key(ACME, "key_2").hash())).isTrue();
  }

  @Test
  void transactionSeesItsOwnChanges() {
    harness.inTransaction(
        acme,
        joined -> {
          StoredApiKey key = addKey(joined, "key_1");
          assertThat(keys.find(joined, key.key().id())).contains(key);
          assertThat(keys.list(joined, null, 10)).containsExactly(key);
          assertThat(keys.update(joined, samples.renamed(key, "new"), 1, event("x"))).isTrue();
          assertThat(keys.update(joined, samples.renamed(key, "old"), 1, event("y"))).isFalse();
          assertThat(actions(joined)).containsExactly("key.added", "x");
          return null;
        });

    assertThat(actions(acme)).containsExactly("key.added", "x");
  }

  @Test
  void rollbackLeavesNeitherRowNorEvent() {
    StoredApiKey first = addKey(acme, "key_1");
    StoredApiKey successor = samples.key(ACME, "key_3");
    List<Object> before = everything(acme);

    fails(
        acme,
        joined -> {
          addKey(joined, "key_2");
          assertThat(
                  keys.rotate(
                      joined,
                      samples.retired(first, successor.key().id()),
                      1,
                      successor,
                      event("rotated")))
              .isTrue();
          stores.audit().append(joined, event("appended"));
        });

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(found(successor.hash())).isFalse();
    assertThat(keys.lookup(first.hash()).orElseThrow().key()).isEqualTo(first.key().asPresented());
  }

  @Test
  void operatorsChangesCommitAndRollBackToo() {
    harness.inTransaction(
        operator,
        joined -> {
          addOrganization(joined, INITECH);
          return null;
        });
    OrganizationId hooli = OrganizationId.of("hooli");
    Organization before = stores.organizations().find(acme).orElseThrow();

    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    operator,
                    joined -> {
                      addOrganization(joined, hooli);
                      stores
                          .organizations()
                          .update(
                              joined,
                              before.withStatus(Organization.Status.SUSPENDED, Samples.NOW),
                              1,
                              event("suspended"));
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);

    assertThat(stores.organizations().find(operator, INITECH)).isPresent();
    assertThat(stores.organizations().find(operator, hooli)).isEmpty();
    assertThat(stores.organizations().find(acme)).contains(before);
    assertThat(actions(acme)).isEmpty();
    assertThat(trail(TenantContext.trusted(hooli, "contract"))).isEmpty();
  }

  @Test
  void failedVerbUndoesItselfAndTheTransactionGoesOn() {
    StoredApiKey first = addKey(acme, "key_1");

    harness.inTransaction(
        acme,
        joined -> {
          addKey(joined, "key_2");
          StoredApiKey taken = samples.key(ACME, "key_3", first.hash());
          assertThatThrownBy(
                  () ->
                      keys.rotate(
                          joined,
                          samples.retired(first, taken.key().id()),
                          1,
                          taken,
                          event("rotated")))
              .isInstanceOf(ConflictException.class);
          assertThat(stored(joined, first)).isEqualTo(first);
          addKey(joined, "key_4");
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_1", "key_2", "key_4");
    assertThat(actions(acme)).containsExactly("key.added", "key.added", "key.added");
  }

  @Test
  void nestedJoinIsUndoneAlone() {
    harness.inTransaction(
        acme,
        joined -> {
          addKey(joined, "key_1");
          assertThatThrownBy(
                  () ->
                      harness.nested(
                          joined,
                          inner -> {
                            addKey(inner, "key_2");
                            throw new HostFailure();
                          }))
              .isInstanceOf(HostFailure.class);
          assertNoKey(joined, "key_2");
          addKey(joined, "key_3");
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_1", "key_3");
    assertThat(actions(acme)).hasSize(2);
  }

  @Test
  void nestedJoinsThatReturnCommitWithTheOuterOne() {
    harness.inTransaction(
        acme,
        joined -> {
          harness.nested(
              joined,
              inner -> {
                addKey(inner, "key_1");
                return harness.nested(inner, innermost -> addKey(innermost, "key_2"));
              });
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_1", "key_2");
  }

  @Test
  void nestedJoinThatReturnedIsUndoneWithTheOuterOne() {
    fails(
        acme,
        joined -> {
          harness.nested(joined, inner -> addKey(inner, "key_1"));
          assertThat(keyIds(joined)).containsExactly("key_1");
        });

    assertThat(keyIds(acme)).isEmpty();
    assertThat(actions(acme)).isEmpty();
  }

  @Test
  void everyVerbRefusesATransactionThatHasEnded() {
    TenantContext committed = harness.inTransaction(acme, joined -> joined);
    AtomicReference<TenantContext> undone = new AtomicReference<>(acme);
    fails(acme, undone::set);
    Operator endedOperator = harness.inTransaction(operator, joined -> joined);
    List<Object> before = everything(acme);

    for (TenantContext ended : List.of(committed, undone.get())) {
      refusesEveryVerb(ended);
      refused(() -> harness.nested(ended, inner -> addKey(inner, "key_1")));
    }
    refused(() -> stores.organizations().find(endedOperator, ACME));
    refused(() -> stores.organizations().list(endedOperator, null, 10));
    refused(() -> addOrganization(endedOperator, INITECH));

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(stores.organizations().find(operator, INITECH)).isEmpty();
  }

  @Test
  void nestedTransactionCannotBeUsedAfterItsEnd() {
    harness.inTransaction(
        acme,
        joined -> {
          TenantContext ended = harness.nested(joined, inner -> inner);
          refused(() -> addKey(ended, "key_1"));
          addKey(joined, "key_2");
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_2");
  }

  @Test
  void transactionOfAnotherStorageIsRefused() {
    HostTransaction foreign = action -> action.run();
    List<Object> before = everything(acme);

    refusesEveryVerb(acme.joining(foreign));
    refused(() -> stores.organizations().find(operator.joining(foreign), ACME));
    refused(() -> addOrganization(operator.joining(foreign), INITECH));

    assertThat(everything(acme)).isEqualTo(before);
    assertThat(stores.organizations().find(operator, INITECH)).isEmpty();
  }

  @Test
  void transactionsOfTwoTenantsOneAfterTheOtherStayApart() {
    for (int i = 0; i < 20; i++) {
      String id = "key_" + i;
      TenantContext context = i % 2 == 0 ? acme : globex;
      if (i % 5 == 4) {
        fails(context, joined -> addKey(joined, id));
      } else {
        harness.inTransaction(context, joined -> addKey(joined, id));
      }
      TenantContext other = i % 2 == 0 ? globex : acme;
      assertNoKey(other, id);
    }

    assertThat(keyIds(acme))
        .containsExactly(
            "key_0", "key_10", "key_12", "key_16", "key_18", "key_2", "key_6", "key_8");
    assertThat(keyIds(globex))
        .containsExactly(
            "key_1", "key_11", "key_13", "key_15", "key_17", "key_3", "key_5", "key_7");
    assertThat(actions(acme)).hasSize(8);
    assertThat(actions(globex)).hasSize(8);
  }

  @Test
  void oneTransactionServesTwoTenantsWithoutMixingThem() {
    harness.inTransaction(
        operator,
        joined -> {
          HostTransaction transaction = joined.transaction().orElseThrow();
          for (int i = 0; i < 3; i++) {
            addKey(acme.joining(transaction), "key_ours_" + i);
            addKey(globex.joining(transaction), "key_theirs_" + i);
          }
          addOrganization(joined, INITECH);
          assertNoKey(acme.joining(transaction), "key_theirs_0");
          assertNoKey(globex.joining(transaction), "key_ours_0");
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_ours_0", "key_ours_1", "key_ours_2");
    assertThat(keyIds(globex)).containsExactly("key_theirs_0", "key_theirs_1", "key_theirs_2");
    assertThat(stores.organizations().find(operator, INITECH)).isPresent();
  }

  private void refusesEveryVerb(TenantContext context) {
    StoredApiKey key = samples.key(ACME, "key_1");
    StoredApiKey next = samples.key(ACME, "key_2");
    refused(() -> keys.insert(context, key, event("x")));
    refused(() -> keys.find(context, ApiKeyId.of("key_1")));
    refused(() -> keys.list(context, null, 10));
    refused(() -> keys.update(context, key, 1, event("x")));
    refused(() -> keys.rotate(context, key, 1, next, event("x")));
    refused(() -> stores.audit().append(context, event("x")));
    refused(() -> stores.audit().list(context, null, 10));
    refused(() -> stores.organizations().find(context));
  }

  private static void refused(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
  }

  private void fails(TenantContext context, java.util.function.Consumer<TenantContext> work) {
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    context,
                    joined -> {
                      work.accept(joined);
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
  }

  private AuditEvent event(String action) {
    return samples.event(ACME, action);
  }

  private void addOrganization(Operator joined, OrganizationId id) {
    stores
        .organizations()
        .insert(joined, samples.organization(id, "Name"), samples.event(id, "added"));
  }
}
