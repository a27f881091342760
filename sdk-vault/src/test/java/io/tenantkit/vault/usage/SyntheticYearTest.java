package io.tenantkit.vault.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tenant.Actor;
import io.tenantkit.tenant.Environment;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.spi.SecretUsageStore.Changed;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A year of an organization, hour by hour, from a seed: services that work around the clock, people
 * who work by day, a job at night, one at the end of each month, a client that is always refused.
 * What was put into it must be found, and little else.
 */
class SyntheticYearTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");

  /** A Thursday. */
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private static final int HOURS = 365 * 24;
  private static final Actor API = new Actor(Actor.Kind.API_KEY, "key_api");
  private static final Actor WORKER = new Actor(Actor.Kind.API_KEY, "key_worker");
  private static final Actor NIGHTLY = new Actor(Actor.Kind.API_KEY, "key_nightly");
  private static final Actor MONTHLY = new Actor(Actor.Kind.API_KEY, "key_monthly");
  private static final Actor BROKEN = new Actor(Actor.Kind.API_KEY, "key_broken");
  private static final Actor THIEF = new Actor(Actor.Kind.API_KEY, "key_thief");
  private static final List<Actor> PEOPLE = people(12);

  private static List<Actor> people(int count) {
    List<Actor> people = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      people.add(new Actor(Actor.Kind.USER, "person-" + i));
    }
    return people;
  }

  /** All sums of the year so far, as a database would have them. */
  private static final class Year implements UsageHistory {
    private record Series(String secret, Actor actor, boolean refused) {}

    private final Map<Series, NavigableMap<Instant, Long>> hours = new HashMap<>();
    private final Map<String, NavigableMap<Instant, Long>> bySecret = new HashMap<>();
    private final Map<List<Object>, Instant> first = new LinkedHashMap<>();
    private final Map<String, Set<Actor>> actors = new HashMap<>();

    Optional<Changed> add(UseSubject subject, boolean refused, Instant hour, long uses) {
      if (uses == 0) {
        return Optional.empty();
      }
      String secret = refused ? "" : subject.secret();
      hours
          .computeIfAbsent(new Series(secret, subject.actor(), refused), any -> new TreeMap<>())
          .merge(hour, uses, Long::sum);
      if (!refused) {
        bySecret.computeIfAbsent(secret, any -> new TreeMap<>()).merge(hour, uses, Long::sum);
        first.putIfAbsent(List.of(secret), hour);
        first.putIfAbsent(List.of(secret, subject.actor()), hour);
        first.putIfAbsent(List.of(secret, subject.actor(), subject.tool()), hour);
        actors.computeIfAbsent(secret, any -> new HashSet<>()).add(subject.actor());
      }
      UseSubject shown =
          new UseSubject(secret, subject.environment(), subject.actor(), subject.tool());
      return Optional.of(new Changed(shown, !refused, refused, hour, uses, 1));
    }

    @Override
    public Seen seen(String secret, Actor actor, String tool) {
      return new Seen(
          Optional.ofNullable(first.get(List.of(secret))),
          Optional.ofNullable(first.get(List.of(secret, actor))),
          Optional.ofNullable(first.get(List.of(secret, actor, tool))),
          actors.getOrDefault(secret, Set.of()).size());
    }

    @Override
    public List<HourCount> hours(
        String secret, Optional<Actor> actor, boolean refused, Instant from, Instant until) {
      NavigableMap<Instant, Long> series =
          actor.isPresent()
              ? hours.getOrDefault(new Series(secret, actor.get(), refused), new TreeMap<>())
              : bySecret.getOrDefault(secret, new TreeMap<>());
      return series.subMap(from, true, until, false).entrySet().stream()
          .map(entry -> new HourCount(entry.getKey(), entry.getValue()))
          .toList();
    }

    @Override
    public Optional<Instant> lastDayBefore(String secret, Instant day) {
      return Optional.ofNullable(bySecret.getOrDefault(secret, new TreeMap<>()).lowerKey(day))
          .map(hour -> hour.truncatedTo(ChronoUnit.DAYS));
    }
  }

  /** What was put in, and by what it must be found. */
  private record Injected(AnomalyRule rule, String secret, Actor actor, Instant hour) {
    boolean isFoundBy(Finding finding) {
      return finding.rule() == rule
          && finding.subject().secret().equals(secret)
          && (rule == AnomalyRule.BURST
              || rule == AnomalyRule.DORMANT_USED
              || finding.subject().actor().equals(actor))
          && UsageGrain.DAY.start(finding.at()).equals(UsageGrain.DAY.start(hour));
    }
  }

  private static UseSubject subject(String secret, Actor actor, String tool) {
    return new UseSubject(secret, Environment.PRODUCTION, actor, tool);
  }

  private static Instant hour(int day, int hour) {
    return BEGIN.plus(Duration.ofDays(day)).plus(Duration.ofHours(hour));
  }

  private Random random = new Random();

  /** Counts scatter as arrivals do. */
  private long poisson(double mean) {
    if (mean > 60) {
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    long count = 0;
    while (product > limit) {
      count++;
      product *= random.nextDouble();
    }
    return count;
  }

  /** Everybody's usual hour. */
  private List<Changed> usual(Year year, Instant hour) {
    List<Changed> changes = new ArrayList<>();
    ZonedDateTime time = hour.atZone(ZoneOffset.UTC);
    boolean weekend = time.getDayOfWeek().getValue() >= 6;
    double daylight = 1 + Math.cos((time.getHour() - 14) / 24.0 * 2 * Math.PI);
    add(changes, year, "sec_db", API, "", poisson(weekend ? 60 * daylight : 200 * daylight));
    add(changes, year, "sec_queue", WORKER, "", poisson(30));
    add(changes, year, "sec_small", WORKER, "", poisson(0.5));
    if (time.getHour() == 2) {
      add(changes, year, "sec_backup", NIGHTLY, "", 20 + poisson(5));
    }
    if (time.getDayOfMonth() == 1 && time.getHour() == 6) {
      add(changes, year, "sec_billing", MONTHLY, "", 120 + poisson(20));
    }
    for (int i = 0; i < PEOPLE.size(); i++) {
      boolean atWork = !weekend && time.getHour() >= 8 + i % 2 && time.getHour() < 17 + i % 2;
      if (atWork && random.nextInt(100) < 60) {
        add(changes, year, "sec_panel", PEOPLE.get(i), "browser", 1 + poisson(2));
      }
      // Nobody is at work each day of the year, and everybody mistypes now and then.
      if (atWork && random.nextInt(200) == 0) {
        year.add(subject("", PEOPLE.get(i), ""), true, hour, 1 + random.nextInt(3))
            .ifPresent(changes::add);
      }
    }
    year.add(subject("", BROKEN, ""), true, hour, poisson(12)).ifPresent(changes::add);
    return changes;
  }

  private Instant now = BEGIN;

  private void add(
      List<Changed> changes, Year year, String secret, Actor actor, String tool, long uses) {
    year.add(subject(secret, actor, tool), false, now, uses).ifPresent(changes::add);
  }

  @ParameterizedTest
  @ValueSource(longs = {20260101, 1, 5})
  void whatWasPutInIsFoundAndLittleElse(long seed) {
    random = new Random(seed);
    Map<Instant, List<Injected>> injected = new TreeMap<>();
    inject(injected, AnomalyRule.NEW_ACTOR, "sec_db", THIEF, hour(60, 11));
    inject(injected, AnomalyRule.NEW_ACTOR, "sec_backup", THIEF, hour(100, 4));
    inject(injected, AnomalyRule.NEW_ACTOR, "sec_panel", API, hour(200, 9));
    inject(injected, AnomalyRule.NEW_TOOL, "sec_panel", PEOPLE.get(3), hour(89, 10));
    inject(injected, AnomalyRule.NEW_TOOL, "sec_queue", WORKER, hour(300, 22));
    inject(injected, AnomalyRule.BURST, "sec_queue", WORKER, hour(75, 3));
    inject(injected, AnomalyRule.BURST, "sec_db", API, hour(150, 14));
    inject(injected, AnomalyRule.BURST, "sec_small", WORKER, hour(222, 19));
    inject(injected, AnomalyRule.BURST, "sec_backup", NIGHTLY, hour(310, 2));
    inject(injected, AnomalyRule.UNUSUAL_HOUR, "sec_panel", PEOPLE.get(0), hour(88, 3));
    inject(injected, AnomalyRule.UNUSUAL_HOUR, "sec_panel", PEOPLE.get(5), hour(163, 23));
    inject(injected, AnomalyRule.UNUSUAL_HOUR, "sec_panel", PEOPLE.get(7), hour(247, 12));
    inject(injected, AnomalyRule.UNUSUAL_HOUR, "sec_backup", NIGHTLY, hour(280, 15));
    inject(injected, AnomalyRule.DENIED_STREAK, "", THIEF, hour(61, 12));
    inject(injected, AnomalyRule.DENIED_STREAK, "", PEOPLE.get(2), hour(181, 10));
    inject(injected, AnomalyRule.DENIED_STREAK, "", BROKEN, hour(260, 5));
    inject(injected, AnomalyRule.DORMANT_USED, "sec_old", API, hour(200, 13));
    inject(injected, AnomalyRule.DORMANT_USED, "sec_older", API, hour(340, 13));

    Year year = new Year();
    AnomalyRules rules = new AnomalyRules(AnomalyThresholds.defaults());
    Map<String, Finding> findings = new LinkedHashMap<>();
    long judged = 0;
    for (int i = 0; i < HOURS; i++) {
      now = BEGIN.plus(Duration.ofHours(i));
      List<Changed> changes = usual(year, now);
      if (i < 48) {
        add(changes, year, "sec_old", API, "", 1);
        add(changes, year, "sec_older", API, "", 1);
      }
      for (Injected each : injected.getOrDefault(now, List.of())) {
        putIn(changes, year, each);
      }
      AnomalyWatch watch = new AnomalyWatch(rules, year);
      for (Changed change : changes) {
        judged++;
        watch.judge(ACME, change).forEach(finding -> findings.put(finding.id(), finding));
      }
    }

    List<Injected> missed = new ArrayList<>();
    Set<Finding> expected = new HashSet<>();
    injected.values().stream()
        .flatMap(List::stream)
        .forEach(
            each -> {
              List<Finding> found = findings.values().stream().filter(each::isFoundBy).toList();
              expected.addAll(found);
              if (found.isEmpty()) {
                missed.add(each);
              }
            });
    List<Finding> falseAlarms =
        findings.values().stream()
            .filter(finding -> !expected.contains(finding))
            .filter(finding -> !comesWith(injected, finding))
            .toList();
    assertThat(judged).as("sums that were judged").isGreaterThan(40_000);
    assertThat(missed).as("of 18 that were put in").isEmpty();
    assertThat(falseAlarms).as("false alarms of a year").hasSizeLessThanOrEqualTo(MOST_FALSE);
  }

  /**
   * In the whole year, of all rules and some 46,700 sums together. Three come with every seed: what
   * is refused all the time is not usual yet on its first two days, and what runs once a month was
   * not seen for four weeks when the month has more days. One more is chance: of six seeds that
   * were tried, the last of these has it, a rare service's hour on a Sunday.
   */
  private static final int MOST_FALSE = 4;

  /**
   * What else the same use is: a thief's first one, with a tool of its own or at an hour at which
   * nobody works. Nobody else's finding, and none of another hour, comes with it.
   */
  private static boolean comesWith(Map<Instant, List<Injected>> injected, Finding finding) {
    Instant hour = UsageGrain.HOUR.start(finding.at());
    return injected.getOrDefault(hour, List.of()).stream()
        .anyMatch(
            each ->
                each.secret().equals(finding.subject().secret())
                    && each.actor().equals(finding.subject().actor())
                    && finding.rule() != AnomalyRule.DENIED_STREAK);
  }

  private static void inject(
      Map<Instant, List<Injected>> injected,
      AnomalyRule rule,
      String secret,
      Actor actor,
      Instant hour) {
    injected
        .computeIfAbsent(hour, any -> new ArrayList<>())
        .add(new Injected(rule, secret, actor, hour));
  }

  private void putIn(List<Changed> changes, Year year, Injected each) {
    switch (each.rule()) {
      case NEW_ACTOR -> add(changes, year, each.secret(), each.actor(), "", 2);
      case NEW_TOOL -> add(changes, year, each.secret(), each.actor(), "exporter", 1);
      case BURST -> {
        long usual = each.secret().equals("sec_db") ? 2_000 : 150;
        add(changes, year, each.secret(), each.actor(), "", usual);
      }
      case UNUSUAL_HOUR -> add(changes, year, each.secret(), each.actor(), "browser", 2);
      case DENIED_STREAK ->
          year.add(
                  subject("", each.actor(), ""),
                  true,
                  each.hour(),
                  each.actor().equals(BROKEN) ? 150 : 15)
              .ifPresent(changes::add);
      case DORMANT_USED -> add(changes, year, each.secret(), each.actor(), "", 1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {20260101, 1, 5})
  void aQuietYearRaisesNothingToSpeakOf(long seed) {
    random = new Random(seed);
    Year year = new Year();
    AnomalyRules rules = new AnomalyRules(AnomalyThresholds.defaults());
    Map<String, Finding> findings = new LinkedHashMap<>();
    for (int i = 0; i < HOURS; i++) {
      now = BEGIN.plus(Duration.ofHours(i));
      AnomalyWatch watch = new AnomalyWatch(rules, year);
      for (Changed change : usual(year, now)) {
        watch.judge(ACME, change).forEach(finding -> findings.put(finding.id(), finding));
      }
    }
    assertThat(findings.values()).as("all of these are false").hasSizeLessThanOrEqualTo(MOST_FALSE);
  }
}
