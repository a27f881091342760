package io.tenantkit.secret;

import static io.tenantkit.secret.Wycheproof.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class HkdfTest {

  @Test
  void wycheproofVectors() throws Exception {
    Hkdf hkdf = new Hkdf();
    List<JsonNode> vectors = Wycheproof.vectors("hkdf_sha256_test.json", group -> true);
    int invalid = 0;
    for (JsonNode vector : vectors) {
      byte[] prk = hkdf.extract(hex(vector, "salt"), hex(vector, "ikm"));
      int size = vector.get("size").asInt();
      String name = Wycheproof.name(vector);
      if (vector.get("result").asText().equals("valid")) {
        assertThat(hkdf.expand(prk, hex(vector, "info"), size))
            .as(name)
            .isEqualTo(hex(vector, "okm"));
      } else {
        invalid++;
        assertThatThrownBy(() -> hkdf.expand(prk, hex(vector, "info"), size))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    assertThat(vectors).hasSize(86);
    assertThat(invalid).isEqualTo(3);
  }

  @Test
  void twoExpandsOfOneKeyAreWhatEachWouldBe() {
    Hkdf hkdf = new Hkdf();
    byte[] prk = hkdf.extract(new byte[16], new byte[] {1, 2, 3});
    byte[][] both =
        hkdf.deriveTwo(new byte[16], new byte[] {1, 2, 3}, new byte[] {4}, new byte[] {5, 6});
    // 33 bytes take the way of several blocks.
    assertThat(both).hasDimensions(2, Hkdf.HASH_BYTES);
    assertThat(hkdf.expand(prk, new byte[] {4}, 33)).startsWith(both[0]);
    assertThat(hkdf.expand(prk, new byte[] {5, 6}, 33)).startsWith(both[1]);
  }
}
