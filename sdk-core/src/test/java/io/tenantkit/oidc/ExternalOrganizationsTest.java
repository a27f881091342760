package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.ForwardingCoreStores;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.Page;
import io.tenantkit.PageRequest;
import io.tenantkit.ReadinessIssue;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.oidc.OidcResult.Reason;
import io.tenantkit.spi.CoreStores;
import io.tenantkit.spi.ExternalOrganizationStore;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  /** The process was stopped, or the database slow, while the row was on its way. */
  @Test
  void anAnswerThatTookLongerThanTheBoundIsAskedForAgain() {
    List<Runnable> meanwhile =
        new ArrayList<>(
            List.of(
                () -> {
                  plane.organizations().suspend(operator, ACME);
                  clock.tick(Duration.ofSeconds(3));
                }));
    ControlPlane slow = newPlane(new SlowLookUps(storage, meanwhile));
    try {
      assertRefused(resolver(slow, terms -> terms).resolve(token()), Reason.ORGANIZATION_SUSPENDED);
      assertThat(meanwhile).isEmpty();
    } finally {
      slow.close();
    }
  }

  /** Something happens after each pair was looked up and before it is answered. */
  private record SlowLookUps(Storage inner, List<Runnable> meanwhile) implements Storage {
    @Override
    public <F> Optional<F> stores(Class<F> family) {
      return Optional.of(family.cast(new SlowStores()));
    }

    @Override
    public List<ReadinessIssue> readiness() {
      return inner.readiness();
    }

    @Override
    public void close() {
      inner.close();
    }

    private final class SlowStores extends ForwardingCoreStores {
      SlowStores() {
        super(inner.stores(CoreStores.class).orElseThrow());
      }

      @Override
      public ExternalOrganizationStore externalOrganizations() {
        ExternalOrganizationStore pairs = super.externalOrganizations();
        return (ExternalOrganizationStore)
            Proxy.newProxyInstance(
                ExternalOrganizationStore.class.getClassLoader(),
                new Class<?>[] {ExternalOrganizationStore.class},
                (self, method, arguments) -> {
                  Object answer = method.invoke(pairs, arguments);
                  if (method.getName().equals("lookup") && !meanwhile.isEmpty()) {
                    meanwhile.remove(0).run();
                  }
                  return answer;
                });
      }
    }
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
