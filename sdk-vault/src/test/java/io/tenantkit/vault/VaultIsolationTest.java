package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.GLOBEX;
import static io.tenantkit.vault.VaultHouse.REF;
import static io.tenantkit.vault.VaultHouse.ref;
import static io.tenantkit.vault.VaultHouse.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One tenant cannot tell another's secret from one that is not there. */
class VaultIsolationTest {
  private final VaultHouse house = new VaultHouse();
  private final SecretVault vault = house.vault;

  @AfterEach
  void close() {
    house.close();
  }

  static Stream<VaultCalls.Operation> operations() {
    return VaultCalls.onASecret().stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anotherTenantsSecretAnswersAsAnUnknownOne(VaultCalls.Operation operation) {
    vault.put(house.acme, REF, value("acme's"));
    vault.put(house.globex, ref("own"), value("globex's"));
    List<Object> before = house.written();

    Throwable theirs = catchThrowable(() -> operation.call().on(vault, house.globex, REF));
    Throwable unknown = catchThrowable(() -> operation.call().on(vault, house.globex, ref("no")));

    assertThat(theirs).isInstanceOf(TenantkitException.class).hasSameClassAs(unknown);
    assertThat(theirs).hasMessage(unknown.getMessage()).hasNoCause().hasNoSuppressedExceptions();
    assertThat(((TenantkitException) theirs).code())
        .isEqualTo(((TenantkitException) unknown).code());
    assertThat(house.written()).as("neither tenant's trail tells of it").isEqualTo(before);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("acme's");
  }

  @Test
  void theSameRefIsEachTenantsOwn() {
    Secret acmes = vault.put(house.acme, REF, value("acme's"));
    Secret globexs = vault.put(house.globex, REF, NewSecret.of(value("globex's")).onlyNew());

    assertThat(globexs.id()).isNotEqualTo(acmes.id());
    assertThat(globexs.projectId()).isNotEqualTo(acmes.projectId());
    assertThat(globexs.currentVersion()).isEqualTo(1);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("acme's");
    assertThat(house.reveal(house.globex, REF)).isEqualTo("globex's");

    vault.destroy(house.globex, REF);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("acme's");
    assertThat(house.listed(house.globex)).isEmpty();
  }

  @Test
  void listsAndTrailsHoldNothingOfTheOther() {
    for (int i = 0; i < 5; i++) {
      vault.put(house.acme, ref("acme-secret-" + i), value("a"));
      vault.put(house.globex, ref("globex-secret-" + i), value("g"));
    }
    house.reveal(house.acme, ref("acme-secret-0"));
    assertThat(house.listed(house.globex))
        .hasSize(5)
        .extracting(Secret::organization)
        .containsOnly(GLOBEX);
    assertThat(house.trail(house.globex)).extracting(AuditEvent::organization).containsOnly(GLOBEX);
    assertThat(house.listed(house.globex).toString() + house.trail(house.globex))
        .doesNotContain("acme");
  }

  /** A cursor is only a place in one's own list, whoever's it was. */
  @Test
  void aCursorOfTheOtherTenantShowsNothingOfTheirs() {
    for (int i = 0; i < 4; i++) {
      vault.put(house.acme, ref("acme-secret-" + i), value("a"));
      vault.put(house.globex, ref("globex-secret-" + i), value("g"));
    }
    String acmes = vault.list(house.acme, PageRequest.first(2)).next().orElseThrow();
    assertThat(vault.list(house.globex, PageRequest.first(10).after(acmes)).items())
        .extracting(secret -> secret.ref().name())
        .containsExactly("globex-secret-1", "globex-secret-2", "globex-secret-3");
  }

  @Test
  void anOrganizationThatDoesNotExistHasNothingAndGetsNothing() {
    vault.put(house.acme, REF, value("acme's"));
    TenantContext nobody = TenantContext.trusted(OrganizationId.of("nobody"), "host");
    List<Object> before = house.written();

    assertThatThrownBy(() -> vault.put(nobody, REF, value("x")))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("organization not found");
    assertThat(vault.list(nobody, PageRequest.first(10)).items()).isEmpty();
    for (VaultCalls.Operation operation : VaultCalls.onASecret()) {
      if (!operation.name().startsWith("put")) {
        assertThatThrownBy(() -> operation.call().on(vault, nobody, REF))
            .isInstanceOf(NotFoundException.class)
            .hasMessage("secret not found");
      }
    }
    assertThat(house.rows().organizationKeys().newest(nobody)).isEmpty();
    assertThat(house.written()).isEqualTo(before);
  }

  /** An id that begins like another's must not fall into its range of rows. */
  @Test
  void idsThatBeginAlikeAreApart() {
    OrganizationId longer = OrganizationId.of("acme-2");
    OrganizationId shorter = OrganizationId.of("acm");
    var operator = io.tenantkit.tenant.Operator.trusted("operator", "tests");
    house.plane.organizations().create(operator, longer, "Acme 2");
    house.plane.organizations().create(operator, shorter, "Acm");
    vault.put(house.acme, REF, value("acme's"));
    for (OrganizationId id : List.of(longer, shorter)) {
      TenantContext context = TenantContext.trusted(id, "host");
      assertThat(house.listed(context)).isEmpty();
      assertThatThrownBy(() -> vault.get(context, REF)).isInstanceOf(NotFoundException.class);
      vault.put(context, REF, value(id.value()));
      assertThat(house.reveal(context, REF)).isEqualTo(id.value());
    }
    assertThat(house.listed(house.acme)).hasSize(1);
    assertThat(house.reveal(house.acme, REF)).isEqualTo("acme's");
  }
}
