package io.tenantkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.ControlPlane;
import io.tenantkit.apikey.ApiKeyManager;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.OrganizationSettings;
import io.tenantkit.testing.TickingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Keys end by the control plane's clock, never by the database's: it is ticked here, years away
 * from the time that the database has. Each verification reads the storage.
 */
public abstract class ExpiryContract extends StorageContract {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TICK = Duration.ofMillis(1);

  private TickingClock clock;
  private ApiKeyManager keys;

  @BeforeEach
  final void openPlaneWithItsOwnTime() {
    openPlaneAt("2031-01-01T00:00:00.123Z");
  }

  private void openPlaneAt(String time) {
    clock = TickingClock.at(Instant.parse(time));
    byte[] bytes = new byte[32];
    bytes[0] = 1;
    ControlPlane plane =
        ControlPlane.builder(harness.storage(), MasterKeys.of(MasterKey.of(bytes)))
            .clock(clock)
            .revocationBound(Duration.ZERO)
            .manualMaintenance()
            .build();
    plane.organizations().configure(operator, ACME, OrganizationSettings.defaults());
    keys = plane.apiKeys();
  }

  @Test
  void keyWorksUntilItsTimeAndNotFromThenOn() {
    for (String time : List.of("1999-12-31T23:00:00Z", "2031-01-01T00:00:00.123Z")) {
      openPlaneAt(time);
      IssuedApiKey issued = keys.create(acme, NewApiKey.live("expiring").lifetime(HOUR));

      clock.tick(HOUR.minus(TICK));
      assertThat(verify(issued)).as(time).isInstanceOf(Verdict.Valid.class);
      clock.tick(TICK);
      assertRefused(issued, Verdict.Reason.EXPIRED);
    }
  }

  @Test
  void keyWithoutLifetimeNeverExpires() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("lasting"));

    clock.tick(Duration.ofDays(36_500));

    assertThat(verify(issued)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void rotatedKeyWorksUntilItsGraceEndsAndItsSuccessorGoesOn() {
    IssuedApiKey old = keys.create(acme, NewApiKey.live("rotated"));
    IssuedApiKey next = keys.rotate(acme, old.key().id(), Rotation.withGrace(HOUR));

    clock.tick(HOUR.minus(TICK));
    assertThat(verify(old)).isInstanceOf(Verdict.Valid.class);
    clock.tick(TICK);
    assertRefused(old, Verdict.Reason.EXPIRED);
    assertThat(verify(next)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void expiredKeyIsNotRotated() {
    IssuedApiKey issued = keys.create(acme, NewApiKey.live("expiring").lifetime(HOUR));
    clock.tick(HOUR);

    assertThatThrownBy(() -> keys.rotate(acme, issued.key().id(), Rotation.immediate()))
        .isInstanceOf(ConflictException.class);
    assertThat(keyIds(acme)).containsExactly(issued.key().id().value());
  }

  private Verdict verify(IssuedApiKey issued) {
    return keys.verify(issued.secret().string(SecretAccess.get()), ScopeQuery.none());
  }

  private void assertRefused(IssuedApiKey issued, Verdict.Reason reason) {
    assertThat(verify(issued))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.reasons()).containsExactly(reason));
  }
}
