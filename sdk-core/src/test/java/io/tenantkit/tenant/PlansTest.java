package io.tenantkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ControlPlane;
import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.PlanLimitReachedException;
import io.tenantkit.Storage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The table of plans, and who may be on which. */
final class PlansTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final Operator OPERATOR = Operator.trusted("ops", "plans");
  private static final OrganizationSettings DEFAULTS = OrganizationSettings.defaults();

  @Test
  void withoutPlansAnyNameAllowsEverything() {
    Plans plans = Plans.unlimited();

    assertThat(plans.isUnlimited()).isTrue();
    assertThat(plans.limits("gold")).isEqualTo(PlanLimits.unlimited());
    plans.require("gold");
  }

  @Test
  void anUnknownPlanGetsTheLeastOfEachLimit() {
    Plans plans =
        Plans.of(
            Map.of("wide", new PlanLimits(100, 1, 3, 9), "deep", new PlanLimits(5, 50, 1, 10)));

    assertThat(plans.limits("wide")).isEqualTo(new PlanLimits(100, 1, 3, 9));
    assertThat(plans.limits("gold")).isEqualTo(new PlanLimits(5, 1, 1, 9));
    assertThat(Plans.standard().limits("gold")).isEqualTo(Plans.standard().limits("free"));
    assertThat(plans.isUnlimited()).isFalse();
    assertThat(Plans.of(Map.of("all", PlanLimits.unlimited())).isUnlimited()).isTrue();
  }

  @Test
  void theThreatModelHasTheSameTable() throws IOException {
    String page = Files.readString(Path.of("..", "SECURITY.md"), StandardCharsets.UTF_8);

    for (String plan : List.of("free", "pro", Plans.ENTERPRISE)) {
      PlanLimits limits = Plans.standard().limits(plan);
      String row =
          IntStream.of(limits.secrets(), limits.projects(), limits.environments(), limits.tools())
              .mapToObj(n -> n == PlanLimits.UNLIMITED ? "no limit" : String.valueOf(n))
              .collect(Collectors.joining(" | ", "| `" + plan + "` | ", " |\n"));
      assertThat(page).contains(row);
    }
  }

  @Test
  void theStandardPlansGrow() {
    PlanLimits free = Plans.standard().limits("free");
    PlanLimits pro = Plans.standard().limits("pro");

    assertThat(free.and(pro)).isEqualTo(free).isNotEqualTo(pro);
    assertThat(Plans.standard().limits(Plans.ENTERPRISE).isUnlimited()).isTrue();
    assertThat(Plans.standard().limits(DEFAULTS.plan())).isEqualTo(free);
  }

  @Test
  void tablesAndLimitsAreBounded() {
    assertThatThrownBy(() -> Plans.of(Map.of())).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> Plans.of(Map.of("Gold", PlanLimits.unlimited())))
        .hasMessageStartingWith("plan: ");
    assertThatThrownBy(() -> new PlanLimits(-1, 0, 0, 0)).hasMessageStartingWith("secrets: ");
    assertThatThrownBy(() -> new PlanLimits(0, -1, 0, 0)).hasMessageStartingWith("projects: ");
    assertThatThrownBy(() -> new PlanLimits(0, 0, 4, 0)).hasMessageStartingWith("environments: ");
    assertThatThrownBy(() -> new PlanLimits(0, 0, 0, -1)).hasMessageStartingWith("tools: ");
  }

  @Test
  void onceThereArePlansAnOrganizationIsOnOneOfThem() {
    try (Storage storage = Storage.inMemory()) {
      try (ControlPlane before = plane(storage, Optional.empty())) {
        before.organizations().create(OPERATOR, ACME, "Acme", DEFAULTS.withPlan("gold"));
      }
      try (ControlPlane plane = plane(storage, Optional.of(Plans.standard()))) {
        Organizations organizations = plane.organizations();
        assertThat(plane.runtime().plans()).isSameAs(Plans.standard());
        assertThatThrownBy(
                () ->
                    organizations.create(
                        OPERATOR, OrganizationId.of("globex"), "G", DEFAULTS.withPlan("gold")))
            .isInstanceOf(InvalidInputException.class)
            .hasMessage("plan: one of enterprise, free, pro");
        assertThatThrownBy(
                () -> organizations.configure(OPERATOR, ACME, DEFAULTS.withPlan("silver")))
            .isInstanceOf(InvalidInputException.class);
        // What is there goes on, and can be renamed, stopped and put right.
        organizations.rename(OPERATOR, ACME, "Acme Ltd");
        organizations.suspend(OPERATOR, ACME);
        organizations.activate(OPERATOR, ACME);
        assertThat(organizations.get(OPERATOR, ACME).settings().plan()).isEqualTo("gold");
        organizations.configure(OPERATOR, ACME, DEFAULTS.withPlan("pro"));
        assertThat(organizations.get(OPERATOR, ACME).settings().plan()).isEqualTo("pro");
      }
    }
  }

  @Test
  void theErrorNamesTheLimitAndItsBound() {
    PlanLimitReachedException error = new PlanLimitReachedException("secrets", 1_000);

    assertThat(error.code()).isEqualTo(ErrorCode.PLAN_LIMIT_REACHED);
    assertThat(error.code().httpStatus()).isEqualTo(403);
    assertThat(error.code().retryable()).isFalse();
    assertThat(error).hasMessage("the organization's plan allows 1,000 secrets");
    assertThat(error.limit()).isEqualTo("secrets");
    assertThat(error.bound()).isEqualTo(1_000);
  }

  private static ControlPlane plane(Storage storage, Optional<Plans> plans) {
    ControlPlane.Builder builder =
        ControlPlane.builder(
                storage, MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .manualMaintenance();
    plans.ifPresent(builder::plans);
    return builder.build();
  }
}
