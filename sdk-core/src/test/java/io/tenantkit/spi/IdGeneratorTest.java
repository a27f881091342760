package io.tenantkit.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Race;
import io.tenantkit.testing.InsecureFixedRandom;
import io.tenantkit.testing.TickingClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdGeneratorTest {
  private static final Instant START = Instant.parse("2026-11-21T12:00:00.123Z");
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private final TickingClock clock = TickingClock.at(START);
  private final IdGenerator ids = new IdGenerator(clock, new InsecureFixedRandom(1));

  @Test
  void idIsThePrefixAnd26LowerCaseCharacters() {
    assertThat(ids.next("key")).matches("key_[0-9a-hjkmnp-tv-z]{26}");
    assertThat(ids.next("evt")).matches("evt_[0-9a-hjkmnp-tv-z]{26}");
  }

  @Test
  void timeCanBeReadFromTheId() {
    assertThat(millisOf(ids.next("key"))).isEqualTo(START.toEpochMilli());
    clock.tick(Duration.ofDays(10_000));
    assertThat(millisOf(ids.next("key"))).isEqualTo(clock.millis());
  }

  @Test
  void idsAscendWithinAMillisecondOverTimeAndWhenTheClockIsSetBack() {
    String before = ids.next("key");
    for (int i = 0; i < 10_000; i++) {
      if (i % 7 == 0) {
        clock.tick(Duration.ofMillis(i % 2 == 0 ? 1 : -5));
      }
      String next = ids.next("key");
      assertThat(next).isGreaterThan(before);
      before = next;
    }
  }

  @Test
  void idsAscendAcrossTheCarryOfTheirLowBits() {
    IdGenerator full = new IdGenerator(clock, new AllOnes());
    String first = full.next("key");
    String second = full.next("key");

    assertThat(second).isGreaterThan(first);
  }

  @Test
  void idsAscendInEachThreadAndAreNeverGivenTwice() {
    List<List<String>> perThread =
        Race.of(
            Race.THREADS,
            thread -> {
              List<String> made = new ArrayList<>();
              for (int i = 0; i < 2_000; i++) {
                if (i % 100 == 0) {
                  clock.tick(Duration.ofMillis(thread % 2 == 0 ? 2 : -1));
                }
                made.add(ids.next("key"));
              }
              return made;
            });

    Set<String> all = new HashSet<>();
    for (List<String> made : perThread) {
      assertThat(made).isSorted();
      all.addAll(made);
    }
    assertThat(all).hasSize(Race.THREADS * 2_000);
  }

  private static long millisOf(String id) {
    java.math.BigInteger bits = java.math.BigInteger.ZERO;
    for (char c : id.substring(id.length() - 26).toCharArray()) {
      bits = bits.shiftLeft(5).or(java.math.BigInteger.valueOf(ALPHABET.indexOf(c)));
    }
    return bits.shiftRight(80).longValueExact();
  }

  /** The low 64 bits are full from the first id on, and the 16 above them are not. */
  private static final class AllOnes extends SecureRandom {
    private static final long serialVersionUID = 1L;

    @Override
    public int nextInt() {
      return 0;
    }

    @Override
    public long nextLong() {
      return -1;
    }
  }
}
