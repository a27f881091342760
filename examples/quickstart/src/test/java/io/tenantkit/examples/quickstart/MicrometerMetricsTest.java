package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.metric.Metrics;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The binding that sdk-core/README.md shows counts, times and reads, and is what stands there. */
final class MicrometerMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Metrics metrics = new MicrometerMetrics(registry);

  @Test
  void measurementsReachTheRegistryUnderTheirNamesAndTags() {
    AtomicLong size = new AtomicLong(3);
    Metrics.Counter counter = metrics.counter("tenantkit.test.count", "outcome", "valid");
    counter.add(2);
    counter.add(40);
    metrics.timer("tenantkit.test.time").record(1_500);
    metrics.gauge("tenantkit.test.size", size::get, "cache", "keys");
    size.set(7);

    assertThat(registry.get("tenantkit.test.count").tag("outcome", "valid").counter().count())
        .isEqualTo(42);
    assertThat(registry.get("tenantkit.test.time").timer().totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo(1_500);
    assertThat(registry.get("tenantkit.test.size").tag("cache", "keys").gauge().value())
        .isEqualTo(7);
  }

  @Test
  void controlPlaneTakesIt() {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    try (Storage storage = Storage.inMemory();
        ControlPlane plane =
            ControlPlane.builder(storage, keys).metrics(metrics).manualMaintenance().build()) {
      assertThat(plane.runtime().metrics()).isSameAs(metrics);
    }
  }

  @Test
  void theReadmeShowsThisBindingAndItIsShort() throws Exception {
    String shown = Repository.block(Repository.read("sdk-core/README.md"), "micrometer");
    String source =
        Repository.read(
            "examples/quickstart/src/test/java/io/tenantkit/examples/quickstart/MicrometerMetrics.java");

    assertThat(source.substring(source.indexOf("record MicrometerMetrics"))).isEqualTo(shown);
    assertThat(shown.lines().collect(Collectors.toList())).hasSizeLessThanOrEqualTo(25);
  }
}
