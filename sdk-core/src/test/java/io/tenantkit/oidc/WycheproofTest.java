package io.tenantkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** All of C2SP's vectors for JWS and JWK, driven through what stands beneath the resolver. */
final class WycheproofTest {
  /** What is wrong with the file's own verdict, by test number. */
  private static final Map<Integer, String> DEFECTS =
      Map.of(
          346, "the key says PS256, the header PS384, and the verdict valid",
          347, "the key says PS256, the header PS384, and the verdict valid",
          350, "the key says ES521, which is no algorithm, the header ES512",
          351, "the key says ES521, which is no algorithm, the header ES512",
          367, "byte for byte the valid 357",
          370, "byte for byte the valid 357",
          372, "holds a question mark and is called valid",
          373, "holds a question mark and is called valid");

  @Test
  void everySignatureIsJudgedAsTheVectorsSay() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (JsonNode group :
        Vectors.read("/wycheproof/json_web_signature_test.json").get("testGroups")) {
      boolean shared = !group.has("public");
      JsonNode set = Vectors.setOf(group.get(shared ? "private" : "public"));
      for (JsonNode test : group.get("tests")) {
        int id = test.get("tcId").asInt();
        boolean valid = test.get("result").asText().equals("valid");
        if (DEFECTS.containsKey(id)) {
          counts.merge("defect", 1, Integer::sum);
          continue;
        }
        // Whoever can check an HMAC can make it: no such token is a login, however well it is made.
        boolean expected = valid && !shared;
        counts.merge((shared ? "hmac " : "") + (valid ? "valid" : "invalid"), 1, Integer::sum);
        if (Vectors.accepted(test.get("jws").asText(), set) != expected) {
          wrong.add(id + " " + test.get("comment").asText());
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(401);
    assertThat(counts).containsEntry("defect", 8);
    assertThat(counts.get("valid")).isGreaterThan(25);
  }

  @Test
  void everyKeySetIsJudgedAsTheVectorsSay() throws IOException {
    int judged = 0;
    List<String> wrong = new ArrayList<>();
    for (JsonNode group : Vectors.read("/wycheproof/json_web_key_test.json").get("testGroups")) {
      boolean shared = !group.has("public");
      JsonNode set = group.get(shared ? "private" : "public");
      for (JsonNode test : group.get("tests")) {
        judged++;
        boolean expected = test.get("result").asText().equals("valid") && !shared;
        if (Vectors.accepted(test.get("jws").asText(), set) != expected) {
          wrong.add(test.get("tcId") + " " + test.get("comment").asText());
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(judged).isEqualTo(26);
  }
}
