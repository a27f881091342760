package io.tenantkit.vault.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tenantkit.InvalidInputException;
import io.tenantkit.secret.SecretValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntegrationTemplateTest {

  static List<ProviderCase> providers() {
    return ProviderCases.all();
  }

  @Test
  void everyProviderOfTheLibraryHasItsCase() {
    assertThat(IntegrationTemplates.builtIn().all().stream().map(IntegrationTemplate::provider))
        .containsExactlyElementsOf(
            providers().stream().map(each -> each.provider).sorted().toList())
        .contains(
            "openai",
            "anthropic",
            "google-gemini",
            "google-cloud",
            "aws",
            "azure",
            "stripe",
            "deepgram",
            "elevenlabs",
            "twilio",
            "github",
            "gitlab",
            "xai",
            "replicate",
            "resend",
            "datadog",
            "livekit",
            "custom");
  }

  @Test
  void fieldsHaveTheProvidersOwnNames() {
    assertThat(names("aws"))
        .containsExactly("access_key_id", "secret_access_key", "session_token", "region");
    assertThat(names("azure")).containsExactly("client_id", "client_secret", "tenant_id");
    assertThat(names("livekit")).containsExactly("server_url", "api_key", "api_secret");
    assertThat(names("google-cloud")).containsExactly("service_account_json");
  }

  private static List<String> names(String provider) {
    return IntegrationTemplates.builtIn().require(provider).fields().stream()
        .map(TemplateField::name)
        .toList();
  }

  /** A blank, a line feed, a letter beyond ASCII: pasted along often enough. */
  @ParameterizedTest
  @MethodSource("providers")
  void aSecretOfAnotherFormIsRefusedWithoutItsText(ProviderCase provider) {
    String field = provider.secrets.keySet().iterator().next();
    for (String damage : new String[] {"\n", " ", "é", "\0", "\u202e"}) {
      ProviderCase damaged = ProviderCases.of(provider.provider);
      damaged.secret(field, "{" + damaged.secrets.get(field) + damage);
      InvalidInputException refused =
          catchThrowableOfType(InvalidInputException.class, damaged::values);
      assertThat(refused).as(provider.provider).isNotNull();
      assertThat(refused.property()).isEqualTo("credential." + field);
      assertThat(refused).hasMessageNotContaining(provider.canary);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "aws, region, evil.example/",
    "aws, region, us-east-1.evil",
    "aws, region, 'us-east-1 '",
    "aws, access_key_id, AKIA",
    "azure, tenant_id, ../common",
    "azure, tenant_id, evil.example",
    "azure, client_id, x",
    "twilio, account_sid, AC../../2010",
    "datadog, site, evil.example",
    "datadog, site, datadoghq.com.evil.example",
    "gitlab, base_url, http://gitlab.com",
    "gitlab, base_url, https://user@gitlab.com",
    "gitlab, base_url, https://gitlab.com/../x",
    "gitlab, base_url, https://gitlab.com?x=1",
    "gitlab, base_url, https://gitlab.com#x",
    "gitlab, base_url, https://gitlab.com\\@evil.example",
    "gitlab, base_url, https://2130706433",
    "gitlab, base_url, https://0x7f.1",
    "gitlab, base_url, https://127.1",
    "gitlab, base_url, https://a.0x7f",
    "gitlab, base_url, https://gitlab.com:0",
    "gitlab, base_url, https://gitlab.com:99999",
    "gitlab, base_url, https://gitlab.com:443:1",
    "gitlab, base_url, https://[::1]",
    "gitlab, base_url, https://gıtlab.com",
    "gitlab, base_url, https://-a.com",
    "gitlab, base_url, wss://gitlab.com",
    "livekit, server_url, ws://acme.livekit.cloud",
    "livekit, server_url, ftp://acme.livekit.cloud"
  })
  void whatEntersAHostOrPathIsStrict(String provider, String field, String value) {
    ProviderCase damaged = ProviderCases.of(provider).config(field, value);
    assertThatThrownBy(damaged::values)
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> assertThat(e.property()).isEqualTo("config." + field));
  }

  @Test
  void whatIsMissingOrNotTheTemplatesIsNamed() {
    IntegrationTemplate aws = IntegrationTemplates.builtIn().require("aws");
    assertThatThrownBy(() -> CredentialValues.require(aws, Map.of(), Map.of()))
        .hasMessageContaining("config.access_key_id");
    try (SecretValue value = SecretValue.of("sk-canary-in-the-wrong-place")) {
      assertThatThrownBy(
              () -> CredentialValues.require(aws, Map.of("sk-canary-as-a-name", value), Map.of()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageNotContaining("canary");
      assertThatThrownBy(() -> CredentialValues.require(aws, Map.of("region", value), Map.of()))
          .isInstanceOf(InvalidInputException.class);
    }
    try (SecretValue binary = SecretValue.copyOf(new byte[] {(byte) 0xFF, 1, 2})) {
      assertThatThrownBy(
              () ->
                  CredentialValues.require(
                      aws,
                      Map.of("secret_access_key", binary),
                      Map.of("access_key_id", "AKIAIOSFODNN7EXAMPLE")))
          .hasMessageContaining("credential.secret_access_key");
    }
  }

  @Test
  void aKeyFileSendsItsAssertionToGoogleOnly() {
    ProviderCase google = ProviderCases.of("google-cloud");
    String file = google.secrets.get("service_account_json");
    for (String changed :
        List.of(
            file.replace(
                "https://oauth2.googleapis.com/token", "https://oauth2.evil.example/token"),
            file.replace("\"service_account\"", "\"authorized_user\""),
            file.replace("iam.gserviceaccount.com", "evil.example"),
            file.replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE"),
            file.replace("-----BEGIN PRIVATE KEY-----", "x-----BEGIN PRIVATE KEY-----"),
            file.replace(
                "{\"client_email\"", "{\"token_uri\":\"https://evil.example\",\"client_email\""),
            file + " {}",
            "{}",
            "[]",
            "null")) {
      assertThat(ServiceAccountKey.isKeyFile(changed))
          .as(changed.substring(0, Math.min(80, changed.length())))
          .isFalse();
    }
    assertThat(ServiceAccountKey.isKeyFile(file)).isTrue();
    assertThat(ServiceAccountKey.parse(file).orElseThrow().toString())
        .doesNotContain(google.canary);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://{api_key}.example.com",
        "https://{region}",
        "https://api.{region}",
        "https://api.example.com/{region}",
        "https://api.example.com/v1",
        "http://api.example.com",
        "{region}",
        "https://user@api.example.com",
        "https://{nothing}.example.com",
        "https://{any}.example.com",
        "https://",
        ""
      })
  void aBaseThatAFieldCouldLeadAstrayIsRefused(String base) {
    assertThatThrownBy(() -> valid().base(base).build())
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.property()).isEqualTo("base"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host", "host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie",
        "Proxy-Authorization", "X-Forwarded-For", "Forwarded", "Bad Name", "", "Bad:Name"
      })
  void aHeaderThatSaysWhereAMessageGoesIsRefused(String name) {
    assertThatThrownBy(() -> valid().credentialHeader(name, "{api_key}").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().header(name, "x").build())
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void fieldsAreHeldToWhereTheyGo() {
    assertThat(valid().build().provider()).isEqualTo("acme-crm");
    // A format that allows blanks could break a header, one with a colon the user's end.
    TemplateField blank = TemplateField.secret("blank", "Blank", "[ -~]{1,9}");
    assertThatThrownBy(() -> valid().field(blank).credentialHeader("X-Other", "{blank}").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().check("/v1/{api_key}").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().check("/v1/{any}").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().check("/v1/../x").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().check("/v1?key={api_key}").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().credentialHeader("X-Other", "a\nb").build())
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> valid().field(blank).field(blank).build())
        .isInstanceOf(InvalidInputException.class);
  }

  private static IntegrationTemplate.Builder valid() {
    return IntegrationTemplate.builder("acme-crm", "Acme CRM")
        .field(TemplateField.secret("api_key", "Key", "[a-z0-9]{8,64}"))
        .field(TemplateField.plain("region", "Region", "[a-z]{2,9}"))
        .field(TemplateField.plain("any", "Any", "[!-~]{2,9}"))
        .base("https://api-{region}.crm.example")
        .credentialHeader("X-Api-Key", "{api_key}")
        .check("/v1/me")
        .reading(200, Verdict.VALID);
  }

  @Test
  void aTemplateIsStrictJson() throws IOException {
    String json;
    try (InputStream in = IntegrationTemplates.class.getResourceAsStream("aws.json")) {
      json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(parse(json).provider()).isEqualTo("aws");
    Map<String, String> damages = new TreeMap<>();
    damages.put("\"provider\": \"aws\",", "\"provider\": \"AWS\",");
    damages.put("\"name\":", "\"nam\":");
    damages.put("\"base\": ", "\"base\": \"https://evil.example\", \"base\": ");
    damages.put("{\"aws\": {\"service\": \"sts\"}}", "{}");
    damages.put("\"method\": \"GET\"", "\"method\": \"DELETE\"");
    damages.put("\"verdict\": \"VALID\"", "\"verdict\": \"FINE\"");
    damages.put("\"status\": 200", "\"status\": \"200\"");
    damages.put("\"secret\": true", "\"secret\": \"yes\"");
    damages.put("\"<Account>\"", "\"<Acc ount>\"");
    damages.put("\"access_key_id\"", "\"access-key-id\"");
    damages.forEach(
        (good, bad) -> {
          assertThat(json).contains(good);
          assertThatThrownBy(() -> parse(json.replace(good, bad)))
              .as(bad)
              .isInstanceOf(InvalidInputException.class);
        });
    assertThatThrownBy(() -> parse(json + "x")).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> parse("[]")).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void aProviderHasOneTemplate() {
    IntegrationTemplates all = IntegrationTemplates.builtIn().with(valid().build());
    assertThat(all.find("acme-crm")).isPresent();
    assertThat(IntegrationTemplates.builtIn().find("acme-crm")).isEmpty();
    assertThatThrownBy(() -> all.with(valid().build())).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> all.require("nobody")).isInstanceOf(InvalidInputException.class);
  }

  private static IntegrationTemplate parse(String json) {
    return IntegrationTemplate.parse(json.getBytes(StandardCharsets.UTF_8));
  }
}
