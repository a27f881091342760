package io.tenantkit.http;

import io.tenantkit.ErrorCode;
import io.tenantkit.InvalidInputException;
import io.tenantkit.RateLimitedException;
import io.tenantkit.TenantkitException;
import java.util.LinkedHashMap;
import java.util.Map;

/** From an error to its answer. Stateless. */
final class Failures {
  private Failures() {}

  static HttpAnswer answer(TenantkitException error) {
    ErrorCode code = error.code();
    String message = error.getMessage();
    boolean ours = code.httpStatus() >= 500;
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", Problem.CONTENT_TYPE);
    headers.put("Cache-Control", "no-store");
    if (ours && code.retryable()) {
      headers.put(RateLimitFields.RETRY_AFTER, "1");
    }
    if (error instanceof RateLimitedException limited) {
      // Rounded up: who comes at that second is admitted.
      long seconds = limited.retryAfter().plusSeconds(1).minusNanos(1).toSeconds();
      headers.put(RateLimitFields.RETRY_AFTER, Long.toString(Math.max(1, seconds)));
    }
    String body =
        Problem.body(
            Problem.type(code.name()),
            title(code.httpStatus()),
            code.httpStatus(),
            ours || message == null ? code.meaning() : message,
            json -> {
              json.writeStringField("code", code.name());
              if (error instanceof InvalidInputException input) {
                json.writeStringField("property", input.property());
              }
            });
    return new HttpAnswer(code.httpStatus(), headers, body);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "The request is not valid";
      case 403 -> "The caller may not do this";
      case 404 -> "There is no such thing";
      case 409 -> "The request does not fit the present state";
      case 429 -> "The caller asks for too much at a time";
      case 503 -> "The service is not available";
      default -> "The service failed";
    };
  }
}
