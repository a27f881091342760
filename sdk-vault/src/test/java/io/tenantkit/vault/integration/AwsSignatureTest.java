package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against AWS's published test suite (aws-sig-v4-test-suite) and its documented example of IAM. */
class AwsSignatureTest {
  private static final Instant AT = Instant.parse("2015-08-30T12:36:00Z");
  private static final String SESSION =
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

  @Test
  void getVanilla() {
    assertThat(sign("GET", "/", Map.of()))
        .isEqualTo(
            expected(
                "host;x-amz-date",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
  }

  @Test
  void postVanilla() {
    assertThat(sign("POST", "/", Map.of()))
        .isEqualTo(
            expected(
                "host;x-amz-date",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
  }

  @Test
  void getVanillaQueryOrderKeyCase() {
    assertThat(sign("GET", "/", Map.of("Param2", "value2", "Param1", "value1")))
        .isEqualTo(
            expected(
                "host;x-amz-date",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
  }

  @Test
  void getUtf8QueryKey() {
    assertThat(sign("GET", "/", Map.of("\u1234", "bar")))
        .isEqualTo(
            expected(
                "host;x-amz-date",
                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"));
  }

  @Test
  void getUnreserved() {
    assertThat(
            sign(
                "GET",
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                Map.of()))
        .isEqualTo(
            expected(
                "host;x-amz-date",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"));
  }

  @Test
  void postStsHeaderBefore() {
    AwsSignature signature =
        new AwsSignature(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Optional.of(SESSION),
            "us-east-1",
            "service");
    Map<String, String> headers =
        signature.sign("POST", "example.amazonaws.com", "/", Map.of(), Map.of(), new byte[0], AT);
    assertThat(headers).containsEntry("x-amz-security-token", SESSION);
    assertThat(headers.get("authorization"))
        .isEqualTo(
            expected(
                "host;x-amz-date;x-amz-security-token",
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
  }

  @Test
  void listUsersOfTheDocumentation() {
    AwsSignature signature =
        new AwsSignature(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Optional.empty(),
            "us-east-1",
            "iam");
    assertThat(
            signature
                .sign(
                    "GET",
                    "iam.amazonaws.com",
                    "/",
                    Map.of("Action", "ListUsers", "Version", "2010-05-08"),
                    Map.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                    new byte[0],
                    AT)
                .get("authorization"))
        .endsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    assertThat(signature.toString()).doesNotContain("wJalr");
  }

  private static String sign(String method, String path, Map<String, String> query) {
    return new AwsSignature(
            "AKIDEXAMPLE",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            Optional.empty(),
            "us-east-1",
            "service")
        .sign(method, "example.amazonaws.com", path, query, Map.of(), new byte[0], AT)
        .get("authorization");
  }

  private static String expected(String signedHeaders, String signature) {
    return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="
        + signedHeaders
        + ", Signature="
        + signature;
  }
}
