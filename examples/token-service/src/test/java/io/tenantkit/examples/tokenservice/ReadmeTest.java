package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows does what it says: its shell is run, its tables are held to the code. */
final class ReadmeTest {
  private static final String CURL = "curl is not installed (Debian: apt-get install curl)";

  @TempDir private Path folder;

  /** The fenced blocks after a marker of the form {@code <!-- name -->}. */
  static List<String> blocks(String page, String name) {
    List<String> blocks = new ArrayList<>();
    Matcher block =
        Pattern.compile("<!-- " + name + " -->\n```sh\n(.*?)```", Pattern.DOTALL).matcher(page);
    while (block.find()) {
      blocks.add(block.group(1));
    }
    assertThat(blocks).as(name).isNotEmpty();
    return blocks;
  }

  private Programs.Ended shell(String script, Map<String, String> environment) {
    return Programs.run(folder, environment, "", List.of("bash", "-euo", "pipefail", "-c", script));
  }

  /** What curl prints beside the answers is its progress. */
  private static String curl(String script, int port) {
    return script
        .replace("http://localhost:3001", "http://127.0.0.1:" + port)
        .replace("curl ", "curl -sS --fail-with-body ");
  }

  @Test
  void the_curl_examples_run_against_the_started_program() throws Exception {
    Programs.require("curl", CURL);
    List<String> examples = blocks(Module.read("README.md"), "curl");
    try (Programs.Served service =
        new Programs.Served(folder, RunningService.environment(), Programs.java())) {
      List<String> printed = new ArrayList<>();
      for (String example : examples) {
        Programs.Ended ended = shell(curl(example, service.port()), Map.of());
        assertThat(ended.code()).as(example + ended.output()).isZero();
        printed.add(ended.output());
      }
      assertThat(printed.get(0)).contains("\"healthy\"").contains("\"ready\"");
      JsonNode token = RunningService.JSON.readTree(printed.get(1));
      assertThat(token.get("identity").textValue()).isEqualTo("user-123");
      assertThat(RunningService.JSON.readTree(printed.get(2)).get("identity").textValue())
          .isEqualTo("bridge-001");
      JsonNode verified = RunningService.JSON.readTree(printed.get(3));
      assertThat(verified.get("valid").booleanValue()).isTrue();
      assertThat(RunningService.JSON.readTree(printed.get(4)).has("participant_token")).isTrue();
      assertThat(printed).hasSize(5);
    }
  }

  @Test
  void the_operators_commands_make_a_tenant_whose_key_works() throws Exception {
    Programs.require("curl", CURL);
    String page = Module.read("README.md");
    String commands = blocks(page, "tenants").get(0);
    assertThat(commands).endsWith("\ntoken-service\n");
    Files.createDirectory(folder.resolve("data"));
    Map<String, String> environment = new HashMap<>();
    environment.put("ACME_LIVEKIT_SECRET", "a-secret-of-at-least-32-characters");
    environment.put("ACME_NEW_SECRET", "another-secret-of-at-least-32-characters");
    List<String> java = Programs.java();
    String function = "token-service() { '" + String.join("' '", java) + "' \"$@\"; }\n";
    String withoutServing = commands.substring(0, commands.lastIndexOf("token-service\n"));
    Programs.Ended made = shell(function + withoutServing, environment);
    assertThat(made.code()).as(made.output()).isZero();
    Matcher key = Pattern.compile("ak_live_[0-9A-Za-z]{38}").matcher(made.output());
    assertThat(key.find()).as(made.output()).isTrue();

    Map<String, String> serving =
        RunningService.only(
            "TENANTKIT_STORAGE", "h2:data/tenants", "TENANTKIT_MASTER_KEY_FILE", "master.keys");
    try (Programs.Served service = new Programs.Served(folder, serving, java)) {
      Programs.Ended ended =
          shell(
              curl(blocks(page, "tenant curl").get(0), service.port()),
              Map.of("API_KEY", key.group()));
      assertThat(ended.code()).as(ended.output()).isZero();
      assertThat(RunningService.JSON.readTree(ended.output()).get("wsUrl").textValue())
          .isEqualTo("wss://livekit.acme.example");
    }
  }

  @Test
  void the_table_has_every_variable_that_is_read() throws Exception {
    Set<String> read = new TreeSet<>();
    Pattern variable =
        Pattern.compile(
            "\"((?:TOKEN_SERVICE|TENANTKIT|LIVEKIT|RATE_LIMIT)_[A-Z_]+|PORT|NODE_ENV|CORS_ORIGINS"
                + "|(?:DEFAULT|MAX)_TOKEN_TTL_SECONDS)\"");
    try (var sources = Files.walk(Module.file("src/main/java"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Matcher name = variable.matcher(Files.readString(source));
        while (name.find()) {
          read.add(name.group(1));
        }
      }
    }
    String page = Module.read("README.md");
    assertThat(read).hasSizeGreaterThan(19);
    for (String name : read) {
      // Where a row has several, those after the first are shortened.
      assertThat(page).as(name).contains("`" + name.replaceAll("_PREVIOUS$", "") + "`");
    }
  }

  @Test
  void the_commands_that_start_it_name_what_is_there() throws Exception {
    String page = Module.read("README.md");
    String pom = Module.read("pom.xml");
    String start = blocks(page, "start").get(0);
    assertThat(start).contains("-Dtoken-service ").contains("-Dservice.args=\"--env-file .env\"");
    assertThat(pom).contains("<name>token-service</name>").contains("${service.args}");
    assertThat(pom).contains("<finalName>token-service</finalName>");
    assertThat(blocks(page, "jar").get(0)).contains("target/token-service.jar");
    for (String command : List.of(start, blocks(page, "docker").get(0))) {
      Matcher path = Pattern.compile("examples/token-service(/[A-Za-z.]+)?").matcher(command);
      while (path.find()) {
        if (!path.group().endsWith("/.env")) {
          assertThat(Module.root().resolve(path.group())).exists();
        }
      }
    }
  }
}
