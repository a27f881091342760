package io.tenantkit.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.metric.MeterNames;
import io.tenantkit.metric.Metrics;
import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** What a host's metrics are told of verifications. */
class VerifyMetersTest extends ApiKeyTestBase {
  private final Recording recorded = new Recording();

  /** What each meter was told, by its name and the values of its tags. */
  private static final class Recording implements Metrics {
    private final Map<String, AtomicLong> counts = new TreeMap<>();
    private final Map<String, AtomicLong> times = new TreeMap<>();

    private static AtomicLong of(Map<String, AtomicLong> all, String name, String... tags) {
      String key = tags.length == 0 ? name : name + " " + tags[1];
      return all.computeIfAbsent(key, any -> new AtomicLong());
    }

    @Override
    public Counter counter(String name, String... tags) {
      return of(counts, name, tags)::addAndGet;
    }

    @Override
    public Timer timer(String name, String... tags) {
      AtomicLong times = of(this.times, name, tags);
      return nanos -> {
        assertThat(nanos).isNotNegative();
        times.incrementAndGet();
      };
    }

    @Override
    public void gauge(String name, LongSupplier value, String... tags) {}

    long count(String name) {
      return counts.get(name).get();
    }

    long times(String name) {
      return times.get(name).get();
    }
  }

  @Test
  void verdictsAndHowTheyCameAboutAreCounted() throws Exception {
    IssuedApiKey key = keys.create(acme, NewApiKey.live("k").scopes("flows:read"));
    InetAddress stranger = InetAddress.getByName("192.0.2.7");
    try (ControlPlane measured =
        ControlPlane.builder(storage, masterKeys())
            .clock(clock)
            .metrics(recorded)
            .manualMaintenance()
            .build()) {
      ApiKeyManager manager = measured.apiKeys();
      for (int i = 0; i < 1_000; i++) {
        assertValid(manager.verify(text(key), ScopeQuery.none()));
      }
      assertRefused(
          manager.verify(text(key), ScopeQuery.of("agents:read")),
          Verdict.Reason.INSUFFICIENT_SCOPE);
      for (int i = 0; i < 2; i++) {
        manager.verify("unknown", ScopeQuery.none());
      }
      for (int i = 0; i < 101; i++) {
        manager.verify(VerifyRequest.of("unknown-" + i).address(stranger));
      }
    }

    assertThat(recorded.count(MeterNames.VERIFICATIONS + " valid")).isEqualTo(1_000);
    assertThat(recorded.count(MeterNames.VERIFICATIONS + " insufficient_scope")).isOne();
    assertThat(recorded.count(MeterNames.VERIFICATIONS + " not_found")).isEqualTo(101);
    // The one that used the budget up looks like those that were not looked up.
    assertThat(recorded.count(MeterNames.VERIFICATIONS + " rate_limited")).isEqualTo(2);
    assertThat(recorded.count(MeterNames.LOOKUPS + " hit")).isEqualTo(1_000);
    assertThat(recorded.count(MeterNames.LOOKUPS + " read")).isEqualTo(102);
    assertThat(recorded.count(MeterNames.LOOKUPS + " negative")).isOne();
    assertThat(recorded.count(MeterNames.LOOKUPS + " held")).isOne();
    assertThat(recorded.times(MeterNames.LOOKUP_TIME)).isEqualTo(102);
    assertThat(recorded.times(MeterNames.VERIFY_TIME)).isBetween(1L, 600L);
  }
}
