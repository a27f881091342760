package io.tenantkit.vault.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.secret.FixedRandom;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SealingKey;
import io.tenantkit.secret.SealingKeys;
import io.tenantkit.secret.SecretValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * One whole chain from master key to field, kept for ever: what was written once must open in every
 * later release. If this test fails, the format has changed; mend the code, never the file.
 */
class GoldenEnvelopeTest {
  private static final MasterKeys MASTER =
      MasterKeys.of(MasterKey.parse("raw:golden-master-key-0123456789-abc"));
  private static final AssociatedData AT =
      AssociatedData.of(new SecretVersionId("acme", "billing", "production", "stripe", 3))
          .withBinding("api.stripe.com".getBytes(UTF_8));

  private final SealingKeys keys = SealingKeys.create();

  @Test
  void opens() throws Exception {
    SealingKey organizationKey = over(new FixedRandom(9)).open(goldenKey());
    assertThat(
            SecretEnvelope.of(keys, new FixedRandom(9))
                .openAll(organizationKey, AT, goldenVersion()))
        .isEqualTo(values());
  }

  @Test
  void isStillProduced() throws Exception {
    WrappedOrganizationKey key = over(new FixedRandom(41)).generate("acme", 2);
    assertThat(hex(key.record())).isEqualTo(hex(goldenKey().record()));
    assertThat(key).isEqualTo(goldenKey());
    SealedVersion version =
        SecretEnvelope.of(keys, new FixedRandom(42))
            .seal(over(new FixedRandom(9)).open(key), AT, values());
    assertThat(version).isEqualTo(goldenVersion());
  }

  private OrganizationKeyEnvelope over(FixedRandom random) {
    return OrganizationKeyEnvelope.of(keys, MASTER, random);
  }

  private static Map<String, SecretValue> values() {
    Map<String, SecretValue> values = new LinkedHashMap<>();
    values.put("api_key", SecretValue.of("sk_live_golden"));
    values.put("empty", SecretValue.of(""));
    return values;
  }

  private static WrappedOrganizationKey goldenKey() throws IOException {
    return new WrappedOrganizationKey(
        "acme", 2, golden("organization-key.id"), golden("organization-key.record"));
  }

  private static SealedVersion goldenVersion() throws IOException {
    Map<String, byte[]> fields = new LinkedHashMap<>();
    fields.put("api_key", golden("field.api_key"));
    fields.put("empty", golden("field.empty"));
    return new SealedVersion(golden("data-key.record"), fields);
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in =
            Objects.requireNonNull(
                GoldenEnvelopeTest.class.getResourceAsStream("/golden/envelope-v1.properties"));
        Reader reader = new InputStreamReader(in, UTF_8)) {
      Properties properties = new Properties();
      properties.load(reader);
      return HexFormat.of().parseHex(properties.getProperty(name));
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
