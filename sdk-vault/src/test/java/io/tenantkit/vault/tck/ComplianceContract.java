package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.TenantkitException;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.ratelimit.RateLimit;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.KeyPolicy;
import io.tenantkit.tenant.PlanLimits;
import io.tenantkit.tenant.Plans;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.Team;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.AccessLevel;
import io.tenantkit.vault.NewSecret;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretQuery;
import io.tenantkit.vault.SecretRef;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sharing;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.Integration;
import io.tenantkit.vault.integration.IntegrationId;
import io.tenantkit.vault.integration.Integrations;
import io.tenantkit.vault.integration.NewIntegration;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.usage.ComplianceReport;
import io.tenantkit.vault.usage.CostLine;
import io.tenantkit.vault.usage.ReportLine;
import io.tenantkit.vault.usage.ReportLine.PolicyException;
import io.tenantkit.vault.usage.ReportLine.PolicyException.Rule;
import io.tenantkit.vault.usage.ReportedUnits;
import io.tenantkit.vault.usage.SecretUsage;
import io.tenantkit.vault.usage.UsageLine;
import io.tenantkit.vault.usage.UsageQuery;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an auditor is told, of rows that a database keeps. */
public abstract class ComplianceContract extends StorageContract {
  private static final Instant START = Instant.parse("2026-03-02T10:15:00Z");
  private static final String CANARY = "sk-CANARY-compliance-0123456789abcdef";
  private static final Duration LONG = Duration.ofDays(100);

  private final TickingClock clock = TickingClock.at(START);
  private ControlPlane plane;
  private SecretVault vault;
  private Integrations integrations;
  private SecretRotations rotations;
  private SecretUsage usage;

  @BeforeEach
  final void openVault() {
    byte[] master = new byte[32];
    new InsecureFixedRandom(4).nextBytes(master);
    plane =
        ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(master)))
            .clock(clock)
            .plans(
                Plans.of(
                    Map.of(
                        "tiny", new PlanLimits(3, 1, 3, 9), "enterprise", PlanLimits.unlimited())))
            .manualMaintenance()
            .build();
    vault = SecretVault.of(plane);
    Egress egress = Egress.create();
    plane.runtime().onClose().accept(egress::close);
    integrations = Integrations.builder(vault).egress(egress).build();
    rotations = SecretRotations.of(vault);
    usage = SecretUsage.of(vault);
  }

  @AfterEach
  final void closeVault() {
    plane.close();
  }

  private static SecretRef ref(String name) {
    return SecretRef.of("app", Environment.PRODUCTION, name);
  }

  private Secret put(SecretRef ref) {
    return vault.put(acme, ref, NewSecret.of(SecretValue.of(CANARY)));
  }

  private ComplianceReport report() {
    return ComplianceReport.of(vault, rotations::overdue);
  }

  private List<ReportLine> lines(TenantContext context) {
    return report().lines(context, START.minusSeconds(1), clock.instant().plusSeconds(1), 1_000);
  }

  private static <T extends ReportLine> List<T> of(List<ReportLine> lines, Class<T> type) {
    return lines.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** What there is after {@link #fill}. */
  private record Filled(Team team, Secret shared, Secret open, Secret kept, Integration made) {}

  private Filled fill() {
    plane
        .organizations()
        .configure(
            operator,
            ACME,
            plane
                .organizations()
                .get(acme)
                .settings()
                .withPlan("enterprise")
                .withKeys(KeyPolicy.none()));
    Team team = plane.teams().create(acme, "Ops");
    plane.teams().addMember(acme, team.id(), new Actor(Actor.Kind.USER, "ada"));
    plane.teams().addMember(acme, team.id(), new Actor(Actor.Kind.AGENT, "bot"));
    Secret shared = put(ref("shared"));
    vault.share(acme, ref("shared"), Sharing.withTeams(team.id()));
    Secret open = put(ref("open"));
    vault.share(acme, ref("open"), Sharing.of(AccessLevel.PUBLIC));
    Secret kept = put(ref("kept"));
    rotations.set(acme, ref("kept"), RotationPolicy.everyDays(30));
    Integration made =
        integrations.create(
            acme,
            new NewIntegration(
                "openai",
                Environment.STAGING,
                "Main",
                Map.of("api_key", SecretValue.of(CANARY)),
                Map.of()));
    plane
        .apiKeys()
        .create(acme, NewApiKey.live("endless").scopes("secrets:read", "secrets:use"))
        .close();
    plane
        .apiKeys()
        .create(
            acme,
            NewApiKey.live("bounded")
                .scopes("flows:read")
                .lifetime(Duration.ofDays(300))
                .limit(RateLimit.of("minute", 60, Duration.ofMinutes(1)))
                .addresses("192.0.2.0/24"))
        .close();
    plane
        .organizations()
        .configure(operator, ACME, plane.organizations().get(acme).settings().withPlan("tiny"));
    clock.tick(LONG);
    return new Filled(team, shared, open, kept, made);
  }

  @Test
  void tellsWhoHasAccessAndWhatDepartsFromPolicy() {
    Filled there = fill();
    List<ReportLine> lines = lines(acme);

    assertThat(of(lines, ReportLine.Entitled.class))
        .hasSize(4)
        .anySatisfy(
            line -> {
              assertThat(line.secret()).isEqualTo(there.shared().id());
              assertThat(line.level()).isEqualTo(AccessLevel.TEAM);
              assertThat(line.owner()).isEqualTo(acme.actor());
              assertThat(line.teams())
                  .containsExactly(
                      new ReportLine.TeamShare(there.team().id(), Optional.of("Ops"), 2));
            })
        .anySatisfy(
            line -> {
              assertThat(line.ref()).isEqualTo(ref("open"));
              assertThat(line.level()).isEqualTo(AccessLevel.PUBLIC);
              assertThat(line.teams()).isEmpty();
            });
    assertThat(of(lines, ReportLine.Granted.class))
        .extracting(
            line -> line.kind().name(), ReportLine.Granted::name, ReportLine.Granted::scopes)
        .contains(
            Tuple.tuple("API_KEY", "endless", List.of("secrets:read", "secrets:use")),
            Tuple.tuple("ROLE", "user", List.of("secrets:read", "secrets:use")))
        .extracting(tuple -> tuple.toList().get(1))
        .doesNotContain("bounded", "viewer");
    assertThat(of(lines, PolicyException.class))
        .extracting(PolicyException::rule, PolicyException::name)
        .containsExactlyInAnyOrder(
            Tuple.tuple(Rule.SECRET_WITHOUT_ROTATION, "app/shared"),
            Tuple.tuple(Rule.SECRET_WITHOUT_ROTATION, "app/open"),
            Tuple.tuple(Rule.SECRET_WITHOUT_ROTATION, "integrations/" + there.made().id().value()),
            Tuple.tuple(Rule.PRODUCTION_SECRET_FOR_ALL, "app/open"),
            Tuple.tuple(Rule.KEY_WITHOUT_EXPIRY, "endless"),
            Tuple.tuple(Rule.KEY_WITHOUT_ADDRESSES, "endless"),
            Tuple.tuple(Rule.KEY_WITHOUT_LIMITS, "endless"),
            Tuple.tuple(Rule.PLAN_EXCEEDED, "tiny"));
    assertThat(of(lines, ReportLine.Overdue.class))
        .extracting(line -> line.rotation().secret().id())
        .containsExactly(there.kept().id());
    assertThat(lines(acme)).as("the same rows, the same report").isEqualTo(lines);

    // A value that was put anew is young, whatever the secret's age; a policy counts too.
    put(ref("shared"));
    rotations.set(acme, ref("open"), RotationPolicy.everyDays(30));
    assertThat(of(lines(acme), PolicyException.class))
        .filteredOn(line -> line.rule() == Rule.SECRET_WITHOUT_ROTATION)
        .extracting(PolicyException::targetType, PolicyException::environment)
        .containsExactly(Tuple.tuple("secret", Optional.of(Environment.STAGING)));
    assertThat(
            of(
                report()
                    .withoutPolicyUpTo(LONG.plusDays(1))
                    .lines(acme, START, clock.instant().plusSeconds(1), 1_000),
                PolicyException.class))
        .noneMatch(line -> line.rule() == Rule.SECRET_WITHOUT_ROTATION);
  }

  @Test
  void tellsNobodyMoreThanItMaySee() {
    fill();
    ScopeSet needed = ScopeSet.of("usage:read", "audit:read");
    List<ReportLine> blind = lines(acme.limitedTo(needed));
    assertThat(of(blind, ReportLine.Entitled.class)).isEmpty();
    assertThat(of(blind, PolicyException.class)).allMatch(l -> l.targetType().equals("api_key"));
    TenantContext stranger =
        TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "ada"))
            .limitedTo(ScopeSet.of("usage:read", "audit:read", "secrets:read"));
    assertThat(of(lines(stranger), ReportLine.Entitled.class))
        .extracting(line -> line.ref().name())
        .containsExactlyInAnyOrder("shared", "open");
    assertThat(of(lines(stranger), ReportLine.Entitled.class))
        .flatExtracting(ReportLine.Entitled::teams)
        .allMatch(team -> team.name().isEmpty());
    List<ReportLine> staging = lines(acme.within(Set.of(Environment.STAGING)));
    assertThat(of(staging, ReportLine.Entitled.class)).hasSize(1);
    assertThat(of(staging, PolicyException.class))
        .extracting(PolicyException::rule)
        .doesNotContain(Rule.PRODUCTION_SECRET_FOR_ALL, Rule.PLAN_EXCEEDED);
    assertThat(of(lines(globex), ReportLine.Entitled.class)).isEmpty();
  }

  @Test
  void jsonAndTextHoldAllOfItAndNoSecret() throws IOException {
    fill();
    vault.use(acme, ref("open"), "test", value -> "used");
    StringBuilder json = new StringBuilder();
    StringBuilder text = new StringBuilder();
    Instant until = clock.instant().plusSeconds(1);
    report().json(acme, START.minusSeconds(1), until, json);
    report().text(acme, START.minusSeconds(1), until, text);
    JsonNode tree = JsonMapper.builder().build().readTree(json.toString());
    assertThat(tree.get("entitled")).hasSize(4);
    assertThat(tree.get("granted").size()).isGreaterThan(1);
    assertThat(tree.get("exceptions")).hasSize(8);
    assertThat(tree.get("totals").get("exceptions").asText()).isEqualTo("8");
    assertThat(text)
        .contains("Who has access", "\"Ops\" of 2", "What reaches secrets", "Departs from policy");
    assertThat(json.toString() + text).doesNotContain("CANARY", CANARY.substring(12));
  }

  /** A use of the integration itself, and what its host says that it cost. */
  @Test
  void anIntegrationsCostIsFoundByItsId() {
    Filled there = fill();
    IntegrationId id = there.made().id();
    for (int i = 0; i < 3; i++) {
      integrations.<String>use(acme, id, "a call", fields -> "used");
      usage.reportUnits(acme, id, ReportedUnits.of("tokens", 100, 2_500, "EUR"));
    }
    clock.tick(Duration.ofMinutes(1));
    plane.runDue(clock.instant());

    Instant until = clock.instant().plusSeconds(1);
    List<CostLine> costs = usage.costs(acme, START, until, id, PageRequest.first(10)).items();
    assertThat(costs)
        .singleElement()
        .extracting(CostLine::amount, CostLine::costMicros, CostLine::reports)
        .containsExactly(300L, 7_500L, 3L);
    UsageQuery uses = UsageQuery.by(UsageQuery.By.SECRET, START, until);
    assertThat(usage.list(acme, uses, PageRequest.first(10)).items())
        .filteredOn(line -> line.key().equals(costs.get(0).secret()))
        .extracting(UsageLine::ok)
        .containsExactly(3L);
    for (TenantContext other :
        List.of(
            globex,
            acme.within(Set.of(Environment.PRODUCTION)),
            TenantContext.trusted(ACME, new Actor(Actor.Kind.USER, "eve"))
                .limitedTo(ScopeSet.of("usage:read", "secrets:use")))) {
      assertThatThrownBy(() -> usage.costs(other, START, until, id, PageRequest.first(10)))
          .isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> usage.reportUnits(other, id, ReportedUnits.of("tokens", 1)))
          .isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void secretsAreFoundByWhenTheirRotationIsDue() {
    Filled there = fill();
    rotations.set(acme, ref("open"), RotationPolicy.at(clock.instant().plus(LONG)));
    assertThat(found(clock.instant(), SecretQuery.all()))
        .containsExactly(there.kept().id().value());
    assertThat(found(clock.instant().plus(LONG).plusSeconds(1), SecretQuery.all()))
        .containsExactlyInAnyOrder(there.kept().id().value(), there.open().id().value());
    assertThat(found(clock.instant().plus(LONG).plusSeconds(1), SecretQuery.all().named("op")))
        .containsExactly(there.open().id().value());
    assertThat(found(START, SecretQuery.all())).isEmpty();
    assertThat(
            vault
                .search(
                    globex,
                    SecretQuery.all().rotatingBefore(clock.instant()),
                    PageRequest.first(10))
                .items())
        .isEmpty();
  }

  private List<String> found(Instant before, SecretQuery query) {
    return vault.search(acme, query.rotatingBefore(before), PageRequest.first(10)).items().stream()
        .map(secret -> secret.id().value())
        .toList();
  }

  /** What was refused tells nothing of what there is; what failed tells where. */
  @Test
  void anAttemptAtASecretThatHasExpiredKeepsItsId() {
    Secret short_ =
        vault.put(
            acme,
            ref("short"),
            NewSecret.of(SecretValue.of(CANARY)).expiringAt(START.plusSeconds(60)));
    clock.tick(Duration.ofMinutes(5));
    for (String name : List.of("short", "none")) {
      assertThatThrownBy(() -> vault.use(acme, ref(name), "test", value -> "used"))
          .isInstanceOf(TenantkitException.class);
    }
    clock.tick(Duration.ofMinutes(1));
    plane.runDue(clock.instant());
    UsageQuery uses = UsageQuery.by(UsageQuery.By.SECRET, START, clock.instant().plusSeconds(1));
    assertThat(usage.list(acme, uses, PageRequest.first(10)).items())
        .extracting(UsageLine::key, UsageLine::refused, UsageLine::failed)
        .containsExactly(Tuple.tuple("", 1L, 0L), Tuple.tuple(short_.id().value(), 0L, 1L));
  }
}
