package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExternalOrganizationsTest extends OidcTestBase {
  private static final String ISSUER = "https://login.example.com/oidc";

  @Test
  void changesAreAuditedWithReasonAndPair() {
    ExternalOrganizations pairs = plane.externalOrganizations();
    pairs.register(operator, GLOBEX, ISSUER, "org-g");
    pairs.unregister(operator, GLOBEX, ISSUER, "org-g");

    assertThat(
            plane
                .audit()
                .list(TenantContext.trusted(GLOBEX, "host"), PageRequest.first(10))
                .items())
        .filteredOn(event -> event.action().startsWith("organization.login_"))
        .extracting(AuditEvent::action)
        .containsExactly("organization.login_registered", "organization.login_unregistered");
    assertThat(
            plane
                .audit()
                .list(TenantContext.trusted(GLOBEX, "host"), PageRequest.first(10))
                .items())
        .filteredOn(event -> event.action().startsWith("organization.login_"))
        .allSatisfy(
            event ->
                assertThat(event.details())
                    .containsEntry("reason", "unit test")
                    .containsEntry("issuer", ISSUER)
                    .containsEntry("external_id", "org-g"));
  }

  @Test
  void aPairIsRegisteredOnceAndOnlyItsOwnerLosesIt() {
    ExternalOrganizations pairs = plane.externalOrganizations();

    assertThatThrownBy(() -> pairs.register(operator, GLOBEX, issuer, EXTERNAL))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> pairs.unregister(operator, GLOBEX, issuer, EXTERNAL))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> pairs.register(operator, OrganizationId.of("nobody"), issuer, "org-n"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void anOrganizationsPairsComePageByPage() {
    ExternalOrganizations pairs = plane.externalOrganizations();
    ExternalOrganization one = pairs.register(operator, GLOBEX, ISSUER, "org-2");
    ExternalOrganization two = pairs.register(operator, GLOBEX, ISSUER, "org-1");

    Page<ExternalOrganization> first = pairs.list(operator, GLOBEX, PageRequest.first(1));
    assertThat(first.items()).containsExactly(one);
    assertThat(
            pairs
                .list(operator, GLOBEX, PageRequest.first(1).after(first.next().orElseThrow()))
                .items())
        .containsExactly(two);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\n", "\u0130", "\u0000"})
  void anExternalIdIsPrintableAscii(String id) {
    assertThatThrownBy(() -> plane.externalOrganizations().register(operator, ACME, ISSUER, id))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(
            () -> plane.externalOrganizations().register(operator, ACME, ISSUER, "x".repeat(129)))
        .isInstanceOf(InvalidInputException.class);
  }
}
