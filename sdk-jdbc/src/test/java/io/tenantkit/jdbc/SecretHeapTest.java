package io.tenantkit.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.tenantkit.ControlPlane;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.vault.SecretFields;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sightings;
import io.tenantkit.vault.egress.RawServer;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After a day on a database no value is in the JVM's live heap: neither in what a driver and its
 * connections keep, nor in what was sent to a provider or signed for a receiver, both of which are
 * another process here. The test itself never keeps a value: it is made from a seed whenever it is
 * needed, and what the library made by itself is kept in a form that no search finds.
 */
final class SecretHeapTest {
  private static final int LENGTH = 40;
  private static final byte[] PREFIX = "sk-".getBytes(StandardCharsets.US_ASCII);
  private static final int WEBHOOK_PREFIX = "whsec_".length();

  private final List<byte[]> masks = new ArrayList<>();

  @TempDir private Path folder;

  @Test
  void onH2() throws Exception {
    try (OwnedDatabase database = OwnedDatabase.h2(folder.resolve("vault"))) {
      noneIsLeft(database);
    }
  }

  @Test
  void onPostgresql() throws Exception {
    try (OwnedDatabase database = OwnedDatabase.postgresql()) {
      noneIsLeft(database);
    }
  }

  private void noneIsLeft(OwnedDatabase database) throws Exception {
    DayOfSecrets day = new DayOfSecrets(SecretHeapTest::canary, this::issued);
    Process server = WriterProcess.start(Server.class);
    // Its connections and their buffers stay open.
    try (JdbcStorage storage = database.open();
        BufferedReader told = WriterProcess.lines(server)) {
      day.live(storage, Integer.parseInt(told.readLine()));
      assertThat(masks).hasSize(2);
      assertThat(heap("day")).as("after the day").isEmpty();

      try (ControlPlane plane = day.plane(storage)) {
        SecretFields open = SecretVault.of(plane).reveal(DayOfSecrets.ACMES, DayOfSecrets.PAIR);
        assertThat(heap("open")).as("while it is open it is found").containsKey("as it is");
        open.close();
        assertThat(heap("closed")).as("after close").isEmpty();
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  /** As a provider's key may be, and nothing that a program has by itself. */
  private static SecretValue canary() {
    byte[] text = text();
    byte[] value = Arrays.copyOf(PREFIX, PREFIX.length + text.length);
    System.arraycopy(text, 0, value, PREFIX.length, text.length);
    Arrays.fill(text, (byte) 0);
    return SecretValue.takeOver(value);
  }

  private static byte[] text() {
    Random random = new Random(20_261_122);
    byte[] text = new byte[LENGTH];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ((random.nextBoolean() ? 'a' : 'A') + random.nextInt(26));
    }
    return text;
  }

  private void issued(SecretValue secret) {
    byte[] text = secret.bytes(SecretAccess.get());
    masks.add(unmasked(Arrays.copyOfRange(text, WEBHOOK_PREFIX, text.length)));
    Arrays.fill(text, (byte) 0);
  }

  /** The other form of the bytes, in the same array. */
  private static byte[] unmasked(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= (byte) 0x5A;
    }
    return bytes;
  }

  private Map<String, Integer> heap(String name) throws IOException {
    Path dump = folder.resolve(name + ".hprof");
    System.gc();
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(dump.toString(), true);
    Map<String, Integer> seen = new TreeMap<>();
    List<byte[]> searched = new ArrayList<>();
    searched.add(text());
    masks.forEach(mask -> searched.add(unmasked(mask.clone())));
    for (byte[] each : searched) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(dump))) {
        Sightings.count(in, each).forEach((form, times) -> seen.merge(form, times, Integer::sum));
      } finally {
        Arrays.fill(each, (byte) 0);
      }
    }
    Files.delete(dump);
    return seen;
  }

  /** Provider and receiver, in a process of its own. */
  static final class Server {
    private Server() {}

    public static void main(String[] arguments) throws InterruptedException {
      try (RawServer server = RawServer.answering(DayOfSecrets.server())) {
        System.out.println(server.port());
        System.out.flush();
        new CountDownLatch(1).await();
      }
    }
  }
}
