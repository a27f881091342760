package io.tenantkit.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** Problem details (RFC 9457). Stateless. */
final class Problem {
  static final String CONTENT_TYPE = "application/problem+json";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Problem() {}

  /** Writes further members. */
  interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  /** The type of a problem of ours, from an enum constant's name. */
  static String type(String code) {
    return "urn:tenantkit:problem:" + code.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String body(String type, String title, int status, String detail, Members members) {
    return write(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", type);
          json.writeStringField("title", title);
          json.writeNumberField("status", status);
          json.writeStringField("detail", detail);
          members.write(json);
          json.writeEndObject();
        });
  }

  /** What these write, as ASCII. */
  static String write(Members document) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      document.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a string takes everything", e);
    }
    return text.toString();
  }
}
