package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import io.tenantkit.tck.HostFailure;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.SecretRef;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the vault's mutations do that take part in the host's own transaction. */
public abstract class VaultJoinedTransactionContract extends VaultContract {
  private static final String SECOND = "0123456789abcdef0123456789abcdef";

  @Test
  void whatWasDoneIsThereAfterCommitBesideTheCoresRows() {
    Secret gone = addSecret(acme, "sec_gone", ref("gone"));

    harness.inTransaction(
        acme,
        joined -> {
          addKey(joined, "key_1");
          addVersion(joined, addSecret(joined, "sec_1", ref("name")), "second");
          secrets.destroy(joined, gone, samples.event(ACME, "deleted"));
          organizationKeys.insert(
              joined, rows.organizationKey(2, SECOND), samples.event(ACME, "key"));
          return null;
        });

    assertThat(keyIds(acme)).containsExactly("key_1");
    assertThat(secrets.list(acme, null, 10)).hasSize(1);
    assertThat(secrets.find(acme, ref("name")).orElseThrow().currentVersion()).isEqualTo(2);
    assertThat(organizationKeys.newest(acme).orElseThrow().number()).isEqualTo(2);
    assertThat(actions(acme)).hasSize(6);
  }

  @Test
  void transactionSeesItsOwnChanges() {
    harness.inTransaction(
        acme,
        joined -> {
          Secret secret = addSecret(joined, "sec_1", ref("name"));
          assertThat(secrets.find(joined, ref("name"))).contains(secret);
          assertThat(secrets.list(joined, null, 10)).containsExactly(secret);
          assertThat(secrets.findProject(joined, "project")).contains("prj_project");
          assertThat(secrets.versions(joined, secret.id())).hasSize(1);
          return null;
        });
  }

  @Test
  void rollbackLeavesNeitherRowsNorEvents() {
    Secret kept = addSecret(acme, "sec_kept", ref("kept"));
    List<Object> before = everythingKept(acme);

    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    acme,
                    joined -> {
                      addKey(joined, "key_1");
                      addVersion(joined, kept, "second");
                      addSecret(joined, "sec_1", SecretRef.of("new", Environment.STAGING, "name"));
                      secrets.destroy(joined, rows.changed(kept), samples.event(ACME, "deleted"));
                      organizationKeys.insert(
                          joined, rows.organizationKey(2, SECOND), samples.event(ACME, "key"));
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);

    assertThat(everythingKept(acme)).isEqualTo(before);
    assertThat(secrets.findProject(acme, "new")).isEmpty();
    assertThat(organizationKeys.find(acme, SECOND)).isEmpty();
    assertThat(contents(acme, kept))
        .containsExactly(VaultSamples.shown(rows.version(ACME, 1, "sec_kept")));
  }

  @Test
  void nestedJoinIsUndoneAlone() {
    harness.inTransaction(
        acme,
        joined -> {
          Secret first = addSecret(joined, "sec_1", ref("name"));
          assertThatThrownBy(
                  () ->
                      harness.nested(
                          joined,
                          inner -> {
                            addVersion(inner, first, "second");
                            addSecret(inner, "sec_2", ref("other"));
                            throw new HostFailure();
                          }))
              .isInstanceOf(HostFailure.class);
          addSecret(joined, "sec_3", ref("third"));
          return null;
        });

    assertThat(secrets.find(acme, ref("name")).orElseThrow().currentVersion()).isEqualTo(1);
    assertThat(secrets.list(acme, null, 10).stream().map(s -> s.id().value()))
        .containsExactly("sec_1", "sec_3");
    assertThat(actions(acme)).containsExactly("secret.created", "secret.created");
  }

  @Test
  void refusedVerbLeavesTheTransactionUsable() {
    addSecret(acme, "sec_1", ref("name"));

    harness.inTransaction(
        acme,
        joined -> {
          assertThat(
                  create(
                      joined,
                      rows.secret(ACME, "sec_2", ref("name")),
                      rows.version(ACME, 1, "x"),
                      samples.event(ACME, "x")))
              .isFalse();
          assertThat(
                  organizationKeys.insert(
                      joined, rows.organizationKey(1, SECOND), samples.event(ACME, "x")))
              .isFalse();
          addSecret(joined, "sec_3", ref("third"));
          return null;
        });

    assertThat(secrets.list(acme, null, 10)).hasSize(2);
    assertThat(actions(acme)).containsExactly("secret.created", "secret.created");
  }

  @Test
  void everyMutationRefusesATransactionThatHasEndedOrIsForeign() {
    Secret secret = addSecret(acme, "sec_1", ref("name"));
    TenantContext ended = harness.inTransaction(acme, joined -> joined);
    TenantContext foreign = acme.joining(action -> action.run());
    List<Object> before = everythingKept(acme);

    for (TenantContext context : List.of(ended, foreign)) {
      refused(() -> addSecret(context, "sec_2", ref("other")));
      refused(() -> addVersion(context, secret, "second"));
      refused(() -> secrets.destroy(context, secret, samples.event(ACME, "x")));
      refused(() -> secrets.find(context, ref("name")));
      refused(() -> secrets.findProject(context, "project"));
      refused(() -> secrets.list(context, null, 10));
      refused(() -> secrets.versions(context, new SecretId("sec_1")));
      refused(() -> organizationKeys.newest(context));
      refused(() -> organizationKeys.find(context, SECOND));
      refused(
          () ->
              organizationKeys.insert(
                  context, rows.organizationKey(2, SECOND), samples.event(ACME, "x")));
    }

    assertThat(everythingKept(acme)).isEqualTo(before);
  }

  private static void refused(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.JOIN_REFUSED));
  }
}
