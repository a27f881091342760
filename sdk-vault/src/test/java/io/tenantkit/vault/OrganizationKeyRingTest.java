package io.tenantkit.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Scheduler;
import io.tenantkit.ConflictException;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.spi.OrganizationKeyStore;
import io.tenantkit.vault.spi.StoredOrganizationKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of an unwrapped key when its time is over. */
class OrganizationKeyRingTest {

  @Test
  void aKeyWhoseTimeIsOverIsWiped() {
    try (VaultHouse house = new VaultHouse()) {
      OrganizationKeyRing ring = ring(house, Scheduler.disabledScheduler());
      SealingKey first = ring.newest(house.acme).key();
      house.clock.tick(Duration.ofMinutes(6));
      SealingKey second = ring.newest(house.acme).key();

      assertThat(second).isNotSameAs(first);
      assertThat(wiped(first)).isTrue();
      assertThat(wiped(second)).isFalse();
    }
  }

  /** An idle process holds no key either: what the cache asked to be run later wipes it. */
  @Test
  void aKeyIsWipedInTimeThoughNobodyCalls() {
    try (VaultHouse house = new VaultHouse()) {
      List<Runnable> later = new ArrayList<>();
      Scheduler scheduler =
          (executor, command, delay, unit) -> {
            later.add(() -> executor.execute(command));
            return new CompletableFuture<Void>();
          };
      SealingKey key = ring(house, scheduler).newest(house.acme).key();
      assertThat(wiped(key)).isFalse();

      house.clock.tick(Duration.ofMinutes(6));
      List.copyOf(later).forEach(Runnable::run);

      assertThat(later).as("the cache asked to be called").isNotEmpty();
      assertThat(wiped(key)).isTrue();
    }
  }

  @Test
  void workWhoseKeyWasWipedMeanwhileStartsOver() {
    try (VaultHouse house = new VaultHouse()) {
      OrganizationKeyRing ring = ring(house, Scheduler.disabledScheduler());
      AtomicInteger runs = new AtomicInteger();
      byte[] sealed =
          ring.working(
              () -> {
                SealingKey key = ring.newest(house.acme).key();
                if (runs.incrementAndGet() == 1) {
                  house.clock.tick(Duration.ofMinutes(6));
                  ring.newest(house.acme);
                }
                return key.seal(new byte[1], new byte[0], new SecureRandom());
              });
      assertThat(sealed).isNotEmpty();
      assertThat(runs).hasValue(2);
      assertThatThrownBy(
              () ->
                  ring.working(
                      () -> {
                        throw new IllegalStateException("of another kind");
                      }))
          .hasMessage("of another kind");
    }
  }

  /** In a joined transaction of an older snapshot the faster one's key may not be seen. */
  @Test
  void aKeyThatIsTakenAndNotSeenIsAConflict() {
    try (VaultHouse house = new VaultHouse()) {
      OrganizationKeyStore blind =
          new DecoratedStorage.Keys(house.rows().organizationKeys()) {
            @Override
            public Optional<StoredOrganizationKey> newest(TenantContext context) {
              return Optional.empty();
            }
          };
      OrganizationKeyRing ring =
          new OrganizationKeyRing(house.plane.runtime(), blind, SealingKeys.create());
      ring.newest(house.acme);
      assertThatThrownBy(() -> ring.newest(house.acme)).isInstanceOf(ConflictException.class);
    }
  }

  private static OrganizationKeyRing ring(VaultHouse house, Scheduler scheduler) {
    return new OrganizationKeyRing(
        house.plane.runtime(), house.rows().organizationKeys(), SealingKeys.create(), scheduler);
  }

  private static boolean wiped(SealingKey key) {
    try {
      key.seal(new byte[1], new byte[0], new SecureRandom());
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
