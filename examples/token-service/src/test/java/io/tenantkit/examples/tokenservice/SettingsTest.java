package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The environment: defaults, bounds, and combinations that are refused. */
final class SettingsTest {
  @TempDir private Path folder;

  private static Map<String, String> project() {
    Map<String, String> environment = new HashMap<>();
    environment.put("LIVEKIT_API_KEY", "APIkey");
    environment.put("LIVEKIT_API_SECRET", "a-secret-of-at-least-32-characters");
    environment.put("LIVEKIT_WS_URL", "wss://livekit.example.com");
    return environment;
  }

  @Test
  void the_defaults_are_those_of_the_seed() {
    Settings settings = Settings.read(project());

    assertThat(settings.port()).isEqualTo(3_001);
    assertThat(settings.mode()).isEqualTo("development");
    assertThat(settings.defaultTtl()).hasSeconds(3_600);
    assertThat(settings.maxTtl()).hasSeconds(86_400);
    assertThat(settings.limit().window()).hasMillis(60_000);
    assertThat(settings.limit().limit()).isEqualTo(100);
    assertThat(settings.cors()).isEqualTo(Cors.ANY);
    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.localOnly()).isTrue();
  }

  @Test
  void everything_can_be_said() {
    Map<String, String> environment = project();
    environment.put("PORT", "8080");
    environment.put("NODE_ENV", "production");
    environment.put("DEFAULT_TOKEN_TTL_SECONDS", "60");
    environment.put("MAX_TOKEN_TTL_SECONDS", "600");
    environment.put("RATE_LIMIT_WINDOW_MS", "1000");
    environment.put("RATE_LIMIT_MAX_REQUESTS", "5");
    environment.put("CORS_ORIGINS", "https://app.example.com, http://localhost:5173");
    environment.put("TOKEN_SERVICE_HOST", "0.0.0.0");
    environment.put("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE", "true");
    environment.put("TOKEN_SERVICE_AGENTS", "bridge, scribe");
    environment.put("TOKEN_SERVICE_TRUSTED_PROXIES", "10.0.0.0/8");
    Settings settings = Settings.read(environment);

    assertThat(settings.port()).isEqualTo(8_080);
    assertThat(settings.mode()).isEqualTo("production");
    assertThat(settings.defaultTtl()).hasSeconds(60);
    assertThat(settings.maxTtl()).hasSeconds(600);
    assertThat(settings.limit().window()).hasSeconds(1);
    assertThat(settings.limit().limit()).isEqualTo(5);
    assertThat(settings.cors().origins())
        .containsExactlyInAnyOrder("https://app.example.com", "http://localhost:5173");
    assertThat(settings.agents()).containsExactlyInAnyOrder("bridge", "scribe");
    assertThat(settings.localOnly()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PORT|canary|a whole number, 0 to 65535",
        "PORT|65536|a whole number, 0 to 65535",
        "PORT|-1|a whole number",
        "PORT|' 3001'|a whole number",
        "NODE_ENV|canary|development, production or test",
        "DEFAULT_TOKEN_TTL_SECONDS|0|1 to 86400",
        "MAX_TOKEN_TTL_SECONDS|86400000|1 to 86400",
        "MAX_TOKEN_TTL_SECONDS|99999999999999999999|1 to 86400",
        "RATE_LIMIT_WINDOW_MS|0|1 to",
        "RATE_LIMIT_MAX_REQUESTS|0|1 to 1000000000",
        "CORS_ORIGINS|canary.example|origins as https://",
        "CORS_ORIGINS|https://a.example/path|origins as https://",
        "CORS_ORIGINS|'https://a.example,'|origins as https://",
        "LIVEKIT_WS_URL|canary|ws, wss, http or https URL",
        "LIVEKIT_API_SECRET|' canary'|printable ASCII",
        "LIVEKIT_API_KEY|'can ary'|printable ASCII",
        "TOKEN_SERVICE_INSECURE_ALLOW_ANYONE|canary|true or false",
        "TOKEN_SERVICE_KEY|canary|32 to 512",
        "TOKEN_SERVICE_TRUSTED_PROXIES|0.0.0.0/0|prefix length 0",
        "TOKEN_SERVICE_FORWARDED_HEADER|canary|x-forwarded-for or forwarded",
        "TOKEN_SERVICE_AGENTS|'a,,b'|names of 1 to 256",
        "TENANTKIT_STORAGE|canary|h2:/path/to/file or jdbc:postgresql:",
      })
  void a_bad_value_is_refused_by_its_name_and_bound(String name, String value, String bound) {
    Map<String, String> environment = project();
    environment.put(name, value);

    assertThatThrownBy(() -> Settings.read(environment))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(name + ": ")
        .hasMessageContaining(bound)
        .message()
        .doesNotContain("canary");
  }

  @Test
  void all_that_is_missing_is_told_at_once() {
    assertThatThrownBy(() -> Settings.read(Map.of("PORT", "x", "LIVEKIT_API_KEY", "")))
        .message()
        .contains(
            "LIVEKIT_API_KEY: required", "LIVEKIT_API_SECRET: required", "LIVEKIT_WS_URL: required")
        .contains("PORT: ");
  }

  @Test
  void the_default_lifetime_is_at_most_the_longest() {
    Map<String, String> environment = project();
    environment.put("MAX_TOKEN_TTL_SECONDS", "60");
    assertThat(Settings.read(environment).defaultTtl()).hasSeconds(60);

    environment.put("DEFAULT_TOKEN_TTL_SECONDS", "61");
    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("DEFAULT_TOKEN_TTL_SECONDS: a whole number, 1 to 60");
  }

  @Test
  void without_a_key_it_listens_on_loopback_or_is_told_that_anyone_may_call() {
    Map<String, String> environment = project();
    environment.put("TOKEN_SERVICE_HOST", "0.0.0.0");
    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("TOKEN_SERVICE_HOST: a loopback address")
        .hasMessageContaining("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE=true");

    environment.put("TOKEN_SERVICE_KEY", "k".repeat(32));
    assertThat(Settings.read(environment).localOnly()).isFalse();

    environment.remove("TOKEN_SERVICE_KEY");
    environment.put("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE", "true");
    assertThat(Settings.read(environment).localOnly()).isFalse();

    environment.put("TOKEN_SERVICE_HOST", "127.0.0.1");
    assertThat(Settings.read(environment).localOnly())
        .as("who lets anyone in may well have a proxy on this machine")
        .isFalse();
  }

  /** A proxy of this machine connects from loopback, with the whole world behind it. */
  @Test
  void in_production_loopback_is_no_key() {
    Map<String, String> environment = project();
    environment.put("NODE_ENV", "production");
    for (String host : new String[] {"127.0.0.1", "::1", "localhost"}) {
      environment.put("TOKEN_SERVICE_HOST", host);
      assertThatThrownBy(() -> Settings.read(environment))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("TOKEN_SERVICE_KEY: required in production")
          .hasMessageContaining("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE=true");
    }

    environment.put("TOKEN_SERVICE_KEY", "k".repeat(32));
    Settings keyed = Settings.read(environment);
    assertThat(keyed.key()).isPresent();
    assertThat(keyed.cors()).as("who has no key gets nothing from any page").isEqualTo(Cors.ANY);

    environment.remove("TOKEN_SERVICE_KEY");
    environment.put("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE", "true");
    assertThat(Settings.read(environment).localOnly()).isFalse();

    environment.remove("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE");
    environment.put("NODE_ENV", "test");
    assertThat(Settings.read(environment).localOnly()).isTrue();
  }

  @Test
  void one_project_and_tenants_do_not_mix() {
    Map<String, String> environment = project();
    environment.put("TENANTKIT_STORAGE", "h2:" + folder.resolve("data"));
    environment.put("TENANTKIT_MASTER_KEY_FILE", folder.resolve("master.keys").toString());

    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("LIVEKIT_API_SECRET: not beside TENANTKIT_STORAGE");
  }

  @Test
  void a_storage_needs_a_master_key_and_one_only() {
    Map<String, String> environment = new HashMap<>();
    environment.put("TENANTKIT_STORAGE", "h2:" + folder.resolve("data"));
    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("TENANTKIT_MASTER_KEY_FILE: required");

    environment.put("TENANTKIT_MASTER_KEY", "raw:canary");
    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("TENANTKIT_MASTER_KEY: ")
        .message()
        .doesNotContain("canary");

    environment.put("TENANTKIT_MASTER_KEY", "hex:" + "0f".repeat(31) + "aa");
    assertThat(Settings.read(environment).storage()).isPresent();

    environment.put("TENANTKIT_MASTER_KEY_FILE", folder.resolve("master.keys").toString());
    assertThatThrownBy(() -> Settings.read(environment)).hasMessageContaining("one of the two");
  }

  @Test
  void a_password_within_a_url_is_refused() {
    Map<String, String> environment = new HashMap<>();
    environment.put("TENANTKIT_STORAGE", "jdbc:postgresql://db/tenants?user=a&password=canary");
    environment.put("TENANTKIT_MASTER_KEY", "hex:" + "0f".repeat(31) + "aa");
    assertThatThrownBy(() -> Settings.read(environment))
        .hasMessageContaining("TENANTKIT_STORAGE: no password within the URL")
        .hasMessageContaining("TENANTKIT_DB_USER: required")
        .message()
        .doesNotContain("canary");
  }

  @Test
  void settings_print_without_secrets() {
    Map<String, String> environment = project();
    environment.put("TOKEN_SERVICE_KEY", "canary-key-of-at-least-32-characters");
    environment.put("LIVEKIT_API_SECRET", "canary-secret-of-at-least-32-characters");

    assertThat(Settings.read(environment).toString()).doesNotContain("canary");
  }

  @Test
  void the_example_file_has_the_ten_variables_and_starts_as_it_is() throws Exception {
    Map<String, String> example = EnvFile.under(Map.of(), Module.file(".env.example"));

    assertThat(example)
        .containsOnlyKeys(
            Set.of(
                "PORT",
                "NODE_ENV",
                "LIVEKIT_API_KEY",
                "LIVEKIT_API_SECRET",
                "LIVEKIT_WS_URL",
                "DEFAULT_TOKEN_TTL_SECONDS",
                "MAX_TOKEN_TTL_SECONDS",
                "RATE_LIMIT_WINDOW_MS",
                "RATE_LIMIT_MAX_REQUESTS",
                "CORS_ORIGINS"));
    Settings settings = Settings.read(example);
    Settings defaults = Settings.read(project());
    assertThat(settings.port()).isEqualTo(defaults.port());
    assertThat(settings.limit()).isEqualTo(defaults.limit());
    assertThat(settings.maxTtl()).isEqualTo(defaults.maxTtl());
    assertThat(settings.defaultTtl()).isEqualTo(defaults.defaultTtl());
    assertThat(settings.cors()).isEqualTo(defaults.cors());
  }

  @Test
  void a_file_of_variables_gives_way_to_the_environment_and_names_a_bad_line() throws Exception {
    Path file = folder.resolve("env");
    Files.writeString(file, "# a comment\n\nPORT=1\nNODE_ENV=\"production\"\nX='y=z'\n");
    assertThat(EnvFile.under(Map.of("PORT", "2"), file))
        .containsEntry("PORT", "2")
        .containsEntry("NODE_ENV", "production")
        .containsEntry("X", "y=z");

    Files.writeString(file, "PORT=1\ncanary\n");
    assertThatThrownBy(() -> EnvFile.under(Map.of(), file))
        .hasMessageContaining("line 2: NAME=value")
        .message()
        .doesNotContain("canary");
    assertThatThrownBy(() -> EnvFile.under(Map.of(), folder.resolve("none")))
        .isInstanceOf(SettingsException.class);
  }
}
