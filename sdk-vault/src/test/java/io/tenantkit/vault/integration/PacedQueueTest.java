package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacedQueueTest {

  @Test
  void eachProviderHasItsOwnPace() {
    PacedQueue<String> queue = new PacedQueue<>(100);
    queue.add("a", "a1");
    queue.add("a", "a2");
    queue.add("b", "b1");

    assertThat(queue.next(1_000).work()).isPresent();
    assertThat(queue.next(1_000).work()).isPresent();
    // One of each has gone; the second of a waits, whichever came first.
    PacedQueue.Next<String> next = queue.next(1_030);
    assertThat(next.work()).isEmpty();
    assertThat(next.waitNanos()).isEqualTo(70);
    assertThat(queue.next(1_100).work()).contains("a2");
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.next(1_100)).isEqualTo(new PacedQueue.Next<>(Optional.empty(), 0));
  }

  @Test
  void theLastCallCountsWhenWorkComesLater() {
    PacedQueue<String> queue = new PacedQueue<>(100);
    queue.add("a", "a1");
    assertThat(queue.next(Long.MAX_VALUE - 50).work()).contains("a1");
    queue.add("a", "a2");
    // Nano times wrap.
    assertThat(queue.next(Long.MAX_VALUE - 20).waitNanos()).isEqualTo(70);
    assertThat(queue.next(Long.MIN_VALUE + 49).work()).contains("a2");
  }

  @Test
  void withoutAPaceNothingWaits() {
    PacedQueue<String> queue = new PacedQueue<>(0);
    for (int i = 0; i < 3; i++) {
      queue.add("a", "a" + i);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(queue.next(5).work()).contains("a" + i);
    }
    queue.add("a", "b");
    queue.clear();
    assertThat(queue.next(5).work()).isEmpty();
  }
}
