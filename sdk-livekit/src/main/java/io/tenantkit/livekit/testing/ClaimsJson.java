package io.tenantkit.livekit.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Claims as Go reads them into the fields of a struct, which is how the server does it: names in
 * any case, null as nothing, the last of several, and any other type is an error.
 */
final class ClaimsJson {
  private static final JsonMapper STRICT =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** A claim of the wrong type. */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch(String claim) {
      super(claim, null, false, false);
    }
  }

  private final JsonNode json;

  private ClaimsJson(JsonNode json) {
    this.json = json;
  }

  /** An object, or nothing at all for null. */
  static ClaimsJson read(byte[] bytes) throws Mismatch {
    return of(tree(bytes), "");
  }

  static JsonNode tree(byte[] bytes) throws Mismatch {
    try {
      JsonNode read = STRICT.readTree(new String(bytes, StandardCharsets.UTF_8));
      if (read.isMissingNode()) {
        throw new Mismatch("");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new Mismatch("");
    }
  }

  private static ClaimsJson of(JsonNode node, String claim) throws Mismatch {
    if (!node.isObject() && !node.isNull()) {
      throw new Mismatch(claim);
    }
    return new ClaimsJson(node);
  }

  JsonNode get(String claim) {
    JsonNode found = NullNode.getInstance();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equalsIgnoreCase(claim)) {
        found = field.getValue();
      }
    }
    return found;
  }

  String text(String claim) throws Mismatch {
    return text(get(claim), claim);
  }

  private static String text(JsonNode node, String claim) throws Mismatch {
    if (node.isNull()) {
      return "";
    }
    if (!node.isTextual()) {
      throw new Mismatch(claim);
    }
    return node.textValue();
  }

  Optional<Boolean> bool(String claim) throws Mismatch {
    JsonNode node = get(claim);
    if (node.isNull()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw new Mismatch(claim);
    }
    return Optional.of(node.booleanValue());
  }

  List<String> texts(String claim) throws Mismatch {
    JsonNode node = get(claim);
    if (!node.isArray() && !node.isNull()) {
      throw new Mismatch(claim);
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : node) {
      texts.add(text(each, claim));
    }
    return texts;
  }

  Map<String, String> map(String claim) throws Mismatch {
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : object(claim).json.properties()) {
      texts.put(field.getKey(), text(field.getValue(), claim));
    }
    return texts;
  }

  ClaimsJson object(String claim) throws Mismatch {
    return of(get(claim), claim);
  }

  boolean isNothing() {
    return json.isNull();
  }

  /** Seconds since 1970: a number, or the text of one. */
  Optional<BigDecimal> time(String claim) throws Mismatch {
    JsonNode node = get(claim);
    if (node.isNull()) {
      return Optional.empty();
    }
    if (node.isNumber()) {
      return Optional.of(node.decimalValue());
    }
    try {
      return Optional.of(new BigDecimal(text(node, claim)));
    } catch (NumberFormatException e) {
      throw new Mismatch(claim);
    }
  }

  /** The audience, which the server reads and does not heed: a text, or texts. */
  void requireAudience() throws Mismatch {
    if (!get("aud").isTextual()) {
      texts("aud");
    }
  }

  /** The texts of an object that came in a request. */
  static Map<String, String> texts(byte[] bytes) throws IOException {
    try {
      Map<String, String> texts = new TreeMap<>();
      for (Map.Entry<String, JsonNode> field : of(tree(bytes), "").json.properties()) {
        texts.put(field.getKey(), text(field.getValue(), ""));
      }
      return texts;
    } catch (Mismatch e) {
      throw new IOException("not an object of texts", e);
    }
  }

  /** The body of an error. */
  static String error(String code, String text) {
    return STRICT.createObjectNode().put("code", code).put("msg", text).toString();
  }
}
