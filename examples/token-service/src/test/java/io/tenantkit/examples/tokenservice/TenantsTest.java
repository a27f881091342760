package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.ConflictException;
import io.tenantkit.InvalidInputException;
import io.tenantkit.NotFoundException;
import io.tenantkit.examples.tokenservice.RunningService.Answer;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tenants in a file, made by the operator's commands, who come by API key. */
final class TenantsTest {
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";
  private static final String AGENT = "{\"room\":\"r\",\"agent_id\":\"a\"}";
  private static final String HIDDEN =
      "{\"room\":\"r\",\"identity\":\"i\",\"grants\":{\"hidden\":true}}";
  private static final Pattern KEY = Pattern.compile("shown this once: (ak_live_[0-9A-Za-z]+)\n");

  @TempDir private Path folder;
  private Map<String, String> environment;

  @BeforeEach
  void environment() {
    environment =
        RunningService.only(
            "TENANTKIT_STORAGE",
            "h2:" + folder.resolve("tenants"),
            "TENANTKIT_MASTER_KEY_FILE",
            folder.resolve("master.keys").toString());
  }

  private String command(String secret, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TenantCommands.run(
        List.of(words),
        environment,
        new ByteArrayInputStream(secret.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private String tenant(String id, String scopes) {
    return key(
        command(
            "canary-secret-of-" + id + "-with-32-characters\n",
            "create-tenant",
            id,
            "--livekit-url",
            "wss://" + id + ".example",
            "--livekit-key",
            "API" + id,
            "--scopes",
            scopes));
  }

  private static String key(String printed) {
    assertThat(printed).doesNotContain("canary");
    Matcher key = KEY.matcher(printed);
    assertThat(key.find()).as(printed).isTrue();
    return key.group(1);
  }

  private static String[] bearer(String key) {
    return new String[] {"Authorization", "Bearer " + key};
  }

  @Test
  void who_tries_keys_is_told_to_stop_and_holds_up_nobody_who_has_one() {
    String acme = tenant("acme", "livekit:create-session");
    environment.putAll(
        RunningService.only("RATE_LIMIT_MAX_REQUESTS", "3", "RATE_LIMIT_WINDOW_MS", "3600000"));
    try (RunningService service = RunningService.start(environment)) {
      for (int i = 0; i < 3; i++) {
        assertThat(service.post("/token", PERSON, "X-Api-Key", "ak_live_no" + i).status())
            .isEqualTo(401);
      }
      assertThat(service.post("/token", PERSON, "X-Api-Key", "ak_live_no").status()).isEqualTo(429);
      assertThat(service.post("/token", PERSON).status()).isEqualTo(429);
      assertThat(service.post("/token", PERSON, "X-Api-Key", acme).status()).isEqualTo(200);
    }
  }

  @Test
  void each_tenant_has_tokens_of_its_own_project() {
    String acme = tenant("acme", "livekit:create-session,livekit:read");
    String globex = tenant("globex", "livekit:*");
    try (RunningService service = RunningService.start(environment)) {
      Answer one = service.post("/token", PERSON, bearer(acme));
      Answer other = service.post("/token", PERSON, "X-Api-Key", globex);
      assertThat(one.json().get("wsUrl").textValue()).isEqualTo("wss://acme.example");
      assertThat(other.json().get("wsUrl").textValue()).isEqualTo("wss://globex.example");

      String token = "{\"token\":\"" + one.json().get("token").textValue() + "\"}";
      assertThat(service.post("/token/verify", token, bearer(acme)).json().get("valid").asBoolean())
          .isTrue();
      Answer refused = service.post("/token/verify", token, bearer(globex));
      assertThat(refused.json().get("reasons").toString()).isEqualTo("[\"UNKNOWN_ISSUER\"]");

      Answer standard = service.post("/livekit/token", "{}", bearer(acme));
      assertThat(standard.status()).isEqualTo(201);
      assertThat(standard.json().get("server_url").textValue()).isEqualTo("wss://acme.example");
    }
  }

  @Test
  void a_key_gets_what_its_scopes_allow() {
    String person = tenant("acme", "livekit:create-session");
    String agent =
        key(command("", "create-key", "acme", "--scopes", "livekit:create-session,livekit:agent"));
    String all = key(command("", "create-key", "acme", "--scopes", "livekit:*", "--name", "all"));
    try (RunningService service = RunningService.start(environment)) {
      for (String[] none : new String[][] {{}, bearer("ak_live_none"), {"X-Api-Key", "x"}}) {
        Answer answer = service.post("/token", PERSON, none);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
      }
      assertThat(service.post("/token", PERSON, bearer(person)).status()).isEqualTo(200);
      Answer refused = service.post("/token/agent", AGENT, bearer(person));
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.header("WWW-Authenticate")).contains("livekit:agent");
      assertThat(service.post("/token", HIDDEN, bearer(person)).status()).isEqualTo(403);
      assertThat(service.post("/token/verify", "{\"token\":\"x\"}", bearer(person)).status())
          .isEqualTo(403);

      assertThat(service.post("/token/agent", AGENT, bearer(agent)).status()).isEqualTo(200);
      assertThat(service.post("/token", HIDDEN, bearer(agent)).status()).isEqualTo(403);
      assertThat(service.post("/token", HIDDEN, bearer(all)).status()).isEqualTo(200);
    }
  }

  @Test
  void each_key_has_its_own_limit() {
    environment.put("RATE_LIMIT_MAX_REQUESTS", "2");
    String one = tenant("acme", "livekit:create-session");
    String other = key(command("", "create-key", "acme"));
    try (RunningService service = RunningService.start(environment)) {
      assertThat(service.post("/token", PERSON, bearer(one)).header("RateLimit"))
          .startsWith("\"requests\";r=1");
      service.post("/token", PERSON, bearer(one));
      Answer refused = service.post("/token", PERSON, bearer(one));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 30);
      assertThat(service.post("/token", PERSON, bearer(other)).status()).isEqualTo(200);
    }
  }

  @Test
  void a_suspended_tenant_gets_none() {
    String key = tenant("acme", "livekit:create-session");
    Settings settings = Settings.read(environment);
    try (Tenants tenants =
        Tenants.open(settings, settings.storage().orElseThrow(), Clock.systemUTC())) {
      tenants
          .plane()
          .organizations()
          .suspend(Operator.trusted("test", "unpaid"), OrganizationId.of("acme"));
    }
    try (RunningService service = RunningService.start(environment)) {
      assertThat(service.post("/token", PERSON, bearer(key)).status()).isEqualTo(403);
      assertThat(service.get("/ready").status()).isEqualTo(200);
    }
  }

  @Test
  void credentials_are_replaced_by_a_command() {
    String key = tenant("acme", "livekit:create-session");
    assertThat(
            command(
                "canary-other-secret-with-32-characters",
                "connect",
                "acme",
                "--livekit-url",
                "https://new.example",
                "--livekit-key",
                "APInew"))
        .isEqualTo("LiveKit: https://new.example\n");
    try (RunningService service = RunningService.start(environment)) {
      assertThat(service.post("/token", PERSON, bearer(key)).json().get("wsUrl").textValue())
          .isEqualTo("wss://new.example");
    }
  }

  @Test
  void a_command_that_cannot_be_done_leaves_nothing() throws Exception {
    String[] bad = {
      "create-tenant", "acme", "--livekit-url", "wss://a.example", "--livekit-key", "k"
    };
    assertThatThrownBy(() -> command("", bad)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> command("a\nb", bad)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> command("x".repeat(2_000), bad))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> command("", "create-key", "acme"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> command("", "create-key", "acme", "--scopes", "Livekit"))
        .isInstanceOf(InvalidInputException.class);

    Path file = folder.resolve("secret");
    Files.writeString(file, "canary-secret-with-at-least-32-characters\r\n");
    List<String> words = new java.util.ArrayList<>(List.of(bad));
    words.addAll(List.of("--secret-file", file.toString(), "--name", "Acme"));
    key(command("", words.toArray(String[]::new)));
    assertThatThrownBy(() -> command("", words.toArray(String[]::new)))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void a_wrong_master_key_does_not_start() {
    tenant("acme", "livekit:create-session");
    environment.remove("TENANTKIT_MASTER_KEY_FILE");
    environment.put("TENANTKIT_MASTER_KEY", "hex:" + "0f".repeat(31) + "aa");

    Programs.Ended ended = Programs.run(folder, environment, "", Programs.java());
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.output()).contains("MASTER_KEY_MISMATCH").doesNotContain("0f0f");
  }

  @Test
  void a_second_process_on_the_file_is_told_so() {
    try (RunningService service = RunningService.start(environment)) {
      assertThat(service.get("/ready").status()).isEqualTo(200);
      List<String> words = new java.util.ArrayList<>(Programs.java());
      words.addAll(List.of("create-key", "acme"));
      Programs.Ended ended = Programs.run(folder, environment, "", words);
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.output()).contains("STORAGE_IN_USE");
    }
  }
}
