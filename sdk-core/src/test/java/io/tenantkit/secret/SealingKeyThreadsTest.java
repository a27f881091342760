package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SealingKeyThreadsTest {
  private static final int THREADS = 8;

  private final SealingKeys keys = SealingKeys.create();
  private final SecureRandom random = new SecureRandom();

  @Test
  void eightThreadsShareOneKey() throws Exception {
    SealingKey key = key();
    int opened =
        inThreads(
            thread -> {
              int good = 0;
              for (int i = 0; i < 5_000; i++) {
                byte[] plain = ByteBuffer.allocate(8 + i % 100).putInt(thread).putInt(i).array();
                byte[] aad = ByteBuffer.allocate(8).putInt(i).putInt(thread).array();
                byte[] record = key.seal(plain, aad, random);
                good += java.util.Arrays.equals(plain, key.open(record, aad)) ? 1 : 0;
              }
              return good;
            });
    assertThat(opened).isEqualTo(THREADS * 5_000);
    assertThat(keys.idleCiphers()).isBetween(1, AesGcm.KEPT_CIPHERS);
  }

  @Test
  void thePoolStaysBoundedWithManyThreads() throws Exception {
    SealingKey key = key();
    BoundedPool<Object> pool = new BoundedPool<>(AesGcm.KEPT_CIPHERS, Object::new);
    List<Object> lent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      lent.add(pool.take());
    }
    lent.forEach(pool::giveBack);
    assertThat(pool.idle()).isEqualTo(AesGcm.KEPT_CIPHERS);

    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Thread thread = new Thread(() -> key.seal(new byte[64], new byte[0], random));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(keys.idleCiphers()).isBetween(1, AesGcm.KEPT_CIPHERS);
  }

  /** Each finds its cipher again, and one that shares a place with another gets the right key. */
  @Test
  void moreKeysThanPlacesAllSealWithTheirOwn() {
    List<SealingKey> many = new ArrayList<>();
    byte[] bytes = new byte[32];
    for (int i = 0; i < 3 * AesGcm.KEPT_CIPHERS; i++) {
      random.nextBytes(bytes);
      many.add(keys.key(KeyLayer.ORGANIZATION, new byte[16], bytes));
    }
    for (int round = 0; round < 3; round++) {
      List<byte[]> records = new ArrayList<>();
      for (SealingKey key : many) {
        records.add(key.seal(new byte[] {1, 2, 3}, new byte[0], random));
      }
      for (int i = 0; i < many.size(); i++) {
        assertThat(many.get(i).open(records.get(i), new byte[0])).containsExactly(1, 2, 3);
        many.get((i + AesGcm.KEPT_CIPHERS) % many.size()).seal(new byte[1], new byte[0], random);
      }
    }
    assertThat(keys.idleCiphers()).isEqualTo(AesGcm.KEPT_CIPHERS);
    many.forEach(SealingKey::close);
    assertThat(keys.idleCiphers()).as("wiped, and kept").isEqualTo(AesGcm.KEPT_CIPHERS);
  }

  /** A key that is wiped meanwhile must never have encrypted with zeros or with half a key. */
  @Test
  void closingMeanwhileGivesAWholeRecordOrAnException() throws Exception {
    for (int round = 0; round < 300; round++) {
      SealingKey key = key();
      SealingKey twin = key();
      CountDownLatch started = new CountDownLatch(THREADS - 1);
      int bad =
          inThreads(
              thread -> {
                if (thread == 0) {
                  started.await();
                  key.close();
                  return 0;
                }
                started.countDown();
                try {
                  for (int i = 0; i < 1_000_000; i++) {
                    byte[] record = key.seal(new byte[] {1, 2, 3}, new byte[0], random);
                    twin.open(record, new byte[0]);
                  }
                } catch (IllegalStateException closed) {
                  return 0;
                }
                return 1;
              });
      assertThat(bad).isZero();
    }
  }

  private SealingKey key() {
    byte[] bytes = new byte[32];
    new FixedRandom(1).nextBytes(bytes);
    return keys.key(KeyLayer.ORGANIZATION, new byte[16], bytes);
  }

  private interface Work {
    int in(int thread) throws Exception;
  }

  private static int inThreads(Work work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        calls.add(() -> work.in(thread));
      }
      int sum = 0;
      for (Future<Integer> result : executor.invokeAll(calls)) {
        sum += result.get();
      }
      return sum;
    } finally {
      executor.shutdownNow();
    }
  }
}
