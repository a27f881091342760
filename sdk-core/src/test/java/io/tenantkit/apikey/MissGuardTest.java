package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.tck.Samples;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Strangers with random keys neither reach the database at will nor cost others their keys. */
class MissGuardTest extends ApiKeyTestBase {
  private static final int STRANGERS = 1_000_000;

  private final MissGuard guard = new MissGuard();
  private final long now = START.toEpochMilli();

  private static InetAddress address(int... bytes) throws UnknownHostException {
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = (byte) bytes[i];
    }
    return InetAddress.getByAddress(address);
  }

  private int granted(@Nullable InetAddress source, int calls, long at) {
    int granted = 0;
    for (int i = 0; i < calls; i++) {
      granted += guard.take(source, at) == 0 ? 1 : 0;
    }
    return granted;
  }

  @Test
  void millionRandomKeysReachTheStorageAsOftenAsTheBudgetSaysAndEvictNothing() {
    List<IssuedApiKey> known = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      known.add(create());
      assertValid(verify(known.get(i)));
    }
    int lookups = storage.lookups();
    Random random = new Random(1);
    for (int i = 0; i < STRANGERS; i++) {
      String stranger = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
      assertThat(keys.verify(stranger, ScopeQuery.none())).isInstanceOf(Verdict.Refused.class);
    }

    assertThat(storage.lookups() - lookups).isEqualTo(MissGuard.OF_ALL.burst());
    known.forEach(each -> assertValid(verify(each)));
    assertThat(storage.lookups() - lookups).isEqualTo(MissGuard.OF_ALL.burst());
    // Also when they have to be read again, while strangers go on.
    clock.tick(Duration.ofSeconds(2));
    granted(null, 10_000, clock.millis());
    known.forEach(each -> assertValid(verify(each)));
  }

  @Test
  void sameUnknownKeyIsAskedForOnceWithinTheBound() {
    for (int i = 0; i < 10; i++) {
      assertRefused(keys.verify("nobody's", ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    }
    assertThat(storage.lookups()).isEqualTo(1);
    clock.tick(Duration.ofSeconds(2));
    assertRefused(keys.verify("nobody's", ScopeQuery.none()), Verdict.Reason.NOT_FOUND);
    assertThat(storage.lookups()).isEqualTo(2);
  }

  @Test
  void keysThatAreFoundCostNothing() {
    for (int i = 0; i < 3 * MissGuard.OF_ALL.burst(); i++) {
      assertThat(guard.ask(null, now)).isZero();
      guard.found(Samples.hash("key-" + i));
    }
  }

  @Test
  void eachAddressHasItsOwnBudget() throws Exception {
    InetAddress one = address(192, 0, 2, 1);
    InetAddress another = address(192, 0, 2, 2);
    assertThat(granted(one, 1_000, now)).isEqualTo(MissGuard.OF_A_SOURCE.burst());
    assertThat(granted(another, 1_000, now)).isEqualTo(MissGuard.OF_A_SOURCE.burst());
    assertThat(granted(one, 1_000, now + 1_000)).isEqualTo(MissGuard.OF_A_SOURCE.perSecond());
  }

  @Test
  void ipv6NetworkIsOneSource() throws Exception {
    InetAddress one = address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1);
    InetAddress sibling = address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9);
    InetAddress stranger = address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1);
    granted(one, 1_000, now);

    assertThat(granted(sibling, 10, now)).isZero();
    assertThat(granted(stranger, 10, now)).isEqualTo(10);
  }

  @Test
  void allAddressesTogetherHaveOneToo() throws Exception {
    int granted = 0;
    for (int i = 0; i < 100; i++) {
      granted += granted(address(198, 51, 100, i), 100, now);
    }
    assertThat(granted).isEqualTo(MissGuard.OF_ALL.burst());
  }

  @Test
  void waitThatIsToldIsEnoughAndNoLongerThanNeeded() {
    granted(null, 10_000, now);
    long wait = guard.take(null, now);

    assertThat(wait).isEqualTo(1_000 / MissGuard.OF_ALL.perSecond());
    assertThat(guard.take(null, now + wait - 1)).isPositive();
    assertThat(guard.take(null, now + wait)).isZero();
  }

  @Test
  void steadyStrangerBelowTheRateIsNeverHeld() throws Exception {
    InetAddress source = address(192, 0, 2, 1);
    for (int i = 0; i < 10_000; i++) {
      assertThat(guard.take(source, now + 100L * i)).isZero();
    }
  }

  @Test
  void hashThatWasFoundIsKnown() {
    guard.found(Samples.hash("a"));

    assertThat(guard.isKnown(Samples.hash("a"))).isTrue();
    assertThat(guard.isKnown(Samples.hash("b"))).isFalse();
  }
}
