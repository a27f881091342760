package io.tenantkit.secret;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/** Reads the vector files under src/test/resources/wycheproof. */
final class Wycheproof {
  private Wycheproof() {}

  static List<JsonNode> vectors(String file, Predicate<JsonNode> groups) throws IOException {
    List<JsonNode> vectors = new ArrayList<>();
    try (InputStream in =
        Objects.requireNonNull(Wycheproof.class.getResourceAsStream("/wycheproof/" + file))) {
      for (JsonNode group : new ObjectMapper().readTree(in).get("testGroups")) {
        if (groups.test(group)) {
          group.get("tests").forEach(vectors::add);
        }
      }
    }
    return vectors;
  }

  static byte[] hex(JsonNode vector, String field) {
    return HexFormat.of().parseHex(vector.get(field).asText());
  }

  static String name(JsonNode vector) {
    return "tcId " + vector.get("tcId") + " " + vector.get("comment");
  }
}
