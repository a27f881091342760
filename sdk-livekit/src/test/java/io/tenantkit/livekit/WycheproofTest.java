package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** C2SP's vectors for JWS with HMAC keys, driven through the codec beneath the verifier. */
final class WycheproofTest {
  /**
   * Defects of the file, by test number: 367 and 370 are byte for byte the valid 357; 372 and 373
   * hold a question mark and are called valid.
   */
  private static final Set<Integer> DEFECTS = Set.of(367, 370, 372, 373);

  @Test
  void every_vector_is_judged_as_it_says() throws IOException {
    int valid = 0;
    int invalid = 0;
    List<String> wrong = new ArrayList<>();
    for (JsonNode group : vectors().get("testGroups")) {
      byte[] key = Base64.getUrlDecoder().decode(group.at("/private/k").asText());
      for (JsonNode test : group.get("tests")) {
        if (DEFECTS.contains(test.get("tcId").asInt())) {
          continue;
        }
        boolean expected = test.get("result").asText().equals("valid");
        if (expected) {
          valid++;
        } else {
          invalid++;
        }
        if (accepted(test.get("jws"), key) != expected) {
          wrong.add(test.get("tcId") + " " + test.get("comment").asText());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(valid).isEqualTo(8);
    assertThat(invalid).isEqualTo(28);
  }

  private static boolean accepted(JsonNode jws, byte[] secret) {
    try (SigningKey key = SigningKey.takeOver(secret.clone())) {
      return CompactJws.parse(jws.isTextual() ? jws.asText() : jws.toString()).signedWith(key);
    } catch (TokenRefusal refusal) {
      return false;
    }
  }

  private static JsonNode vectors() throws IOException {
    String name = "/wycheproof/json_web_signature_hs256.json";
    try (InputStream in = WycheproofTest.class.getResourceAsStream(name)) {
      return new JsonMapper().readTree(in);
    }
  }
}
