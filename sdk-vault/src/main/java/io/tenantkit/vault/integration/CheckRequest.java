package io.tenantkit.vault.integration;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.spi.JsonText;
import io.tenantkit.vault.egress.EgressRequest;
import io.tenantkit.vault.egress.Scrubber;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The call of a check with the credential in its place, and all that must not be seen in what comes
 * back. Closing wipes what was made for it. Of one thread.
 */
final class CheckRequest implements AutoCloseable {
  private static final Duration TOKEN_LIFE = Duration.ofSeconds(60);
  private static final String JSON = "application/json";
  private static final String FORM = "application/x-www-form-urlencoded";

  private final IntegrationTemplate template;
  private final CredentialValues values;
  private final Instant now;
  private final EgressRequest request;
  private final List<SecretValue> made = new ArrayList<>();
  private final List<SecretValue> sensitive = new ArrayList<>();

  private CheckRequest(
      IntegrationTemplate template,
      CredentialValues values,
      Instant now,
      Duration timeout,
      String onBehalfOf) {
    this.template = template;
    this.values = values;
    this.now = now;
    try {
      values.secrets().forEach(text -> sensitive.add(secret(text)));
      this.request = build(timeout, onBehalfOf);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  static CheckRequest of(
      IntegrationTemplate template,
      CredentialValues values,
      Instant now,
      Duration timeout,
      String onBehalfOf) {
    return new CheckRequest(template, values, now, timeout, onBehalfOf);
  }

  EgressRequest request() {
    return request;
  }

  /** Looks for the secrets themselves, and for what the request was signed or filled with. */
  Scrubber scrubber() {
    return Scrubber.of(sensitive);
  }

  private EgressRequest build(Duration timeout, String onBehalfOf) {
    CheckSpec check = template.check();
    URI base = template.baseUrl(values);
    String path = path(check, base);
    String query = AwsSignature.queryText(check.query());
    EgressRequest.Builder builder =
        EgressRequest.builder(
                check.post() ? "POST" : "GET",
                "https://" + base.getRawAuthority() + path + (query.isEmpty() ? "" : "?" + query))
            .allowedHosts(Set.of(base.getHost()))
            .maxAnswerBytes(ProviderAnswer.MAX_BODY)
            .timeout(timeout)
            .onBehalfOf(onBehalfOf)
            .header("User-Agent", "tenantkit");
    check.headers().forEach(builder::header);
    Authorization authorization = template.authorization();
    if (authorization instanceof Authorization.Headers headers) {
      headers
          .headers()
          .forEach(
              (name, text) -> {
                if (!text.lacks(values.texts())) {
                  builder.secretHeader(name, secret(text.render(values.texts())));
                }
              });
    } else if (authorization instanceof Authorization.Basic basic) {
      String pair =
          basic.user().render(values.texts()) + ":" + basic.password().render(values.texts());
      String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
      sensitive.add(secret(encoded));
      builder.secretHeader("Authorization", secret("Basic " + encoded));
    } else if (authorization instanceof Authorization.AwsSigned aws) {
      signed(aws, base, path, check)
          .forEach((name, text) -> builder.secretHeader(name, secret(text)));
    } else if (authorization instanceof Authorization.LiveKitToken) {
      String token = liveKitToken();
      sensitive.add(secret(token));
      builder.secretHeader("Authorization", secret("Bearer " + token));
    }
    if (authorization instanceof Authorization.Form form) {
      Map<String, String> fields = new TreeMap<>();
      form.fields().forEach((name, text) -> fields.put(name, text.render(values.texts())));
      builder.secretBody(secret(form(fields)), FORM);
    } else if (authorization instanceof Authorization.GoogleAssertion google) {
      builder.secretBody(secret(form(assertion(google))), FORM);
    } else if (check.post()) {
      builder.body(check.body().getBytes(StandardCharsets.UTF_8), JSON);
    }
    return builder.build();
  }

  private String path(CheckSpec check, URI base) {
    String path = check.path().render(values.texts());
    for (String segment : path.substring(1).split("/", -1)) {
      if (!segment.isEmpty() && !BaseUrl.isSegment(segment)) {
        throw new InvalidInputException("config", "fields that are plain segments of a path");
      }
    }
    return base.getRawPath() + path;
  }

  private Map<String, String> signed(
      Authorization.AwsSigned aws, URI base, String path, CheckSpec check) {
    String session = values.text("session_token");
    AwsSignature signature =
        new AwsSignature(
            values.text("access_key_id"),
            values.text("secret_access_key"),
            session.isEmpty() ? Optional.empty() : Optional.of(session),
            values.text("region"),
            aws.service());
    Map<String, String> headers =
        signature.sign(
            "GET", base.getRawAuthority(), path, check.query(), Map.of(), new byte[0], now);
    String authorization = headers.getOrDefault("authorization", "");
    sensitive.add(secret(authorization.substring(authorization.lastIndexOf('=') + 1)));
    return headers;
  }

  /** Good for a minute and for one reading call; the account's key is not in it. */
  private String liveKitToken() {
    StringBuilder claims = new StringBuilder("{\"iss\":");
    JsonText.quote(claims, values.text("api_key"));
    claims
        .append(",\"nbf\":")
        .append(now.getEpochSecond() - 5)
        .append(",\"exp\":")
        .append(now.plus(TOKEN_LIFE).getEpochSecond())
        .append(",\"video\":{\"roomList\":true}}");
    return SignedToken.hs256(values.text("api_secret"), claims.toString());
  }

  private Map<String, String> assertion(Authorization.GoogleAssertion google) {
    ServiceAccountKey key =
        ServiceAccountKey.parse(values.text(google.field()))
            .orElseThrow(
                () -> new InvalidInputException("credential." + google.field(), "a key file"));
    StringBuilder claims = new StringBuilder("{\"iss\":");
    JsonText.quote(claims, key.clientEmail());
    claims.append(",\"scope\":");
    JsonText.quote(claims, google.scope());
    claims.append(",\"aud\":");
    JsonText.quote(claims, ServiceAccountKey.TOKEN_URI);
    claims
        .append(",\"iat\":")
        .append(now.getEpochSecond())
        .append(",\"exp\":")
        .append(now.plus(TOKEN_LIFE).getEpochSecond())
        .append('}');
    String token = SignedToken.rs256(key.key(), key.keyId(), claims.toString());
    sensitive.add(secret(token));
    sensitive.add(secret(key.text()));
    Map<String, String> fields = new TreeMap<>();
    fields.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    fields.put("assertion", token);
    return fields;
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(each -> encode(each.getKey()) + "=" + encode(each.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private SecretValue secret(String text) {
    SecretValue value = SecretValue.of(text);
    made.add(value);
    return value;
  }

  @Override
  public void close() {
    made.forEach(SecretValue::close);
  }

  /** Method, scheme, host and port. */
  @Override
  public String toString() {
    return request.toString();
  }
}
