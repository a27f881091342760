package io.tenantkit.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ratelimit.LimitStatus.Of;
import io.tenantkit.spi.Bucket;
import io.tenantkit.spi.CompactId;
import io.tenantkit.spi.Pace;
import io.tenantkit.tenant.OrganizationId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class LimitGroupTest {
  private static final OrganizationId ACME = OrganizationId.of("acme");
  private static final String ID = "key_01m7zrb8gp9y2bnc6t16dyr6pj";
  private static final long START = 1_795_262_400_000_000_000L;

  private static final RateLimit MINUTE = RateLimit.of("minute", 7, Duration.ofMinutes(1));
  private static final RateLimit HOUR = RateLimit.of("hour", 30, Duration.ofHours(1));
  private static final List<List<RateLimit>> LISTS =
      List.of(
          List.of(MINUTE, HOUR),
          List.of(RateLimit.of("minute", 7, Duration.ofMinutes(1)), HOUR),
          List.of(HOUR, MINUTE),
          List.of(HOUR),
          List.of(RateLimit.of("minute", 3, Duration.ofMinutes(2)), HOUR),
          List.of(MINUTE, RateLimit.of("day", 11, Duration.ofDays(1))));

  private static LimitGroup group() {
    return LimitGroup.of(ACME, ID);
  }

  private static LimitFacts facts(RateLimit rate) {
    return new LimitFacts(rate, Pace.of(rate), Of.KEY);
  }

  /**
   * Calls with some of the lists, and now and then one with the bucket itself, against buckets that
   * nobody makes smaller.
   *
   * @param lists how many of the lists are used
   */
  private static void countsAsPlainBuckets(Random random, int lists, boolean alsoByName) {
    LimitGroup group = group();
    Map<String, Bucket> plain = new TreeMap<>();
    long now = START;
    for (int call = 0; call < 200; call++) {
      now += random.nextLong(40_000_000_000L);
      List<RateLimit> rates = LISTS.get(random.nextInt(lists));
      int number = random.nextInt(rates.size());
      LimitFacts facts = facts(rates.get(number));
      boolean byName = alsoByName && random.nextInt(20) == 0;
      group.begin(rates);
      Bucket bucket = byName ? group.bucket(facts.limit().name()) : group.open(number, facts);
      Bucket model = plain.computeIfAbsent(facts.limit().name(), any -> new Bucket());

      boolean admitted = bucket.admits(facts.pace(), now, 2);
      assertThat(admitted).isEqualTo(model.admits(facts.pace(), now, 2));
      if (admitted) {
        bucket.take(facts.pace(), now, 2);
        model.take(facts.pace(), now, 2);
        if (!byName) {
          group.keep(number, bucket);
        }
      }
      assertThat(bucket.ticks()).isEqualTo(model.ticks());
      long when = now + random.nextLong(400_000_000_000L);
      assertThat(group.retireWhenIdle(when))
          .isEqualTo(plain.values().stream().allMatch(each -> each.isIdle(when)));
    }
  }

  @Test
  void countsAreThoseOfPlainBuckets() {
    for (int seed = 0; seed < 300; seed++) {
      countsAsPlainBuckets(new Random(seed), 1, false);
      countsAsPlainBuckets(new Random(seed), 2, false);
      countsAsPlainBuckets(new Random(seed), LISTS.size(), false);
      countsAsPlainBuckets(new Random(seed), LISTS.size(), true);
    }
  }

  @Test
  void bucketThatSomebodyHasIsTheOneThatOthersOpen() {
    LimitGroup group = group();
    group.begin(LISTS.get(0));
    Bucket held = group.bucket("minute");
    group.begin(LISTS.get(0));

    assertThat(group.open(0, facts(MINUTE))).isSameAs(held);
    assertThat(group.open(1, facts(HOUR))).isSameAs(group.bucket("hour"));
  }

  @Test
  void whatIsTakenAheadIsKeptToo() {
    long[] kept = new long[2 * Bucket.LONGS];
    Pace pace = Pace.of(MINUTE);
    Bucket bucket = new Bucket();
    bucket.lease(pace, START, 3);
    bucket.take(pace, START, 2);
    bucket.save(kept, Bucket.LONGS);

    Bucket again = Bucket.load(pace, kept, Bucket.LONGS);

    assertThat(again.ticks()).isEqualTo(bucket.ticks());
    assertThat(again.outstanding()).isEqualTo(3);
    assertThat(kept).startsWith(0, 0);
  }

  @Test
  void leasesAreHeldBesideCounts() {
    LimitGroup group = group();
    group.begin(LISTS.get(0));
    Bucket bucket = group.open(0, facts(MINUTE));
    bucket.take(facts(MINUTE).pace(), START, 7);
    group.keep(0, bucket);

    assertThat(group.allLeases()).isEmpty();
    assertThat(group.leases(HOUR.leased())).isSameAs(group.leases(HOUR.leased()));
    assertThat(group.allLeases()).hasSize(1);
    assertThat(group.open(0, facts(MINUTE)).admits(facts(MINUTE).pace(), START, 1)).isFalse();
    assertThat(group.retireWhenIdle(START)).isFalse();
    assertThat(group.retireWhenIdle(START + 60_000_000_001L)).isTrue();
  }

  @Test
  void groupIsEqualToThatOfTheSameSubjectOnly() {
    Random random = new Random(1);
    Set<LimitGroup> groups = new HashSet<>();
    Set<String> subjects =
        new HashSet<>(Set.of("", "key_1", ID, ID.replace('z', 'Z'), "KEY" + ID.substring(3)));
    for (int i = 0; i < 1_000; i++) {
      subjects.add(CompactId.text("key", random.nextLong(), random.nextLong()));
      subjects.add(CompactId.text("kex", 0, i));
      subjects.add(CompactId.text("key", 0, i));
    }
    for (String subject : subjects) {
      LimitGroup group = LimitGroup.of(ACME, subject);
      assertThat(group.subject()).isEqualTo(subject);
      assertThat(group.fresh()).isEqualTo(group).hasSameHashCodeAs(group).isNotSameAs(group);
      assertThat(group.fresh().subject()).isEqualTo(subject);
      assertThat(LimitGroup.of(OrganizationId.of("globex"), subject)).isNotEqualTo(group);
      groups.add(group);
    }
    assertThat(groups).hasSameSizeAs(subjects);
  }
}
