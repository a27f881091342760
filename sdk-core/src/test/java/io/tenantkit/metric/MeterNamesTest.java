package io.tenantkit.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.oidc.OidcIssuer;
import io.tenantkit.oidc.OidcTenantResolver;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** The catalogue names every meter that there is, and no other. */
final class MeterNamesTest {
  @Test
  void planeAsksForTheMetersOfTheCatalogue() throws Exception {
    Recording metrics = new Recording();
    try (ControlPlane plane =
        ControlPlane.builder(
                Storage.inMemory(),
                MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4))))
            .metrics(metrics)
            .manualMaintenance()
            .build()) {
      assertThat(
              OidcTenantResolver.builder(plane)
                  .issuer(
                      OidcIssuer.builder("https://login.example.com/oidc")
                          .audience("https://api.example.com")
                          .build())
                  .build())
          .isNotNull();
    }

    assertThat(metrics.names).isEqualTo(catalogue());
  }

  private static Set<String> catalogue() throws IllegalAccessException {
    Set<String> names = new TreeSet<>();
    for (Field field : MeterNames.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        assertThat(names.add((String) field.get(null))).isTrue();
      }
    }
    return names;
  }

  private static final class Recording implements Metrics {
    private final Set<String> names = new ConcurrentSkipListSet<>();

    @Override
    public Counter counter(String name, String... tags) {
      names.add(name);
      return amount -> {};
    }

    @Override
    public Timer timer(String name, String... tags) {
      names.add(name);
      return nanos -> {};
    }

    @Override
    public void gauge(String name, LongSupplier value, String... tags) {
      names.add(name);
    }
  }
}
