package io.tenantkit.http;

import io.tenantkit.apikey.LeakAssessment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** From the assessment of a scanner's report to its answer. Stateless. */
final class Feedback {
  private Feedback() {}

  static HttpAnswer answer(List<LeakAssessment> assessed) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Cache-Control", "no-store");
    String body =
        Problem.write(
            json -> {
              json.writeStartArray();
              for (LeakAssessment each : assessed) {
                json.writeStartObject();
                json.writeStringField("token_hash", each.tokenHash().hex());
                json.writeStringField("token_type", each.tokenType());
                json.writeStringField("label", each.label().name().toLowerCase(Locale.ROOT));
                json.writeEndObject();
              }
              json.writeEndArray();
            });
    return new HttpAnswer(200, headers, body);
  }
}
