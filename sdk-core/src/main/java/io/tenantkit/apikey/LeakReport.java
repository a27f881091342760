package io.tenantkit.apikey;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tenantkit.InvalidInputException;
import io.tenantkit.spi.Texts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a scanner's report. Stateless. */
final class LeakReport {
  private static final String UNKNOWN = "unknown";
  private static final int MAX_URL = 1_024;

  /** One match; what of it goes into events and the audit trail is fit for both. */
  static final class Match {
    private final String token;
    private final Map<String, String> fields;

    private Match(String token, Map<String, String> fields) {
      this.token = token;
      this.fields = fields;
    }

    String token() {
      return token;
    }

    /** The scanner's name for this kind of token. */
    String type() {
      return text(fields.get("type"), 255).orElse(UNKNOWN);
    }

    /** Where it was found, by a word. */
    String source() {
      return text(fields.get("source"), 64).orElse(UNKNOWN).toLowerCase(Locale.ROOT);
    }

    /** Where it was found, when the report says so; up to its query, for that may hold anything. */
    Optional<String> url() {
      return text(fields.get("url"), MAX_URL).map(url -> url.split("[?#]", 2)[0]);
    }

    /** Bounded, without control characters, and without this token or another key. */
    private Optional<String> text(@Nullable String value, int max) {
      if (value == null
          || value.length() > max
          || value.contains(token)
          || !KeyDetector.find(value).isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(Texts.require("text", value, max));
      } catch (InvalidInputException e) {
        return Optional.empty();
      }
    }
  }

  private LeakReport() {}

  /** The matches that have a token. */
  static List<Match> parse(byte[] body) {
    List<Match> matches = new ArrayList<>();
    int elements = 0;
    try (JsonParser json = ReportJson.parser(body, LeakedKeys.MAX_BODY)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw malformed();
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        elements++;
        if (elements > LeakedKeys.MAX_MATCHES) {
          throw malformed();
        }
        Map<String, String> fields = ReportJson.texts(json);
        String token = fields.get("token");
        if (token != null && !token.isEmpty()) {
          matches.add(new Match(token, fields));
        }
      }
      ReportJson.requireEnd(json);
    } catch (IOException e) {
      // Without its text, which may repeat a token.
      throw malformed();
    }
    return matches;
  }

  private static InvalidInputException malformed() {
    return new InvalidInputException(
        "report", "a JSON array of at most 10,000 objects, in at most 4 MiB");
  }
}
