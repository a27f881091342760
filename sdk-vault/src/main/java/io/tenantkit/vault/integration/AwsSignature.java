package io.tenantkit.vault.integration;

import io.tenantkit.ErrorCode;
import io.tenantkit.TenantkitException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signature Version 4 of AWS in the header form, for requests whose path has no characters that
 * need escapes.
 *
 * @param accessKeyId the public half
 * @param secretAccessKey the secret half
 * @param sessionToken of temporary credentials
 * @param region for example {@code us-east-1}
 * @param service for example {@code sts}
 */
record AwsSignature(
    String accessKeyId,
    String secretAccessKey,
    Optional<String> sessionToken,
    String region,
    String service) {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final HexFormat HEX = HexFormat.of();
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

  /**
   * The headers that a request needs beside its own.
   *
   * @param host as the request will have it
   * @param path beginning with a slash
   * @param query by name, not yet escaped
   * @param headers the request's own that are signed as well
   */
  Map<String, String> sign(
      String method,
      String host,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body,
      Instant now) {
    String time = TIME.format(now);
    String date = time.substring(0, 8);
    Map<String, String> added = new TreeMap<>();
    added.put("x-amz-date", time);
    sessionToken.ifPresent(token -> added.put("x-amz-security-token", token));
    Map<String, String> signed = new TreeMap<>(added);
    headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
    signed.put("host", host);
    String names = String.join(";", signed.keySet());
    StringBuilder request = new StringBuilder();
    request
        .append(method)
        .append('\n')
        .append(path)
        .append('\n')
        .append(queryText(query))
        .append('\n');
    signed.forEach((name, value) -> request.append(name).append(':').append(value).append('\n'));
    request.append('\n').append(names).append('\n').append(sha256(body));
    String scope = date + "/" + region + "/" + service + "/aws4_request";
    String text =
        ALGORITHM
            + "\n"
            + time
            + "\n"
            + scope
            + "\n"
            + sha256(request.toString().getBytes(StandardCharsets.UTF_8));
    added.put(
        "authorization",
        ALGORITHM
            + " Credential="
            + accessKeyId
            + "/"
            + scope
            + ", SignedHeaders="
            + names
            + ", Signature="
            + HEX.formatHex(hmac(signingKey(date), text)));
    return added;
  }

  /** The query in its canonical form, which is also how it must be sent. */
  static String queryText(Map<String, String> query) {
    return new TreeMap<>(query)
        .entrySet().stream()
            .map(each -> escape(each.getKey()) + "=" + escape(each.getValue()))
            .collect(Collectors.joining("&"));
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b > 0 && UNRESERVED.indexOf(b) >= 0) {
        escaped.append((char) b);
      } else {
        escaped.append('%').append(HEX.withUpperCase().toHexDigits(b));
      }
    }
    return escaped.toString();
  }

  private byte[] signingKey(String date) {
    byte[] first = ("AWS4" + secretAccessKey).getBytes(StandardCharsets.UTF_8);
    byte[] key = hmac(first, date);
    Arrays.fill(first, (byte) 0);
    for (String part : new String[] {region, service, "aws4_request"}) {
      byte[] next = hmac(key, part);
      Arrays.fill(key, (byte) 0);
      key = next;
    }
    return key;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "the platform cannot sign");
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new TenantkitException(ErrorCode.INTERNAL, "the platform cannot hash");
    }
  }

  /** The public half only. */
  @Override
  public String toString() {
    return "AwsSignature[" + accessKeyId + ", redacted]";
  }
}
