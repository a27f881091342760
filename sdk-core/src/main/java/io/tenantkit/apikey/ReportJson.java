package io.tenantkit.apikey;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads JSON of a stranger: bounded in size and depth, and without a name twice in an object. Its
 * exceptions may carry what was read, so nobody passes them on. Stateless.
 */
final class ReportJson {
  private static final int MAX_DEPTH = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(256)
                  .maxNumberLength(64)
                  .maxStringLength(LeakedKeys.MAX_BODY)
                  .build())
          .build();

  private ReportJson() {}

  static JsonParser parser(byte[] document, int maxLength) throws IOException {
    if (document.length > maxLength) {
      throw new JsonParseException(null, "too long");
    }
    return JSON.createParser(document);
  }

  /** The members that are strings, of the object at which the parser stands; none if it is none. */
  static Map<String, String> texts(JsonParser json) throws IOException {
    Map<String, String> texts = new HashMap<>();
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return texts;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        texts.put(name, json.getText());
      } else {
        json.skipChildren();
      }
    }
    return texts;
  }

  /** Demands that nothing follows. */
  static void requireEnd(JsonParser json) throws IOException {
    if (json.nextToken() != null) {
      throw new JsonParseException(null, "more than one document");
    }
  }
}
