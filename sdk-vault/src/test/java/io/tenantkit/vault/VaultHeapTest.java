package io.tenantkit.vault;

import static io.tenantkit.vault.VaultHouse.REF;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.tenantkit.apikey.IssuedApiKey;
import io.tenantkit.apikey.NewApiKey;
import io.tenantkit.apikey.Rotation;
import io.tenantkit.apikey.ScopeQuery;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.testing.InsecureFixedRandom;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After a use the value is nowhere in the JVM's live heap. The test itself never keeps the canary:
 * it is made from a seed whenever it is needed, and wiped.
 */
class VaultHeapTest {
  private static final int LENGTH = 48;

  @TempDir private Path folder;

  @Test
  void afterUseAndRevealTheHeapHoldsNoValue() throws Exception {
    try (VaultHouse house = new VaultHouse()) {
      put(house);
      assertThat(heap("put")).as("after put").isEmpty();
      use(house);
      useThatThrows(house);
      assertThat(heap("use")).as("after use").isEmpty();

      SecretFields open = house.vault.reveal(house.acme, REF);
      assertThat(heap("open")).as("while it is open it can be found").containsKey("as it is");
      check(open.value());
      open.close();
      assertThat(heap("closed")).as("after close").isEmpty();

      house.plane.close();
      assertThat(heap("plane")).as("after the plane's close").isEmpty();
    }
  }

  /**
   * What a caller presents is the host's; what we make of it, and the key that we hand out, not.
   */
  @Test
  void afterItsCloseAnApiKeyIsNowhereEither() throws Exception {
    try (VaultHouse house = new VaultHouse()) {
      IssuedApiKey issued = house.plane.apiKeys().create(house.acme, NewApiKey.live("k"));
      byte[] mask = mask(issued);
      verify(house, issued);
      assertThat(heap("issued", () -> unmasked(mask)))
          .as("while it is open it can be found")
          .containsKey("as it is");

      issued.close();
      house
          .plane
          .apiKeys()
          .rotate(house.acme, issued.key().id(), Rotation.withGrace(Duration.ofHours(1)))
          .close();

      assertThat(heap("handed-out", () -> unmasked(mask))).as("after close").isEmpty();
    }
  }

  private static void verify(VaultHouse house, IssuedApiKey issued) {
    for (int i = 0; i < 50; i++) {
      String presented = issued.secret().string(SecretAccess.get());
      boolean valid =
          house.plane.apiKeys().verify(presented, ScopeQuery.none()) instanceof Verdict.Valid;
      assertThat(valid).isTrue();
    }
  }

  /** The secret part of the key in a form that no search finds. */
  private static byte[] mask(IssuedApiKey issued) {
    byte[] text = issued.secret().bytes(SecretAccess.get());
    byte[] secret = Arrays.copyOfRange(text, 16, text.length);
    byte[] mask = unmasked(secret);
    Arrays.fill(text, (byte) 0);
    Arrays.fill(secret, (byte) 0);
    return mask;
  }

  private static byte[] unmasked(byte[] mask) {
    byte[] secret = mask.clone();
    for (int i = 0; i < secret.length; i++) {
      secret[i] ^= (byte) 0x5A;
    }
    return secret;
  }

  private static void put(VaultHouse house) {
    try (SecretValue first = SecretValue.takeOver(canary());
        SecretValue second = SecretValue.takeOver(canary())) {
      house.vault.put(house.acme, REF, first);
      house.vault.put(
          house.acme,
          VaultHouse.ref("pair"),
          NewSecret.of("pair", Map.of("value", first, "other", second)));
    }
  }

  private static void use(VaultHouse house) {
    for (int i = 0; i < 50; i++) {
      int length =
          house.vault.use(
              house.acme,
              REF,
              "read",
              secret -> {
                check(secret);
                return secret.length();
              });
      assertThat(length).isEqualTo(LENGTH);
    }
    house.vault.useFields(
        house.acme,
        VaultHouse.ref("pair"),
        Purpose.of("read"),
        fields -> {
          check(fields.field("other"));
          return 1;
        });
  }

  private static void useThatThrows(VaultHouse house) {
    assertThatThrownBy(
            () ->
                house.vault.use(
                    house.acme,
                    REF,
                    "fail",
                    secret -> {
                      check(secret);
                      throw new IllegalStateException("mine");
                    }))
        .hasMessage("mine");
  }

  /** That the code was lent the true value; by hand, so that no assertion keeps it. */
  private static void check(SecretValue secret) {
    byte[] expected = canary();
    byte[] given = secret.bytes(SecretAccess.get());
    boolean same = Arrays.equals(expected, given);
    Arrays.fill(expected, (byte) 0);
    Arrays.fill(given, (byte) 0);
    assertThat(same).isTrue();
  }

  private static byte[] canary() {
    byte[] bytes = new byte[LENGTH];
    new InsecureFixedRandom(20_261_121).nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('!' + (bytes[i] & 63));
    }
    return bytes;
  }

  /** In which forms the canary stands in a dump of what is reachable. */
  private Map<String, Integer> heap(String name) throws Exception {
    return heap(name, VaultHeapTest::canary);
  }

  private Map<String, Integer> heap(String name, Supplier<byte[]> search) throws Exception {
    Path dump = folder.resolve(name + ".hprof");
    System.gc();
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(dump.toString(), true);
    assertThat(Files.size(dump)).isGreaterThan(1_000_000);
    byte[] wanted = search.get();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(dump))) {
      return Sightings.count(in, wanted);
    } finally {
      Arrays.fill(wanted, (byte) 0);
      Files.delete(dump);
    }
  }
}
