package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.event.Event;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.rotation.RotationCall;
import io.tenantkit.vault.rotation.RotationPolicy;
import io.tenantkit.vault.rotation.SecretRotations;
import io.tenantkit.vault.rotation.SecretRotator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A rotator that quotes the values in all that it throws; nothing that is told or logged has them.
 */
class RotationLeakTest {
  private static final String OLD = "sk-CANARY-rotated-out-88123";
  private static final String NEW = "sk-CANARY-rotated-in-99417";

  private static final class Talkative implements SecretRotator {
    private String failing = "create";

    private void fail(String step, Map<String, SecretValue> values) throws Exception {
      if (failing.equals(step)) {
        throw new IllegalStateException(
            values.get(NewSecret.VALUE).string(SecretAccess.get()) + NEW,
            new java.io.IOException(NEW));
      }
    }

    @Override
    public Map<String, SecretValue> create(RotationCall call, Map<String, SecretValue> current)
        throws Exception {
      fail("create", current);
      return Map.of(NewSecret.VALUE, SecretValue.of(NEW));
    }

    @Override
    public boolean test(RotationCall call, Map<String, SecretValue> created) throws Exception {
      fail("test", created);
      return true;
    }

    @Override
    public void promoted(RotationCall call, Map<String, SecretValue> created) throws Exception {
      fail("promoted", created);
    }

    @Override
    public void retire(RotationCall call, Map<String, SecretValue> old) throws Exception {
      fail("retire", old);
    }

    @Override
    public void undo(RotationCall call, Map<String, SecretValue> created) throws Exception {
      throw new IllegalStateException(NEW);
    }
  }

  @Test
  void nothingThatIsToldOrLoggedHasAValue() {
    List<Event> events = new ArrayList<>();
    try (VaultHouse house = new VaultHouse();
        ControlPlane plane =
            ControlPlane.builder(house.storage, VaultHouse.masterKeys(1))
                .clock(house.clock)
                .listener(events::add)
                .manualMaintenance()
                .build()) {
      SecretVault vault = SecretVault.of(plane);
      Talkative rotator = new Talkative();
      SecretRotations rotations =
          SecretRotations.builder(vault).rotator(Secret.PLAIN, rotator).build();
      vault.put(house.acme, REF, SecretValue.of(OLD));
      rotations.set(house.acme, REF, RotationPolicy.everyDays(30));
      house.clock.tick(Duration.ofDays(30));
      List<Object> seen = new ArrayList<>();
      for (String step : List.of("create", "test", "promoted", "retire", "none")) {
        rotator.failing = step;
        for (int i = 0; i < 2; i++) {
          house.clock.tick(Duration.ofDays(2));
          plane.runDue(house.clock.instant());
          seen.add(rotations.get(house.acme, REF));
        }
      }
      assertThat(seen.toString())
          .contains(
              "create: java.lang", "test: java.lang", "promote: java.lang", "retire: java.lang")
          .contains("undo failed");
      seen.add(events);
      seen.add(house.trail(house.acme));
      seen.add(CapturedLogs.lines());
      for (String canary : List.of(OLD, NEW)) {
        assertThat(Sightings.in(seen.toString(), canary.getBytes(StandardCharsets.UTF_8)))
            .isEmpty();
      }
    }
  }
}
