package io.tenantkit.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tenantkit.apikey.Verdict;
import io.tenantkit.apikey.Verdict.Reason;
import io.tenantkit.ratelimit.LimitStatus;
import io.tenantkit.tenant.Scope;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** From a refused verdict to its answer. Stateless. */
final class Refusals {
  /** Longer challenges are cut to the error: servers and proxies refuse long headers. */
  private static final int MAX_CHALLENGE = 1_024;

  private static final String CHALLENGE = "WWW-Authenticate";
  private static final String QUOTA_EXCEEDED =
      "https://iana.org/assignments/http-problem-types#quota-exceeded";

  /** What says no more than that no good key was presented. */
  private static final Set<Reason> UNAUTHENTICATED =
      EnumSet.of(Reason.NOT_FOUND, Reason.DISABLED, Reason.REVOKED, Reason.EXPIRED);

  private static final HttpAnswer INVALID_KEY =
      new HttpAnswer(
          401,
          headers(Map.of(CHALLENGE, "Bearer error=\"invalid_token\"")),
          Problem.body(
              Problem.type("invalid-key"),
              "No valid API key",
              401,
              "The API key is missing or not valid.",
              json -> {}));

  private Refusals() {}

  static HttpAnswer answer(Verdict.Refused verdict) {
    Set<Reason> reasons = verdict.reasons();
    if (reasons.isEmpty() || reasons.stream().anyMatch(UNAUTHENTICATED::contains)) {
      return INVALID_KEY;
    }
    if (reasons.contains(Reason.ADDRESS_FORBIDDEN)) {
      return forbidden(
          Reason.ADDRESS_FORBIDDEN, "The API key may not be used from here", Map.of(), json -> {});
    }
    if (reasons.contains(Reason.ORGANIZATION_SUSPENDED)) {
      return forbidden(
          Reason.ORGANIZATION_SUSPENDED,
          "The organization is suspended",
          Map.of(),
          json -> writeReasons(json, verdict));
    }
    if (reasons.contains(Reason.WRONG_ENVIRONMENT)) {
      return forbidden(
          Reason.WRONG_ENVIRONMENT,
          "The API key does not reach this environment",
          Map.of(),
          json -> writeReasonsAndScopes(json, verdict));
    }
    if (reasons.contains(Reason.INSUFFICIENT_SCOPE)) {
      return forbidden(
          Reason.INSUFFICIENT_SCOPE,
          "The API key lacks a scope",
          Map.of(CHALLENGE, challenge(verdict.missingScopes())),
          json -> writeReasonsAndScopes(json, verdict));
    }
    return limited(verdict);
  }

  private static HttpAnswer forbidden(
      Reason reason, String title, Map<String, String> headers, Problem.Members members) {
    return new HttpAnswer(
        403,
        headers(headers),
        Problem.body(Problem.type(reason.name()), title, 403, title + ".", members));
  }

  private static HttpAnswer limited(Verdict.Refused verdict) {
    String title =
        verdict.reasons().contains(Reason.RATE_LIMITED)
            ? "Too many requests"
            : "The credits are used up";
    return new HttpAnswer(
        429,
        headers(RateLimitFields.ofRefused(verdict.limits())),
        Problem.body(
            QUOTA_EXCEEDED,
            title,
            429,
            title + ".",
            json -> {
              writeReasons(json, verdict);
              writeLimits(json, verdict.limits());
            }));
  }

  private static Map<String, String> headers(Map<String, String> more) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", Problem.CONTENT_TYPE);
    headers.put("Cache-Control", "no-store");
    headers.putAll(more);
    return headers;
  }

  /** As in RFC 6750, section 3; no scope has a character that would need an escape. */
  private static String challenge(List<Scope> missing) {
    String error = "Bearer error=\"insufficient_scope\"";
    String scopes = missing.stream().map(Scope::value).collect(Collectors.joining(" "));
    return scopes.isEmpty() || scopes.length() > MAX_CHALLENGE
        ? error
        : error + ", scope=\"" + scopes + "\"";
  }

  private static void writeReasons(JsonGenerator json, Verdict.Refused verdict) throws IOException {
    json.writeArrayFieldStart("reasons");
    for (Reason reason : verdict.reasons()) {
      json.writeString(reason.name());
    }
    json.writeEndArray();
  }

  private static void writeReasonsAndScopes(JsonGenerator json, Verdict.Refused verdict)
      throws IOException {
    writeReasons(json, verdict);
    json.writeArrayFieldStart("missingScopes");
    for (Scope scope : verdict.missingScopes()) {
      json.writeString(scope.value());
    }
    json.writeEndArray();
  }

  private static void writeLimits(JsonGenerator json, List<LimitStatus> limits) throws IOException {
    json.writeArrayFieldStart("violated-policies");
    for (LimitStatus limit : limits) {
      if (RateLimitFields.refuses(limit)) {
        json.writeString(RateLimitFields.policy(limit));
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("limits");
    for (LimitStatus limit : limits) {
      json.writeStartObject();
      json.writeStringField("policy", RateLimitFields.policy(limit));
      json.writeNumberField("quota", RateLimitFields.bounded(limit.limit()));
      writeSeconds(json, "window", RateLimitFields.seconds(limit.window()).filter(w -> w > 0));
      if (limit.remaining() >= 0) {
        json.writeNumberField("remaining", RateLimitFields.bounded(limit.remaining()));
      }
      writeSeconds(json, "retryAfter", RateLimitFields.seconds(limit.retryAfter()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Left out when it is unknown or never. */
  private static void writeSeconds(JsonGenerator json, String name, Optional<Long> seconds)
      throws IOException {
    if (seconds.isPresent()) {
      json.writeNumberField(name, seconds.get());
    }
  }
}
