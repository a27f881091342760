package io.tenantkit.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads vector files, and judges signatures beneath the resolver, whose payloads are no claims. */
final class Vectors {
  static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_LENGTH = 16 * 1024;

  private Vectors() {}

  static JsonNode read(String resource) throws IOException {
    try (InputStream in = Vectors.class.getResourceAsStream(resource)) {
      return JSON.readTree(in);
    }
  }

  /** A set of one key. */
  static JsonNode setOf(JsonNode jwk) {
    ObjectNode set = JSON.createObjectNode();
    ArrayNode keys = set.putArray("keys");
    keys.add(jwk);
    return set;
  }

  /** Whether the token is signed by a key of the set, in any way that we know. */
  static boolean accepted(String token, JsonNode set) {
    try {
      CompactJws jws = CompactJws.parse(token, MAX_LENGTH);
      Optional<SigningAlgorithm> algorithm = SigningAlgorithm.ofJoseName(jws.algorithm());
      Optional<VerificationKey> key =
          JwkSet.parse(set.toString().getBytes(StandardCharsets.UTF_8)).find(jws.keyId());
      return algorithm.isPresent()
          && key.isPresent()
          && key.get().verifies(algorithm.get(), jws.signingInput(), jws.signature());
    } catch (LoginRefusal | DocumentRefused refused) {
      return false;
    }
  }
}
