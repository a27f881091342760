package io.tenantkit.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records of format version 1, kept for ever: what was written once must open in every later
 * release. If this test fails, the format has changed; mend the code, never the file.
 */
class GoldenRecordTest {
  private static final byte[] PLAIN =
      "golden plaintext, layer by layer".getBytes(StandardCharsets.UTF_8);
  private static final byte[] AAD = "golden associated data".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @EnumSource(KeyLayer.class)
  void opensAndIsStillProduced(KeyLayer layer) throws Exception {
    FixedRandom random = new FixedRandom(layer.code());
    byte[] id = new byte[16];
    byte[] key = new byte[32];
    random.nextBytes(id);
    random.nextBytes(key);
    SealingKey sealing = SealingKeys.create().key(layer, id, key);
    byte[] golden = HexFormat.of().parseHex(golden().getProperty(layer.name()));

    assertThat(HexFormat.of().formatHex(sealing.seal(PLAIN, AAD, random)))
        .isEqualTo(HexFormat.of().formatHex(golden));
    assertThat(sealing.open(golden, AAD)).isEqualTo(PLAIN);
  }

  private static Properties golden() throws IOException {
    try (InputStream in =
            Objects.requireNonNull(
                GoldenRecordTest.class.getResourceAsStream("/golden/records-v1.properties"));
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      Properties properties = new Properties();
      properties.load(reader);
      return properties;
    }
  }
}
