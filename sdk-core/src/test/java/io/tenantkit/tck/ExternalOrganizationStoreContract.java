package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.NotFoundException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.oidc.ExternalOrganization;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.spi.ExternalOrganizationStore.Tenant;
import io.tenantkit.tenant.Organization;
import io.tenantkit.tenant.OrganizationId;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link ExternalOrganizationStore} promises. */
public abstract class ExternalOrganizationStoreContract extends StorageContract {
  private static final String ISSUER = "https://login.example.com/oidc";
  private static final String OTHER_ISSUER = "https://login.example.com/Oidc";

  private ExternalOrganizationStore pairs;

  @BeforeEach
  final void findStore() {
    pairs = stores.externalOrganizations();
  }

  @Test
  final void a_pair_names_its_tenant_and_its_status() {
    add(ACME, "ext_1", ISSUER, "org-a");

    assertThat(pairs.lookup(ISSUER, "org-a"))
        .contains(new Tenant(ACME, Organization.Status.ACTIVE));
    Organization before = stores.organizations().find(operator, ACME).orElseThrow();
    stores
        .organizations()
        .update(
            operator,
            before.withStatus(Organization.Status.SUSPENDED, Samples.NOW),
            before.version(),
            samples.event(ACME, "organization.suspended"));
    assertThat(pairs.lookup(ISSUER, "org-a"))
        .contains(new Tenant(ACME, Organization.Status.SUSPENDED));
  }

  @Test
  final void what_differs_in_case_or_in_one_half_is_another_pair() {
    add(ACME, "ext_1", ISSUER, "org-a");
    add(GLOBEX, "ext_2", OTHER_ISSUER, "org-a");
    add(GLOBEX, "ext_3", ISSUER, "ORG-A");

    assertThat(pairs.lookup(ISSUER, "org-a")).map(Tenant::organization).contains(ACME);
    assertThat(pairs.lookup(OTHER_ISSUER, "org-a")).map(Tenant::organization).contains(GLOBEX);
    assertThat(pairs.lookup(ISSUER, "ORG-A")).map(Tenant::organization).contains(GLOBEX);
    assertThat(pairs.lookup(ISSUER, "org-b")).isEmpty();
    assertThat(pairs.lookup(ISSUER, "org-a ")).isEmpty();
    assertThat(pairs.lookup(ISSUER, "")).isEmpty();
    assertThat(pairs.lookup(ISSUER, "org-_")).isEmpty();
    assertThat(pairs.lookup(ISSUER, "%' OR '1'='1")).isEmpty();
  }

  @Test
  final void a_pair_is_one_tenants_over_all_tenants() {
    add(ACME, "ext_1", ISSUER, "org-a");

    assertThatThrownBy(() -> add(GLOBEX, "ext_2", ISSUER, "org-a"))
        .isInstanceOf(ConflictException.class)
        .hasMessageNotContaining("acme");
    assertThatThrownBy(() -> add(ACME, "ext_3", ISSUER, "org-a"))
        .isInstanceOf(ConflictException.class);
    assertThat(actions(globex)).isEmpty();
    assertThat(actions(acme)).containsExactly("pair.added");
    assertThat(pairs.lookup(ISSUER, "org-a")).map(Tenant::organization).contains(ACME);
  }

  @Test
  final void an_organization_must_exist() {
    assertThatThrownBy(() -> add(NOBODY, "ext_1", ISSUER, "org-a"))
        .isInstanceOf(NotFoundException.class);
    assertThat(pairs.lookup(ISSUER, "org-a")).isEmpty();
  }

  @Test
  final void a_failed_audit_row_takes_the_pair_with_it() {
    AuditEvent taken = samples.event(ACME, "pair.added");
    stores.audit().append(acme, taken);

    assertThatThrownBy(() -> pairs.insert(operator, row(ACME, "ext_1", ISSUER, "org-a"), taken))
        .isInstanceOf(RuntimeException.class);
    assertThat(pairs.lookup(ISSUER, "org-a")).isEmpty();
  }

  @Test
  final void only_the_organization_itself_loses_its_pair() {
    add(ACME, "ext_1", ISSUER, "org-a");

    assertThat(delete(GLOBEX, "org-a")).isFalse();
    assertThat(delete(NOBODY, "org-a")).isFalse();
    assertThat(delete(ACME, "org-b")).isFalse();
    assertThat(pairs.lookup(ISSUER, "org-a")).isPresent();
    assertThat(actions(globex)).isEmpty();

    assertThat(delete(ACME, "org-a")).isTrue();
    assertThat(pairs.lookup(ISSUER, "org-a")).isEmpty();
    assertThat(actions(acme)).containsExactly("pair.added", "pair.removed");
    assertThat(delete(ACME, "org-a")).isFalse();
    add(GLOBEX, "ext_2", ISSUER, "org-a");
  }

  @Test
  final void an_organization_lists_its_own_pairs_page_by_page() {
    ExternalOrganization first = add(ACME, "ext_1", ISSUER, "org-c");
    ExternalOrganization second = add(ACME, "ext_2", ISSUER, "org-b");
    add(GLOBEX, "ext_3", ISSUER, "org-a");

    assertThat(pairs.list(operator, ACME, null, 10)).containsExactly(first, second);
    assertThat(pairs.list(operator, ACME, null, 1)).containsExactly(first);
    assertThat(pairs.list(operator, ACME, "ext_1", 10)).containsExactly(second);
    assertThat(pairs.list(operator, NOBODY, null, 10)).isEmpty();
  }

  @Test
  final void a_pair_joins_the_hosts_transaction() {
    assertThatThrownBy(
            () ->
                harness.inTransaction(
                    operator,
                    joined -> {
                      pairs.insert(
                          joined,
                          row(ACME, "ext_1", ISSUER, "org-a"),
                          samples.event(ACME, "pair.added"));
                      throw new HostFailure();
                    }))
        .isInstanceOf(HostFailure.class);
    assertThat(pairs.lookup(ISSUER, "org-a")).isEmpty();
    assertThat(actions(acme)).isEmpty();
  }

  @Test
  final void of_many_who_claim_a_pair_one_gets_it() {
    List<Boolean> won =
        Race.of(
            16,
            number -> {
              OrganizationId organization = number % 2 == 0 ? ACME : GLOBEX;
              try {
                add(organization, "ext_" + number, ISSUER, "org-a");
                return true;
              } catch (ConflictException e) {
                return false;
              }
            });

    assertThat(won).filteredOn(Objects::requireNonNull).containsExactly(true);
    assertThat(actions(acme).size() + actions(globex).size()).isEqualTo(1);
  }

  private ExternalOrganization add(
      OrganizationId organization, String id, String issuer, String externalId) {
    ExternalOrganization added = row(organization, id, issuer, externalId);
    pairs.insert(operator, added, samples.event(organization, "pair.added"));
    return added;
  }

  private boolean delete(OrganizationId organization, String externalId) {
    return pairs.delete(
        operator, organization, ISSUER, externalId, samples.event(organization, "pair.removed"));
  }

  private static ExternalOrganization row(
      OrganizationId organization, String id, String issuer, String externalId) {
    return new ExternalOrganization(id, organization, issuer, externalId, "ops", Samples.NOW);
  }
}
