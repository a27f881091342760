package io.tenantkit.spi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * JSON (RFC 8259) that somebody else wrote, read strictly: UTF-8 alone, bounded in length, nesting
 * and numbers, no name twice in one object at any level, nothing after the value. For rooms, not
 * for hosts. Immutable and safe for use by several threads; keeps no ThreadLocal.
 */
public final class StrictJson {
  private static final int MAX_NAME_LENGTH = 1_024;
  private static final int MAX_NUMBER_LENGTH = 32;
  private static final int POOLED_BUFFERS = 16;
  private static final int MAX_PATH = 200;

  private final int maxLength;
  private final JsonMapper mapper;

  private StrictJson(int maxLength, int maxDepth) {
    this.maxLength = maxLength;
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .recyclerPool(JsonRecyclerPools.newBoundedPool(POOLED_BUFFERS))
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxStringLength(maxLength)
                    .maxDocumentLength(maxLength)
                    .build())
            .build();
    this.mapper =
        JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  }

  /**
   * A reader with these bounds.
   *
   * @param maxLength of the whole text, in bytes
   * @param maxDepth how deep objects and arrays may stand in each other
   */
  public static StrictJson bounded(int maxLength, int maxDepth) {
    return new StrictJson(maxLength, maxDepth);
  }

  /** What the text says. */
  public JsonNode parse(byte[] utf8) throws MalformedJsonException {
    if (utf8.length > maxLength) {
      throw new MalformedJsonException("");
    }
    String text;
    try {
      // Jackson itself would also guess UTF-16 and UTF-32.
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("");
    }
    return parse(text);
  }

  private JsonNode parse(String text) throws MalformedJsonException {
    try (JsonParser parser = mapper.createParser(text)) {
      try {
        JsonNode node = mapper.readTree(parser);
        if (node == null || node.isMissingNode()) {
          throw new MalformedJsonException("");
        }
        return node;
      } catch (IOException e) {
        // Jackson's own message quotes the document.
        throw new MalformedJsonException(path(parser));
      }
    } catch (MalformedJsonException e) {
      throw e;
    } catch (IOException e) {
      throw new MalformedJsonException("");
    }
  }

  /** Where the parser stopped, with names that cannot forge a line of a log. */
  private static String path(JsonParser parser) {
    String path = parser.getParsingContext().pathAsPointer().toString();
    return path.substring(0, Math.min(path.length(), MAX_PATH)).replaceAll("[^ -~]", "?");
  }

  /** The text is not JSON, or beyond a bound. Carries nothing of its values. */
  public static final class MalformedJsonException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final String path;

    MalformedJsonException(String path) {
      super("not strict JSON");
      this.path = path;
    }

    /** Where, as a JSON pointer (RFC 6901) of at most 200 characters; empty when not known. */
    public String path() {
      return path;
    }
  }
}
