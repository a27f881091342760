package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator may do with organizations, and what an organization may be set to. */
final class OrganizationsTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final OrganizationSettings RICH =
      OrganizationSettings.defaults()
          .withPlan("enterprise")
          .withMetadata(Map.of("contract", "2026-7"))
          .withPool(RateLimit.of("pool", 1_000, Duration.ofMinutes(1)))
          .withKeys(KeyPolicy.none().withLongestLifetime(Duration.ofDays(90)));

  private final TickingClock clock = TickingClock.at(Instant.parse("2026-11-21T12:00:00Z"));
  private final Storage storage = Storage.inMemory();
  private final Operator operator = Operator.trusted("ops", "contract 7");
  private ControlPlane plane;
  private Organizations organizations;

  @BeforeEach
  void open() {
    plane = ControlPlane.builder(storage, masterKeys()).clock(clock).build();
    organizations = plane.organizations();
  }

  @AfterEach
  void close() {
    plane.close();
    storage.close();
  }

  @Test
  void organizationStartsWithTheDefaultsOrWhatItIsGiven() {
    assertThat(organizations.create(operator, ACME, "Acme").settings())
        .isEqualTo(OrganizationSettings.defaults());
    Organization rich = organizations.create(operator, OrganizationId.of("globex"), "Globex", RICH);

    assertThat(organizations.get(operator, rich.id())).isEqualTo(rich);
    assertThat(rich.settings()).isEqualTo(RICH);
  }

  @Test
  void settingsAndNameChangeWithAnAuditRowThatNamesOperatorAndReason() {
    organizations.create(operator, ACME, "Acme");
    clock.tick(Duration.ofSeconds(1));

    organizations.configure(operator, ACME, RICH);
    Organization after = organizations.rename(operator, ACME, "Acme Ltd");

    assertThat(after.settings()).isEqualTo(RICH);
    assertThat(after.name()).isEqualTo("Acme Ltd");
    assertThat(after.version()).isEqualTo(3);
    assertThat(after.updatedAt()).isAfter(after.createdAt());
    assertThat(actions())
        .containsExactly("organization.created", "organization.configured", "organization.renamed");
    assertThat(trail())
        .allSatisfy(e -> assertThat(e.details()).containsEntry("reason", "contract 7"));
  }

  @Test
  void changeToWhatIsThereAlreadyIsNoneAndLeavesNoTrace() {
    organizations.create(operator, ACME, "Acme", RICH);

    assertThat(organizations.configure(operator, ACME, RICH).version()).isEqualTo(1);
    assertThat(organizations.rename(operator, ACME, "Acme").version()).isEqualTo(1);

    assertThat(actions()).containsExactly("organization.created");
  }

  @Test
  void unknownOrganizationIsNotFoundAndATakenIdIsAConflict() {
    assertThatThrownBy(() -> organizations.configure(operator, ACME, RICH))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> organizations.rename(operator, ACME, "x"))
        .isInstanceOf(NotFoundException.class);
    organizations.create(operator, ACME, "Acme");
    assertThatThrownBy(() -> organizations.create(operator, ACME, "Again", RICH))
        .isInstanceOf(ConflictException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Enterprise", "a b", "plän", "a\n"})
  void planIsAPlainName(String plan) {
    assertThatThrownBy(() -> OrganizationSettings.defaults().withPlan(plan))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("plan: ");
  }

  @Test
  void metadataIsBounded() {
    OrganizationSettings defaults = OrganizationSettings.defaults();
    Map<String, String> many = new HashMap<>();
    IntStream.rangeClosed(0, OrganizationSettings.MAX_METADATA)
        .forEach(i -> many.put("name" + i, "value"));

    assertThatThrownBy(() -> defaults.withMetadata(many)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> defaults.withMetadata(Map.of("n", "v".repeat(1_025))))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> defaults.withMetadata(Map.of("n".repeat(65), "v")))
        .isInstanceOf(InvalidInputException.class);
    many.remove("name0");
    assertThat(defaults.withMetadata(many).metadata()).hasSize(OrganizationSettings.MAX_METADATA);
  }

  @Test
  void poolHasFewLimitsEachWithANameOfItsOwn() {
    OrganizationSettings defaults = OrganizationSettings.defaults();
    RateLimit one = RateLimit.of("minute", 1, Duration.ofMinutes(1));

    assertThatThrownBy(() -> defaults.withPool(one, RateLimit.of("minute", 2, Duration.ofHours(1))))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(
            () ->
                defaults.withPool(
                    IntStream.range(0, 9)
                        .mapToObj(i -> RateLimit.of("l" + i, 1, Duration.ofHours(1)))
                        .toArray(RateLimit[]::new)))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void policyIsBoundedAndNamesTheProperty() {
    KeyPolicy none = KeyPolicy.none();
    assertThatThrownBy(() -> none.withLongestLifetime(Duration.ZERO))
        .hasMessageStartingWith("longestLifetime: ");
    assertThatThrownBy(() -> none.withRotateAfter(Duration.ofDays(3_651)))
        .hasMessageStartingWith("rotateAfter: ");
    assertThatThrownBy(() -> none.withUnusedAfter(Duration.ofDays(-1)))
        .hasMessageStartingWith("unusedAfter: ");
    for (String name : List.of("", "Ak", "1a", "ninechars", "a_b")) {
      assertThatThrownBy(() -> none.withPrefixName(name)).hasMessageStartingWith("prefixName: ");
    }
    assertThat(none.withPrefixName("acme1234").prefixName()).contains("acme1234");
  }

  /** Not a key of anything: the bytes 0 to 31. */
  private static MasterKeys masterKeys() {
    byte[] bytes = new byte[32];
    IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) i);
    return MasterKeys.of(MasterKey.of(bytes));
  }

  private List<String> actions() {
    return trail().stream().map(AuditEvent::action).toList();
  }

  private List<AuditEvent> trail() {
    return plane.audit().list(TenantContext.trusted(ACME, "test"), PageRequest.first(100)).items();
  }
}
