package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.vault.egress.Egress;
import io.tenantkit.vault.integration.LocalProvider.Answer;
import io.tenantkit.vault.integration.LocalProvider.Asked;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What is made of a credential when it does not go into the request as it is. */
class CheckRequestTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:15:30Z");
  private static final OrganizationId OWNER = OrganizationId.of("acme");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void awsIsAskedWithASignatureForItsRegion() {
    Asked asked = asked(ProviderCases.of("aws"));

    assertThat(asked.headers().get("Authorization"))
        .matches(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu-central-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}");
    assertThat(asked.headers()).containsEntry("X-Amz-Date", "20261121T101530Z");
  }

  @Test
  void temporaryCredentialsOfAwsBringTheirToken() {
    ProviderCase aws =
        ProviderCases.of("aws")
            .config("access_key_id", "ASIAIOSFODNN7EXAMPLE")
            .secret("session_token", "FwoGZXIvYXdzEXAMPLE+token/0123456789==");
    Asked asked = asked(aws);

    assertThat(asked.headers())
        .containsEntry("X-Amz-Security-Token", "FwoGZXIvYXdzEXAMPLE+token/0123456789==");
    assertThat(asked.headers().get("Authorization"))
        .contains("SignedHeaders=host;x-amz-date;x-amz-security-token");
  }

  @Test
  void googleGetsAnAssertionOfAMinuteForItsOwnAddress() throws Exception {
    Asked asked = asked(ProviderCases.of("google-cloud"));

    assertThat(asked.headers()).containsEntry("Content-Type", "application/x-www-form-urlencoded");
    Map<String, String> form = form(asked.body());
    assertThat(form).containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    String[] parts = form.get("assertion").split("\\.", -1);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(ProviderCases.SERVICE_ACCOUNT.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
    JsonNode header = json(parts[0]);
    assertThat(header.get("alg").asText()).isEqualTo("RS256");
    assertThat(header.get("kid").asText()).isEqualTo("0123456789abcdef0123456789abcdef01234567");
    JsonNode claims = json(parts[1]);
    assertThat(claims.get("iss").asText()).isEqualTo("checker@acme-prod.iam.gserviceaccount.com");
    assertThat(claims.get("aud").asText()).isEqualTo("https://oauth2.googleapis.com/token");
    assertThat(claims.get("exp").asLong() - claims.get("iat").asLong()).isEqualTo(60);
    assertThat(claims.get("scope").asText())
        .isEqualTo("https://www.googleapis.com/auth/userinfo.email");
  }

  @Test
  void azureGetsAFormAndNothingInItsUrl() {
    Asked asked = asked(ProviderCases.of("azure"));

    assertThat(form(asked.body()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "client_id", "11111111-2222-3333-4444-555555555555",
                "client_secret", "q~8Q~CANARYazure.Zx_81mNpLk+/=&",
                "grant_type", "client_credentials",
                "scope", "https://graph.microsoft.com/.default"));
    assertThat(asked.line()).doesNotContain("?");
  }

  @Test
  void liveKitGetsATokenOfAMinuteThatListsRoomsOnly() throws Exception {
    Asked asked = asked(ProviderCases.of("livekit"));

    String token = asked.headers().get("Authorization").substring("Bearer ".length());
    String[] parts = token.split("\\.", -1);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            "CANARYlivekit0123456789abcdefghijklmnopqrst".getBytes(StandardCharsets.US_ASCII),
            "HmacSHA256"));
    assertThat(Base64.getUrlDecoder().decode(parts[2]))
        .isEqualTo(mac.doFinal((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII)));
    JsonNode claims = json(parts[1]);
    assertThat(claims.get("iss").asText()).isEqualTo("APIacme1234567");
    assertThat(claims.get("exp").asLong()).isEqualTo(NOW.getEpochSecond() + 60);
    assertThat(claims.get("video")).isEqualTo(JSON.readTree("{\"roomList\":true}"));
    List<String> names = new ArrayList<>();
    claims.fieldNames().forEachRemaining(names::add);
    assertThat(names).containsExactlyInAnyOrder("iss", "nbf", "exp", "video");
    assertThat(JSON.readTree(asked.body()).get("names")).hasSize(1);
  }

  @Test
  void aHeaderWhoseOptionalFieldIsAbsentIsLeftOut() {
    IntegrationTemplate template =
        IntegrationTemplate.builder("acme-crm", "Acme CRM")
            .field(TemplateField.secret("api_key", "Key", "[a-z0-9]{8,64}"))
            .field(
                new TemplateField(
                    "workspace",
                    "Workspace",
                    TemplateField.Kind.TEXT,
                    false,
                    false,
                    Optional.of(FieldFormat.of("[a-z]{1,32}")),
                    Optional.empty()))
            .base("https://api.crm.example")
            .credentialHeader("X-Api-Key", "{api_key}")
            .credentialHeader("X-Workspace", "{workspace}")
            .check("/v1/me")
            .reading(200, "/me", Verdict.VALID)
            .build();
    try (LocalProvider server = LocalProvider.answering(Answer.of(200, "{\"me\":1}"));
        Egress egress = Egress.builder().unsafeRoute("api.crm.example", server.port()).build();
        SecretValue key = SecretValue.of("0123456789ab")) {
      CheckResult result =
          new CredentialChecker(egress, Duration.ofSeconds(30))
              .check(
                  OWNER,
                  template,
                  CredentialValues.require(template, Map.of("api_key", key), Map.of()),
                  NOW);

      assertThat(result.verdict()).isEqualTo(Verdict.VALID);
      assertThat(server.asked().get(0).headers())
          .containsEntry("X-Api-Key", "0123456789ab")
          .doesNotContainKey("X-Workspace");
    }
  }

  private static Asked asked(ProviderCase provider) {
    try (LocalProvider server = LocalProvider.answering(provider.valid().answer());
        Egress egress = Egress.builder().unsafeRoute(provider.host, server.port()).build()) {
      new CredentialChecker(egress, Duration.ofSeconds(30))
          .check(OWNER, provider.template(), provider.values(), NOW);
      return server.asked().get(0);
    }
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : body.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return form;
  }

  private static JsonNode json(String part) throws Exception {
    return JSON.readTree(Base64.getUrlDecoder().decode(part));
  }
}
