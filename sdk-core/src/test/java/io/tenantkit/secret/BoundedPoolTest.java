package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoundedPoolTest {

  @Test
  void keepsNoMoreThanItsCapacityAndNeverWaits() {
    AtomicInteger made = new AtomicInteger();
    BoundedPool<Object> pool =
        new BoundedPool<>(
            3,
            () -> {
              made.incrementAndGet();
              return new Object();
            });
    List<Object> lent = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      lent.add(pool.take());
    }
    assertThat(lent).doesNotHaveDuplicates();
    lent.forEach(pool::giveBack);
    assertThat(pool.idle()).isEqualTo(3);
    assertThat(made).hasValue(10);

    for (int i = 0; i < 100; i++) {
      pool.giveBack(pool.take());
    }
    assertThat(made).as("what is kept is used again").hasValue(10);
    assertThat(pool.idle()).isEqualTo(3);
  }

  @Test
  void lendsEachObjectToOneUserAtATime() {
    BoundedPool<Object> pool = new BoundedPool<>(2, Object::new);
    pool.giveBack(new Object());
    assertThat(pool.take()).isNotSameAs(pool.take());
    assertThat(pool.idle()).isZero();
  }
}
