package io.tenantkit.vault.usage;

import static io.tenantkit.vault.usage.UsageHouse.ACME;
import static io.tenantkit.vault.usage.UsageHouse.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.event.Event;
import io.tenantkit.event.EventType;
import io.tenantkit.event.Severity;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.Secret;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.usage.UsageQuery.By;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Questions, costs and findings, through the vault and its due work. */
class SecretUsageTest {
  private static final Instant FROM = START.minus(Duration.ofDays(1));
  private static final Instant UNTIL = START.plus(Duration.ofDays(400));

  private final UsageHouse house = new UsageHouse();
  private final SecretUsage usage = house.usage;

  @AfterEach
  void close() {
    house.close();
  }

  private List<Finding> findings(TenantContext context) {
    return usage.findings(context, FROM, UNTIL, PageRequest.first(1_000)).items();
  }

  @Test
  void questionsNeedTheirScope() {
    house.put("db");
    TenantContext without = house.acme.limitedTo(ScopeSet.of("secrets:*", "audit:read"));
    PageRequest page = PageRequest.first(10);
    assertThatThrownBy(() -> usage.list(without, UsageQuery.by(By.DAY, FROM, UNTIL), page))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("usage:read");
    assertThatThrownBy(
            () -> usage.times(without, house.vault.get(house.acme, UsageHouse.ref("db")).id()))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> usage.costs(without, FROM, UNTIL, Optional.empty(), page))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> usage.findings(without, FROM, UNTIL, page))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> usage.findings(house.acme, UNTIL, UNTIL, page))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> UsageQuery.by(By.DAY, UNTIL, FROM))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void pagesGoOnBehindAnyKey() {
    house.put("db");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      names.add("\u0410\u0434\u0430 " + i);
    }
    names.add("\u6f22".repeat(255));
    names.forEach(name -> house.use(UsageHouse.as(name), "db"));
    house.flush();
    for (By by : By.values()) {
      List<String> keys = new ArrayList<>();
      PageRequest page = PageRequest.first(1);
      while (page != null) {
        var answer = usage.list(house.acme, UsageQuery.by(by, FROM, UNTIL), page);
        answer.items().forEach(line -> keys.add(line.key()));
        page = answer.next().map(PageRequest.first(1)::after).orElse(null);
      }
      assertThat(keys).doesNotHaveDuplicates().hasSize(by == By.ACTOR ? 6 : 1);
    }
    for (String bad : new String[] {"x", "!", "AAA", "////"}) {
      assertThatThrownBy(
              () ->
                  usage.list(
                      house.acme,
                      UsageQuery.by(By.DAY, FROM, UNTIL),
                      PageRequest.first(1).after(bad)))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(
              () ->
                  usage.costs(
                      house.acme, FROM, UNTIL, Optional.empty(), PageRequest.first(1).after(bad)))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void reportedUnitsAddUpBySecretAndDay() {
    Secret secret = house.put("openai");
    TenantContext caller = house.acme.limitedTo(ScopeSet.of("secrets:use"));
    usage.reportUnits(caller, secret, ReportedUnits.of("tokens", 1_000, 2_500, "USD"));
    usage.reportUnits(caller, secret, ReportedUnits.of("tokens", 500, 1_250, "USD"));
    usage.reportUnits(house.acme, UsageHouse.ref("openai"), ReportedUnits.of("calls", 1));
    house.clock.tick(Duration.ofDays(1));
    usage.reportUnits(caller, secret, ReportedUnits.of("tokens", 1, 1, "USD"));
    house.flush();

    Instant day = UsageGrain.DAY.start(START);
    List<CostLine> all = new ArrayList<>();
    PageRequest page = PageRequest.first(1);
    while (page != null) {
      var answer = usage.costs(house.acme, FROM, UNTIL, Optional.of(secret.id()), page);
      all.addAll(answer.items());
      page = answer.next().map(PageRequest.first(1)::after).orElse(null);
    }
    assertThat(all)
        .containsExactly(
            cost(secret, day, "calls", "", 1, 0, 1),
            cost(secret, day, "tokens", "USD", 1_500, 3_750, 2),
            cost(secret, day.plus(Duration.ofDays(1)), "tokens", "USD", 1, 1, 1));
    assertThat(
            usage.costs(house.globex, FROM, UNTIL, Optional.empty(), PageRequest.first(10)).items())
        .isEmpty();
  }

  private static CostLine cost(
      Secret secret, Instant day, String unit, String currency, long amount, long cost, long n) {
    return new CostLine(
        secret.id().value(), Environment.PRODUCTION, day, unit, currency, amount, cost, n);
  }

  @Test
  void unitsAreTakenOnlyFromWhoMayUseTheSecret() {
    Secret secret = house.put("openai");
    ReportedUnits units = ReportedUnits.of("tokens", 1);
    assertThatThrownBy(
            () ->
                usage.reportUnits(house.acme.limitedTo(ScopeSet.of("secrets:read")), secret, units))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(
            () -> usage.reportUnits(house.acme.within(Set.of(Environment.STAGING)), secret, units))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> usage.reportUnits(house.globex, secret, units))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("secret not found");
    assertThatThrownBy(() -> usage.reportUnits(house.acme, UsageHouse.ref("none"), units))
        .isInstanceOf(NotFoundException.class);
    for (Runnable bad :
        List.<Runnable>of(
            () -> ReportedUnits.of("Tokens", 1),
            () -> ReportedUnits.of("tokens", -1),
            () -> ReportedUnits.of("tokens", ReportedUnits.MOST + 1),
            () -> ReportedUnits.of("tokens", 1, 1, ""),
            () -> ReportedUnits.of("tokens", 1, 1, "usd"))) {
      assertThatThrownBy(bad::run).isInstanceOf(InvalidInputException.class);
    }
    house.flush();
    assertThat(usage.costs(house.acme, FROM, UNTIL, Optional.empty(), PageRequest.first(9)).items())
        .isEmpty();
  }

  @Test
  void aNewActorIsToldOnceWithItsReasons() {
    Secret secret = house.put("db");
    house.use(house.acme, "db");
    house.later(Duration.ofDays(8));
    assertThat(findings(house.acme)).isEmpty();

    TenantContext eve = UsageHouse.as("eve");
    Instant at = house.clock.instant();
    house.use(eve, "db");
    house.later(UsageWriter.INTERVAL);
    house.use(eve, "db");
    house.later(UsageWriter.INTERVAL);

    assertThat(findings(house.acme))
        .extracting(
            Finding::rule,
            finding -> finding.subject().secret(),
            finding -> finding.subject().actor().id(),
            Finding::at,
            Finding::baseline,
            Finding::observed,
            Finding::threshold,
            Finding::severity)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                AnomalyRule.NEW_ACTOR,
                secret.id().value(),
                "eve",
                UsageGrain.HOUR.start(at),
                1L,
                7L,
                7L,
                Severity.WARNING));
    assertThat(house.events)
        .filteredOn(event -> event.type() == EventType.SECRET_NEW_ACTOR)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.organization()).contains(ACME);
              assertThat(event.details())
                  .containsEntry("actor", "eve")
                  .containsEntry("observed", "7")
                  .containsEntry("secret", secret.id().value());
            });
    assertThat(
            house.plane.audit().list(house.acme, PageRequest.first(100)).items().stream()
                .filter(event -> event.action().equals("security.finding")))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.details())
                    .containsEntry("rule", "NEW_ACTOR")
                    .containsEntry("severity", "WARNING"));
    assertThat(findings(house.globex)).isEmpty();
    assertThat(findings(house.acme.within(Set.of(Environment.STAGING)))).isEmpty();
  }

  @Test
  void twoNodesTellOfAFindingOnce() {
    house.put("db");
    house.use(house.acme, "db");
    house.later(Duration.ofDays(8));
    try (ControlPlane second = house.open()) {
      SecretVault other = SecretVault.of(second);
      TenantContext eve = UsageHouse.as("eve");
      house.use(eve, "db");
      other.use(eve, UsageHouse.ref("db"), "test", value -> "used");
      for (int i = 0; i < 3; i++) {
        house.clock.tick(UsageUpkeep.INTERVAL);
        house.plane.runDue(house.clock.instant());
        second.runDue(house.clock.instant());
      }
    }
    assertThat(findings(house.acme)).hasSize(1);
    assertThat(house.events).extracting(Event::type).containsOnlyOnce(EventType.SECRET_NEW_ACTOR);
    assertThat(house.lines(house.acme, By.ACTOR))
        .filteredOn(line -> line.key().equals("USER:eve"))
        .extracting(UsageLine::ok)
        .containsExactly(2L);
  }

  @Test
  void deniedStreakAndDormantSecretAreFoundThroughTheVault() {
    Secret secret = house.put("db");
    house.use(house.acme, "db");
    house.later(Duration.ofDays(100));
    house.use(house.acme, "db");
    for (int i = 0; i < 12; i++) {
      int number = i;
      assertThatThrownBy(() -> house.use(UsageHouse.as("eve"), "guess-" + number))
          .isInstanceOf(NotFoundException.class);
    }
    house.later(UsageWriter.INTERVAL);

    assertThat(findings(house.acme))
        .extracting(Finding::rule, finding -> finding.subject().secret(), Finding::observed)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(
                AnomalyRule.DORMANT_USED, secret.id().value(), 100L),
            org.assertj.core.groups.Tuple.tuple(AnomalyRule.DENIED_STREAK, "", 12L));
    assertThat(house.events.toString()).doesNotContain("guess-");
  }

  @Test
  void thresholdsAndRetentionAreTheHosts() {
    house
        .vault
        .uses()
        .configure(
            UsageSettings.defaults()
                .with(new AnomalyThresholds(7, 50, 3, 40, 10, 2, 90))
                .keeping(Duration.ofDays(1), Duration.ofDays(2)));
    house.put("db");
    house.use(house.acme, "db");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> house.use(UsageHouse.as("eve"), "none"))
          .isInstanceOf(NotFoundException.class);
    }
    house.later(UsageWriter.INTERVAL);
    assertThat(findings(house.acme))
        .extracting(Finding::rule)
        .containsExactly(AnomalyRule.DENIED_STREAK);

    house.later(Duration.ofDays(2));
    assertThat(house.lines(house.acme, By.HOUR)).isEmpty();
    assertThat(house.lines(house.acme, By.DAY)).hasSize(1);
    house.later(Duration.ofDays(2));
    assertThat(house.lines(house.acme, By.DAY)).isEmpty();
    assertThat(findings(house.acme)).isEmpty();
    assertThat(usage.times(house.acme, house.vault.get(house.acme, UsageHouse.ref("db")).id()))
        .as("known three times as long")
        .isPresent();
    house.later(Duration.ofDays(7));
    assertThat(usage.times(house.acme, house.vault.get(house.acme, UsageHouse.ref("db")).id()))
        .isEmpty();
  }

  /** More changes than a page of them, of many batches. */
  @Test
  void manyChangesAreAllJudged() {
    Secret secret = house.put("db");
    house.use(house.acme, "db");
    house.later(Duration.ofDays(8));
    SecretUses uses = house.vault.uses();
    int actors = 2_300;
    for (int i = 0; i < actors; i++) {
      uses.count(
          ACME,
          secret.id().value(),
          Environment.PRODUCTION,
          new Actor(Actor.Kind.USER, "user-" + i),
          "",
          UseOutcome.OK,
          house.clock.millis(),
          null);
    }
    uses.flush();
    long written = house.rows().mark(house.acme).written();
    house.clock.tick(UsageUpkeep.INTERVAL);
    new JudgeOnly(house).run();
    assertThat(house.rows().findings(house.acme, "", "9", 10_000).size()).isEqualTo(actors + 1);
    assertThat(house.rows().mark(house.acme).analysed()).isEqualTo(written);
  }

  /** The due work itself, since a control plane runs much else. */
  private record JudgeOnly(UsageHouse house) {
    void run() {
      new UsageUpkeep(house.plane.runtime(), house.rows(), UsageSettings::defaults)
          .run(house.clock.instant());
    }
  }

  @Test
  void aValueIsInNothingThatIsKept() {
    String canary = "sk-CANARY-usage-0f9e8d7c";
    house.vault.put(house.acme, UsageHouse.ref("db"), SecretValue.of(canary));
    house.use(house.acme, "db", "search");
    house.vault.reveal(house.acme, UsageHouse.ref("db")).close();
    house.later(UsageWriter.INTERVAL);
    StringBuilder all = new StringBuilder();
    for (By by : By.values()) {
      all.append(house.lines(house.acme, by));
    }
    all.append(house.rows().access(house.acme, FROM, UNTIL, null, 100)).append(house.events);
    assertThat(all.toString()).contains("search").doesNotContain("CANARY");
  }
}
