package io.tenantkit.vault.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ErrorCode;
import io.tenantkit.NotFoundException;
import io.tenantkit.TenantkitException;
import io.tenantkit.tck.Race;
import io.tenantkit.tck.StorageContract;
import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretId;
import io.tenantkit.vault.spi.SecretUsageBatch;
import io.tenantkit.vault.spi.SecretUsageBatch.Cost;
import io.tenantkit.vault.spi.SecretUsageBatch.Use;
import io.tenantkit.vault.spi.SecretUsageStore;
import io.tenantkit.vault.spi.SecretUsageStore.Changed;
import io.tenantkit.vault.spi.VaultStores;
import io.tenantkit.vault.usage.ActorAccess;
import io.tenantkit.vault.usage.AnomalyRule;
import io.tenantkit.vault.usage.CostLine;
import io.tenantkit.vault.usage.Finding;
import io.tenantkit.vault.usage.UsageHistory.HourCount;
import io.tenantkit.vault.usage.UsageHistory.Seen;
import io.tenantkit.vault.usage.UsageLine;
import io.tenantkit.vault.usage.UsageQuery;
import io.tenantkit.vault.usage.UsageQuery.By;
import io.tenantkit.vault.usage.UseOutcome;
import io.tenantkit.vault.usage.UseSubject;
import io.tenantkit.vault.usage.UseTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every storage of the uses of secrets must do. */
public abstract class SecretUsageStoreContract extends StorageContract {
  /** Half an hour before midnight, so that hours and days end within a test. */
  private static final Instant AT = Instant.parse("2026-03-21T23:30:00.123Z");

  private static final Instant DAY = Instant.parse("2026-03-21T00:00:00Z");
  private static final Duration ONE_DAY = Duration.ofDays(1);
  private static final Instant NEXT_DAY = DAY.plus(ONE_DAY);
  private static final Instant LATER = DAY.plus(Duration.ofDays(30));
  private static final Actor ADA = new Actor(Actor.Kind.USER, "ada");
  private static final Actor BOT = new Actor(Actor.Kind.AGENT, "bot");

  private SecretUsageStore usage;

  @BeforeEach
  final void openUsage() {
    usage = harness.storage().stores(VaultStores.class).orElseThrow().secretUsage();
  }

  private static UseSubject subject(String secret, Actor actor) {
    return new UseSubject(secret, Environment.PRODUCTION, actor, "");
  }

  private static Use use(String secret, Actor actor, UseOutcome outcome, long count, Instant at) {
    return new Use(subject(secret, actor), outcome, count, at, at, Optional.empty());
  }

  private static Use ok(String secret, Actor actor, long count, Instant at) {
    return use(secret, actor, UseOutcome.OK, count, at);
  }

  private boolean add(TenantContext context, String node, long sequence, Use... uses) {
    return usage.add(context, new SecretUsageBatch(node, sequence, List.of(uses), List.of()));
  }

  private List<UsageLine> lines(TenantContext context, UsageQuery query) {
    return usage.usage(context, query, null, 100);
  }

  private static UsageQuery all(By by) {
    return UsageQuery.by(by, DAY, LATER);
  }

  private static UsageLine line(String key, long ok, Instant first, Instant last) {
    return new UsageLine(key, ok, 0, 0, first, last);
  }

  @Test
  void withoutUsesThereIsNothing() {
    for (TenantContext context : List.of(acme, nobody)) {
      for (By by : By.values()) {
        assertThat(lines(context, all(by))).isEmpty();
      }
      assertThat(usage.times(context, "sec-1")).isEmpty();
      assertThat(usage.access(context, DAY, LATER, null, 10)).isEmpty();
      assertThat(usage.costs(context, DAY, LATER, Optional.empty(), null, 10)).isEmpty();
      assertThat(usage.seen(context, "sec-1", ADA, ""))
          .isEqualTo(new Seen(Optional.empty(), Optional.empty(), Optional.empty(), 0));
      assertThat(usage.hours(context, "sec-1", Optional.empty(), false, DAY, LATER)).isEmpty();
      assertThat(usage.lastDayBefore(context, "sec-1", LATER)).isEmpty();
      assertThat(usage.mark(context)).isEqualTo(new SecretUsageStore.Mark(0, 0));
      assertThat(usage.changed(context, 0, DAY, 10)).isEmpty();
      assertThat(usage.findings(context, "", "9", 10)).isEmpty();
      usage.analysed(context, 7);
      assertThat(usage.clean(context, LATER, LATER, LATER, LATER, 10)).isZero();
    }
    assertThat(usage.due(LATER, null, 10)).isEmpty();
  }

  private static Use from(String address, Actor actor, long count, Instant at) {
    return new Use(
        subject("sec-1", actor),
        UseOutcome.OK,
        count,
        at,
        at,
        address.isEmpty() ? Optional.empty() : Optional.of(address));
  }

  /** Of each hour's sum the last address is known. */
  @Test
  void usesAreFoundByTheAddressThatTheyCameFrom() {
    Instant next = AT.plus(Duration.ofHours(1));
    add(acme, "a", 1, from("192.0.2.9", ADA, 2, AT), from("", BOT, 4, AT));
    add(acme, "a", 2, from("192.0.2.10", ADA, 1, next), from("2001:db8::1", BOT, 8, next));
    add(acme, "a", 3, from("192.0.2.10", ADA, 16, next.plusSeconds(1)));
    add(globex, "a", 1, from("192.0.2.9", ADA, 32, AT));

    assertThat(lines(acme, all(By.ADDRESS)))
        .containsExactly(
            line("", 4, AT, AT),
            line("192.0.2.10", 17, next, next.plusSeconds(1)),
            line("192.0.2.9", 2, AT, AT),
            line("2001:db8::1", 8, next, next));
    assertThat(usage.usage(acme, all(By.ADDRESS), "192.0.2.10", 1))
        .extracting(UsageLine::key)
        .containsExactly("192.0.2.9");
    assertThat(lines(acme, all(By.ADDRESS).of(BOT)))
        .extracting(UsageLine::key)
        .containsExactly("", "2001:db8::1");
    assertThat(lines(acme, all(By.HOUR).fromAddress("192.0.2.10")))
        .containsExactly(line("2026-03-22T00:00:00Z", 17, next, next.plusSeconds(1)));
    assertThat(lines(acme, all(By.HOUR).fromAddress("192.0.2.77"))).isEmpty();
    assertThat(lines(acme.within(Set.of(Environment.STAGING)), all(By.ADDRESS))).isEmpty();
  }

  @Test
  void usesAddUpBySecretActorToolDayAndHour() {
    Instant next = AT.plus(Duration.ofHours(1));
    Use throughTool =
        new Use(
            new UseSubject("sec-1", Environment.PRODUCTION, BOT, "search"),
            UseOutcome.OK,
            5,
            AT,
            AT.plusSeconds(9),
            Optional.of("192.0.2.1"));
    assertThat(add(acme, "a", 1, ok("sec-1", ADA, 2, AT), throughTool)).isTrue();
    assertThat(
            add(
                acme,
                "a",
                2,
                ok("sec-1", ADA, 1, AT.minusSeconds(1)),
                ok("sec-1", ADA, 10, next),
                ok("sec-2", ADA, 4, next)))
        .isTrue();

    assertThat(lines(acme, all(By.SECRET)))
        .containsExactly(line("sec-1", 18, AT.minusSeconds(1), next), line("sec-2", 4, next, next));
    assertThat(lines(acme, all(By.ACTOR)))
        .containsExactly(
            line("AGENT:bot", 5, AT, AT.plusSeconds(9)),
            line("USER:ada", 17, AT.minusSeconds(1), next));
    assertThat(lines(acme, all(By.TOOL)))
        .containsExactly(
            line("", 17, AT.minusSeconds(1), next), line("search", 5, AT, AT.plusSeconds(9)));
    assertThat(lines(acme, all(By.DAY)))
        .containsExactly(
            line("2026-03-21T00:00:00Z", 8, AT.minusSeconds(1), AT.plusSeconds(9)),
            line("2026-03-22T00:00:00Z", 14, next, next));
    assertThat(lines(acme, all(By.HOUR)).stream().map(UsageLine::key))
        .containsExactly("2026-03-21T23:00:00Z", "2026-03-22T00:00:00Z");
    assertThat(lines(acme, all(By.DAY).of(new SecretId("sec-2"))))
        .containsExactly(line("2026-03-22T00:00:00Z", 4, next, next));
    assertThat(lines(acme, all(By.SECRET).of(BOT)))
        .containsExactly(line("sec-1", 5, AT, AT.plusSeconds(9)));
    assertThat(usage.times(acme, "sec-1")).contains(new UseTimes(18, AT.minusSeconds(1), next));
  }

  @Test
  void outcomesAreToldApart() {
    add(
        acme,
        "a",
        1,
        ok("sec-1", ADA, 1, AT),
        use("", ADA, UseOutcome.DENIED, 2, AT),
        use("", ADA, UseOutcome.NOT_FOUND, 3, AT),
        use("", ADA, UseOutcome.REJECTED, 5, AT),
        use("", ADA, UseOutcome.FAILED, 7, AT));

    assertThat(lines(acme, all(By.ACTOR)))
        .containsExactly(new UsageLine("USER:ada", 1, 5, 12, AT, AT));
    assertThat(usage.access(acme, DAY, LATER, null, 10))
        .containsExactly(
            new ActorAccess(subject("", ADA), 0, 5, 12, AT, AT),
            new ActorAccess(subject("sec-1", ADA), 1, 0, 0, AT, AT));
    assertThat(usage.hours(acme, "", Optional.of(ADA), true, DAY, NEXT_DAY))
        .containsExactly(new HourCount(Instant.parse("2026-03-21T23:00:00Z"), 5));
    assertThat(usage.times(acme, "")).isEmpty();
  }

  @Test
  void linesComeInPagesByKey() {
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      uses.add(ok("sec-" + i, new Actor(Actor.Kind.USER, "user " + i), 1, AT));
      uses.add(ok("sec-0", ADA, 1, AT.plus(Duration.ofDays(i)).minus(Duration.ofHours(2))));
    }
    usage.add(acme, new SecretUsageBatch("a", 1, uses, List.of()));

    for (By by : By.values()) {
      List<UsageLine> whole = lines(acme, all(by));
      List<UsageLine> paged = new ArrayList<>();
      List<UsageLine> page = usage.usage(acme, all(by), null, 2);
      while (!page.isEmpty()) {
        paged.addAll(page);
        page = usage.usage(acme, all(by), page.get(page.size() - 1).key(), 2);
      }
      assertThat(paged).as("%s", by).isEqualTo(whole).isNotEmpty();
    }
    List<ActorAccess> whole = usage.access(acme, DAY, LATER, null, 100);
    List<ActorAccess> paged = new ArrayList<>();
    List<ActorAccess> page = usage.access(acme, DAY, LATER, null, 3);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = usage.access(acme, DAY, LATER, page.get(page.size() - 1).subject(), 3);
    }
    assertThat(paged).isEqualTo(whole).hasSize(8);
  }

  @Test
  void daysAndHoursBeginInUtcWhereverTheHostIs() {
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
      add(acme, "a", 1, ok("sec-1", ADA, 1, AT));
      assertThat(lines(acme, all(By.DAY)).get(0).key()).isEqualTo("2026-03-21T00:00:00Z");
      TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
      add(acme, "a", 2, ok("sec-1", ADA, 1, AT));
      assertThat(lines(acme, all(By.DAY))).containsExactly(line("2026-03-21T00:00:00Z", 2, AT, AT));
      assertThat(lines(acme, UsageQuery.by(By.DAY, NEXT_DAY, LATER))).isEmpty();
      assertThat(usage.lastDayBefore(acme, "sec-1", NEXT_DAY)).contains(DAY);
      assertThat(usage.lastDayBefore(acme, "sec-1", DAY)).isEmpty();
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @Test
  void aBatchThatIsGivenAgainCountsOnceAlsoItsCosts() {
    Cost cost = new Cost("sec-1", Environment.PRODUCTION, DAY, "tokens", "EUR", 100, 5_000, 1);
    SecretUsageBatch first =
        new SecretUsageBatch("a", 3, List.of(ok("sec-1", ADA, 2, AT)), List.of(cost));
    assertThat(usage.add(acme, first)).isTrue();
    assertThat(usage.add(acme, first)).isFalse();
    assertThat(add(acme, "a", 2, ok("sec-1", ADA, 100, AT))).isFalse();
    assertThat(add(acme, "a", 4, ok("sec-1", ADA, 1, AT))).isTrue();
    assertThat(usage.add(acme, first)).isFalse();

    assertThat(lines(acme, all(By.SECRET))).containsExactly(line("sec-1", 3, AT, AT));
    assertThat(usage.costs(acme, DAY, LATER, Optional.empty(), null, 10))
        .containsExactly(
            new CostLine("sec-1", Environment.PRODUCTION, DAY, "tokens", "EUR", 100, 5_000, 1));
    assertThat(usage.mark(acme).written()).as("only what was written has a number").isEqualTo(2);
  }

  @Test
  void nodesAddAtTheSameTimeAndAgain() {
    Race.of(
        16,
        i -> {
          SecretUsageBatch batch =
              new SecretUsageBatch(
                  "node-" + i % 8,
                  1,
                  List.of(ok("sec-1", ADA, 1, AT), ok("sec-2", BOT, 2, AT)),
                  List.of(new Cost("sec-1", Environment.PRODUCTION, DAY, "calls", "", 1, 0, 1)));
          return usage.add(i % 2 == 0 ? acme : acme.limitedTo(acme.scopes()), batch);
        });

    assertThat(lines(acme, all(By.SECRET)))
        .containsExactly(line("sec-1", 8, AT, AT), line("sec-2", 16, AT, AT));
    assertThat(usage.costs(acme, DAY, LATER, Optional.empty(), null, 10))
        .extracting(CostLine::amount, CostLine::reports)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(8L, 8L));
    assertThat(usage.mark(acme).written()).isEqualTo(8);
  }

  @Test
  void fullBatchIsWritten() {
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < SecretUsageBatch.MOST; i++) {
      uses.add(ok("sec-" + i, ADA, 1, AT));
    }
    assertThat(usage.add(acme, new SecretUsageBatch("a", 1, uses, List.of()))).isTrue();
    assertThat(usage.usage(acme, all(By.SECRET), null, 1_000)).hasSize(SecretUsageBatch.MOST);
  }

  @Test
  void onlyEnvironmentsInReachAreTold() {
    Use development =
        new Use(
            new UseSubject("sec-dev", Environment.DEVELOPMENT, ADA, ""),
            UseOutcome.OK,
            1,
            AT,
            AT,
            Optional.empty());
    Cost cost = new Cost("sec-dev", Environment.DEVELOPMENT, DAY, "calls", "", 1, 0, 1);
    usage.add(
        acme,
        new SecretUsageBatch("a", 1, List.of(development, ok("sec-1", ADA, 2, AT)), List.of(cost)));
    Finding finding = finding(ACME, "20260321_dev", Environment.DEVELOPMENT);
    assertThat(usage.record(acme, finding, samples.event(ACME, "security.finding"))).isTrue();

    TenantContext production = acme.within(Set.of(Environment.PRODUCTION));
    TenantContext others = acme.within(Set.of(Environment.DEVELOPMENT, Environment.STAGING));
    assertThat(lines(production, all(By.SECRET))).extracting(UsageLine::key).containsOnly("sec-1");
    assertThat(lines(others, all(By.SECRET))).extracting(UsageLine::key).containsOnly("sec-dev");
    assertThat(usage.times(production, "sec-dev")).isEmpty();
    assertThat(usage.times(others, "sec-dev")).isPresent();
    assertThat(usage.access(production, DAY, LATER, null, 10)).hasSize(1);
    assertThat(usage.costs(production, DAY, LATER, Optional.empty(), null, 10)).isEmpty();
    assertThat(usage.costs(others, DAY, LATER, Optional.empty(), null, 10)).hasSize(1);
    assertThat(usage.findings(production, "", "9", 10)).isEmpty();
    assertThat(usage.findings(others, "", "9", 10)).containsExactly(finding);
  }

  private static Finding finding(OrganizationId organization, String id, Environment environment) {
    return new Finding(
        id,
        organization,
        new UseSubject("sec-1", environment, ADA, "search"),
        AnomalyRule.BURST,
        Instant.parse("2026-03-21T23:00:00Z"),
        1,
        2,
        3);
  }

  @Test
  void anotherTenantsUsesAreNotSeenNorAddedTo() {
    add(acme, "a", 1, ok("sec-1", ADA, 2, AT));
    assertThat(add(globex, "a", 1, ok("sec-1", ADA, 40, AT))).isTrue();
    usage.record(
        globex,
        finding(GLOBEX, "20260321_x", Environment.PRODUCTION),
        samples.event(GLOBEX, "security.finding"));

    assertThat(lines(acme, all(By.SECRET))).containsExactly(line("sec-1", 2, AT, AT));
    assertThat(lines(globex, all(By.SECRET))).containsExactly(line("sec-1", 40, AT, AT));
    assertThat(usage.times(acme, "sec-1")).contains(new UseTimes(2, AT, AT));
    assertThat(usage.hours(acme, "sec-1", Optional.of(ADA), false, DAY, NEXT_DAY))
        .extracting(HourCount::uses)
        .containsExactly(2L);
    assertThat(usage.findings(acme, "", "9", 10)).isEmpty();
    assertThat(usage.changed(acme, 0, DAY, 10)).extracting(Changed::uses).containsExactly(2L);
    assertThat(usage.clean(acme, LATER, LATER, LATER, LATER, 100)).isEqualTo(3);
    assertThat(lines(globex, all(By.SECRET))).hasSize(1);
    assertThat(lines(nobody, all(By.SECRET))).isEmpty();
  }

  @Test
  void organizationThatDoesNotExistGetsNothing() {
    assertThatThrownBy(() -> add(nobody, "a", 1, ok("sec-1", ADA, 2, AT)))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("organization not found");
    assertThatThrownBy(
            () ->
                usage.record(
                    nobody,
                    finding(NOBODY, "20260321_x", Environment.PRODUCTION),
                    samples.event(NOBODY, "x")))
        .isInstanceOf(NotFoundException.class);
    assertThat(usage.due(LATER, null, 10)).isEmpty();
  }

  @Test
  void whoUsedASecretFirstIsKnown() {
    Use throughTool =
        new Use(
            new UseSubject("sec-1", Environment.PRODUCTION, BOT, "search"),
            UseOutcome.OK,
            1,
            AT.plusSeconds(50),
            AT.plusSeconds(60),
            Optional.empty());
    add(
        acme,
        "a",
        1,
        ok("sec-1", ADA, 1, AT),
        throughTool,
        ok("sec-1", BOT, 1, AT.plusSeconds(20)),
        use("sec-1", new Actor(Actor.Kind.USER, "eve"), UseOutcome.REJECTED, 1, AT));

    assertThat(usage.seen(acme, "sec-1", BOT, "search"))
        .isEqualTo(
            new Seen(
                Optional.of(AT),
                Optional.of(AT.plusSeconds(20)),
                Optional.of(AT.plusSeconds(50)),
                2));
    assertThat(usage.seen(acme, "sec-1", ADA, "search"))
        .isEqualTo(new Seen(Optional.of(AT), Optional.of(AT), Optional.empty(), 2));
  }

  @Test
  void changesAreToldOnceByTheirNumber() {
    add(acme, "a", 1, ok("sec-1", ADA, 1, AT), ok("sec-2", ADA, 1, AT));
    add(acme, "b", 1, ok("sec-3", ADA, 1, AT));
    assertThat(usage.mark(acme)).isEqualTo(new SecretUsageStore.Mark(2, 0));
    assertThat(usage.changed(acme, 0, DAY, 10))
        .extracting(Changed::number)
        .containsExactly(1L, 1L, 2L);
    assertThat(usage.due(DAY.minus(ONE_DAY).minus(Duration.ofDays(40_000)), null, 10))
        .containsExactly(ACME);

    usage.analysed(acme, 2);
    usage.analysed(acme, 1);
    assertThat(usage.mark(acme)).as("never back").isEqualTo(new SecretUsageStore.Mark(2, 2));
    assertThat(usage.changed(acme, 2, DAY, 10)).isEmpty();

    add(acme, "a", 2, ok("sec-1", ADA, 5, AT));
    assertThat(usage.changed(acme, 2, DAY, 10))
        .containsExactly(
            new Changed(
                subject("sec-1", ADA), true, false, Instant.parse("2026-03-21T23:00:00Z"), 6, 3));
    assertThat(usage.changed(acme, 0, NEXT_DAY, 10)).as("too long ago").isEmpty();
    assertThat(usage.changed(acme, 0, DAY, 1))
        .as("the oldest first")
        .extracting(Changed::number)
        .containsExactly(1L);
  }

  @Test
  void aFindingIsTakenOnceWithItsEvent() {
    Finding finding = finding(ACME, "20260321_a", Environment.PRODUCTION);
    List<Boolean> taken =
        Race.of(8, i -> usage.record(acme, finding, event("security.finding", i)));
    assertThat(taken).containsOnlyOnce(true);
    assertThat(actions(acme)).containsExactly("security.finding");
    assertThat(usage.findings(acme, "20260321", "20260322", 10)).containsExactly(finding);
    assertThat(usage.findings(acme, finding.id(), "20260322", 10)).isEmpty();
    assertThat(usage.findings(acme, "20260320", "20260321", 10)).isEmpty();

    assertThatThrownBy(
            () ->
                usage.record(
                    acme,
                    finding(GLOBEX, "20260321_b", Environment.PRODUCTION),
                    samples.event(ACME, "x")))
        .isInstanceOfSatisfying(
            TenantkitException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
    assertThat(actions(globex)).isEmpty();
  }

  /** Samples count on, which two threads may not do at once. */
  private io.tenantkit.audit.AuditEvent event(String action, int i) {
    synchronized (samples) {
      return samples.event(ACME, action).with("i", Integer.toString(i));
    }
  }

  @Test
  void costsComeBySecretAndDayInPages() {
    List<Cost> costs = new ArrayList<>();
    for (int day = 0; day < 3; day++) {
      Instant at = DAY.plus(Duration.ofDays(day));
      costs.add(new Cost("sec-1", Environment.PRODUCTION, at, "tokens", "EUR", 10, 7, 1));
      costs.add(new Cost("sec-1", Environment.PRODUCTION, at, "tokens", "USD", 10, 7, 1));
      costs.add(new Cost("sec-2", Environment.PRODUCTION, at, "calls", "", 1, 0, 2));
    }
    usage.add(acme, new SecretUsageBatch("a", 1, List.of(), costs));
    usage.add(acme, new SecretUsageBatch("b", 1, List.of(), costs));

    List<CostLine> whole = usage.costs(acme, DAY, LATER, Optional.empty(), null, 100);
    assertThat(whole).hasSize(9).allMatch(line -> line.amount() == 20 || line.amount() == 2);
    List<CostLine> paged = new ArrayList<>();
    List<CostLine> page = usage.costs(acme, DAY, LATER, Optional.empty(), null, 2);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = usage.costs(acme, DAY, LATER, Optional.empty(), page.get(page.size() - 1), 2);
    }
    assertThat(paged).isEqualTo(whole);
    assertThat(usage.costs(acme, NEXT_DAY, LATER, Optional.of("sec-2"), null, 100))
        .extracting(CostLine::day)
        .containsExactly(NEXT_DAY, NEXT_DAY.plus(ONE_DAY));
  }

  @Test
  void costsStopAtTheTop() {
    long much = 5_000_000_000_000_000_000L;
    Cost cost = new Cost("sec-1", Environment.PRODUCTION, DAY, "tokens", "EUR", much, much, 1);
    usage.add(acme, new SecretUsageBatch("a", 1, List.of(), List.of(cost)));
    usage.add(acme, new SecretUsageBatch("a", 2, List.of(), List.of(cost)));
    assertThat(usage.costs(acme, DAY, LATER, Optional.empty(), null, 10))
        .extracting(CostLine::amount)
        .containsExactly(9_000_000_000_000_000_000L);
  }

  @Test
  void whatIsTooOldIsRemovedInPartsAndTheRestStays() {
    List<Use> uses = new ArrayList<>();
    for (int day = 0; day < 6; day++) {
      uses.add(ok("sec-1", ADA, 1, AT.plus(Duration.ofDays(day))));
    }
    uses.add(ok("sec-old", ADA, 1, AT));
    Cost cost = new Cost("sec-1", Environment.PRODUCTION, DAY, "calls", "", 1, 0, 1);
    usage.add(acme, new SecretUsageBatch("a", 1, uses, List.of(cost)));
    usage.record(
        acme,
        finding(ACME, "20260321_a", Environment.PRODUCTION),
        samples.event(ACME, "security.finding"));
    usage.analysed(acme, 1);

    Instant hours = DAY.plus(Duration.ofDays(4));
    Instant days = DAY.plus(Duration.ofDays(2));
    Instant ever = DAY.plus(Duration.ofDays(1));
    assertThat(usage.due(LATER, null, 10)).containsExactly(ACME);
    int removed = 0;
    int part;
    do {
      part = usage.clean(acme, hours, days, ever, LATER, 1);
      assertThat(part).isLessThanOrEqualTo(5);
      removed += part;
    } while (part > 0);

    // Five hours, three days, one of all time, one cost, one finding.
    assertThat(removed).isEqualTo(5 + 3 + 1 + 1 + 1);
    assertThat(usage.due(LATER, null, 10)).as("it was cleaned then").isEmpty();
    assertThat(usage.due(LATER.plusSeconds(1), null, 10)).containsExactly(ACME);
    assertThat(usage.due(LATER.plusSeconds(1), "acme", 10)).isEmpty();
    assertThat(lines(acme, all(By.HOUR))).hasSize(2);
    assertThat(lines(acme, all(By.DAY))).hasSize(4);
    assertThat(usage.times(acme, "sec-1").orElseThrow().uses()).isEqualTo(6);
    assertThat(usage.times(acme, "sec-old")).isEmpty();
    assertThat(usage.findings(acme, "", "9", 10)).isEmpty();
  }
}
