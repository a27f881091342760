package io.tenantkit.ratelimit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.tenantkit.InvalidInputException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@link Limits} as JSON. Jackson's own errors quote what they read, so none of them gets out. */
final class LimitsJson {
  private static final int MAX_LENGTH = 8_192;
  private static final int MAX_DEPTH = 4;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(MAX_LENGTH)
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxNumberLength(32)
                  .build())
          .build();
  private static final Map<String, RateLimit> SHORT =
      Map.of(
          "requestsPerSecond", RateLimit.of("second", 1, Duration.ofSeconds(1)),
          "requestsPerMinute", RateLimit.of("minute", 1, Duration.ofMinutes(1)),
          "requestsPerHour", RateLimit.of("hour", 1, Duration.ofHours(1)),
          "requestsPerDay", RateLimit.of("day", 1, Duration.ofDays(1)));

  private LimitsJson() {}

  static Limits read(String json) {
    if (json.length() > MAX_LENGTH) {
      throw refused();
    }
    try (JsonParser parser = JSON.createParser(json)) {
      require(parser.nextToken() == JsonToken.START_OBJECT);
      Limits limits = limits(parser);
      require(parser.nextToken() == null);
      return limits;
    } catch (IOException e) {
      throw refused();
    }
  }

  private static Limits limits(JsonParser parser) throws IOException {
    List<RateLimit> rates = new ArrayList<>();
    Optional<Credits> credits = Optional.empty();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      RateLimit pattern = SHORT.get(field);
      JsonToken value = parser.nextToken();
      if (pattern != null) {
        rates.add(RateLimit.of(pattern.name(), whole(parser), pattern.window()));
      } else if (field.equals("limits")) {
        require(value == JsonToken.START_ARRAY);
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          rates.add(rate(parser));
        }
        require(parser.currentToken() == JsonToken.END_ARRAY);
      } else {
        require(field.equals("credits") && value == JsonToken.START_OBJECT);
        credits = Optional.of(credits(parser));
      }
    }
    return new Limits(rates, credits);
  }

  private static RateLimit rate(JsonParser parser) throws IOException {
    String name = null;
    Duration window = null;
    long limit = 0;
    long burst = 0;
    RateLimit.Mode mode = RateLimit.Mode.LOCAL;
    RateLimit.OnFailure onFailure = RateLimit.OnFailure.CLOSED;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "name" -> name = text(parser);
        case "limit" -> limit = whole(parser);
        case "window" -> window = duration(parser);
        case "burst" -> {
          burst = whole(parser);
          require(burst > 0);
        }
        case "mode" -> mode = constant(RateLimit.Mode.values(), text(parser));
        case "onFailure" -> onFailure = constant(RateLimit.OnFailure.values(), text(parser));
        default -> throw refused();
      }
    }
    return new RateLimit(
        present(name), limit, present(window), burst == 0 ? limit : burst, mode, onFailure);
  }

  private static Credits credits(JsonParser parser) throws IOException {
    long amount = 0;
    Optional<Credits.Refill> refill = Optional.empty();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      if (field.equals("amount")) {
        amount = whole(parser);
      } else {
        require(field.equals("refill") && value == JsonToken.START_OBJECT);
        refill = Optional.of(refill(parser));
      }
    }
    return new Credits(amount, refill);
  }

  private static Credits.Refill refill(JsonParser parser) throws IOException {
    long amount = 0;
    Duration every = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      if (field.equals("amount")) {
        amount = whole(parser);
      } else {
        require(field.equals("every"));
        every = duration(parser);
      }
    }
    return new Credits.Refill(amount, present(every));
  }

  private static long whole(JsonParser parser) throws IOException {
    require(parser.currentToken() == JsonToken.VALUE_NUMBER_INT);
    return parser.getLongValue();
  }

  private static String text(JsonParser parser) throws IOException {
    require(parser.currentToken() == JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private static Duration duration(JsonParser parser) throws IOException {
    try {
      return Duration.parse(text(parser));
    } catch (DateTimeException | ArithmeticException e) {
      throw refused();
    }
  }

  private static <E extends Enum<E>> E constant(E[] all, String name) {
    for (E each : all) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    throw refused();
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw refused();
    }
    return value;
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw refused();
    }
  }

  private static InvalidInputException refused() {
    return new InvalidInputException(
        "rateLimit", "a JSON object of limits and credits as Limits.fromJson describes it");
  }

  static String write(Limits limits) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeArrayFieldStart("limits");
      for (RateLimit rate : limits.rates()) {
        out.writeStartObject();
        out.writeStringField("name", rate.name());
        out.writeNumberField("limit", rate.limit());
        out.writeStringField("window", rate.window().toString());
        out.writeNumberField("burst", rate.burst());
        out.writeStringField("mode", rate.mode().name());
        out.writeStringField("onFailure", rate.onFailure().name());
        out.writeEndObject();
      }
      out.writeEndArray();
      if (limits.credits().isPresent()) {
        write(out, limits.credits().get());
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, Credits credits) throws IOException {
    out.writeObjectFieldStart("credits");
    out.writeNumberField("amount", credits.amount());
    if (credits.refill().isPresent()) {
      out.writeObjectFieldStart("refill");
      out.writeNumberField("amount", credits.refill().get().amount());
      out.writeStringField("every", credits.refill().get().every().toString());
      out.writeEndObject();
    }
    out.writeEndObject();
  }
}
