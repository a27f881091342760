package io.tenantkit.examples.tokenservice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Dockerfile, as far as it can be held without Docker: what it copies is there, its user is
 * nobody, and the Java that it links serves all that the service can do.
 */
final class ImageTest {
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";
  private static final Pattern KEY = Pattern.compile("ak_live_[0-9A-Za-z]{38}");

  /** A JDK that has neither modules to link nor can link itself. */
  private static final Pattern CANNOT_LINK =
      Pattern.compile("not contain jmods directory|not support linking from the current run-time");

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private static Path linked;
  private static Recipe recipe;

  /** The words that start the image's Java, up to the class. */
  private static List<String> java;

  @TempDir private Path folder;

  @BeforeAll
  static void link() throws IOException {
    recipe = Recipe.read();
    Path home = Path.of(System.getProperty("java.home"));
    Path image = linked.resolve("java");
    List<String> words = recipe.jlink(image.toString());
    words.set(0, home.resolve("bin/jlink").toString());
    // Nothing beside the JDK: what else a builder has is not ours to say.
    Programs.Ended ended = Programs.run(linked, Map.of("PATH", linked.toString()), "", words);
    java = new ArrayList<>();
    if (CANNOT_LINK.matcher(ended.output()).find()) {
      // These modules and no others all the same.
      java.add(home.resolve("bin/java").toString());
      java.addAll(List.of("--limit-modules", recipe.modules()));
    } else {
      assertThat(ended.code()).as(ended.output()).isZero();
      java.add(image.resolve("bin/java").toString());
    }
    java.addAll(recipe.jvmOptions());
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
  }

  private Programs.Served serve(Map<String, String> environment) throws IOException {
    return new Programs.Served(folder, environment, java);
  }

  private static HttpResponse<String> ask(
      Programs.Served service, String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
            .timeout(Duration.ofMinutes(1));
    if (!body.isEmpty()) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode answered(int status, HttpResponse<String> response) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return RunningService.JSON.readTree(response.body());
  }

  /** As an operator would, whose variables may be more than the service's. */
  private String tenantsKey(Map<String, String> environment) {
    List<String> words = new ArrayList<>(java);
    words.addAll(List.of("create-tenant", "acme", "--livekit-url", "wss://acme.example"));
    words.addAll(List.of("--livekit-key", "APIacme"));
    Programs.Ended made =
        Programs.run(folder, environment, "a-secret-of-at-least-32-characters\n", words);
    Matcher key = KEY.matcher(made.output());
    assertThat(key.find()).as(made.output()).isTrue();
    return key.group();
  }

  private static void assertServed(Programs.Served service, String key) throws Exception {
    String[] bearer = {"Authorization", "Bearer " + key};
    assertThat(answered(200, ask(service, "/health", "")).get("status").textValue())
        .isEqualTo("healthy");
    assertThat(answered(200, ask(service, "/ready", "")).get("status").textValue())
        .isEqualTo("ready");
    JsonNode token = answered(200, ask(service, "/token", PERSON, bearer));
    assertThat(token.get("wsUrl").textValue()).isEqualTo("wss://acme.example");
    JsonNode standard =
        answered(201, ask(service, "/livekit/token", "{\"room_name\":\"r\"}", bearer));
    assertThat(standard.get("server_url").textValue()).isEqualTo("wss://acme.example");
    String jwt = standard.get("participant_token").textValue();
    String verify = "{\"token\":\"" + jwt + "\"}";
    assertThat(answered(200, ask(service, "/token/verify", verify, bearer)).get("valid"))
        .hasToString("true");
    answered(401, ask(service, "/token", PERSON));
  }

  @Test
  void its_java_serves_tenants_of_a_file() throws Exception {
    Map<String, String> environment =
        RunningService.only(
            "TENANTKIT_STORAGE", "h2:tenants", "TENANTKIT_MASTER_KEY_FILE", "master.keys");
    environment.putAll(recipe.environment());
    String key = tenantsKey(environment);
    try (Programs.Served service = serve(environment)) {
      assertServed(service, key);
      Programs.Ended ended = service.end();
      assertThat(ended.output()).doesNotContain("NoClassDef").doesNotContain("WARNING");
      assertThat(ended.code()).as("of SIGTERM").isEqualTo(143);
    }
  }

  @Test
  void its_java_serves_tenants_of_PostgreSQL() throws Exception {
    DatabaseRoles roles = DatabaseRoles.defaults();
    try (EmbeddedPostgres server =
        EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start()) {
      try (Connection dba = server.getPostgresDatabase().getConnection();
          Statement statement = dba.createStatement()) {
        statement.execute(roles.script());
      }
      Map<String, String> environment =
          RunningService.only(
              "TENANTKIT_STORAGE",
              "jdbc:postgresql://localhost:" + server.getPort() + "/postgres",
              "TENANTKIT_DB_USER",
              roles.application(),
              "TENANTKIT_DB_PASSWORD",
              "unused",
              "TENANTKIT_MASTER_KEY_FILE",
              folder.resolve("master.keys").toString());
      environment.putAll(recipe.environment());
      Map<String, String> operator = new HashMap<>(environment);
      operator.put("TENANTKIT_DB_ADMIN_USER", roles.admin());
      operator.put("TENANTKIT_DB_OWNER_USER", roles.owner());
      // On the Java at hand, for the sake of time: the commands were run on the other.
      ByteArrayOutputStream made = new ByteArrayOutputStream();
      TenantCommands.run(
          List.of(
              "create-tenant", "acme", "--livekit-url", "wss://acme.example", "--livekit-key", "k"),
          operator,
          new ByteArrayInputStream("a-secret-of-at-least-32-characters".getBytes(US_ASCII)),
          new PrintStream(made, true, US_ASCII));
      Matcher key = KEY.matcher(made.toString(US_ASCII));
      assertThat(key.find()).isTrue();
      try (Programs.Served service = serve(environment)) {
        assertServed(service, key.group());
      }
    }
  }

  /** The variables of the README's {@code docker run}, over those of the image. */
  private static Map<String, String> asTheReadmeRunsIt() throws IOException {
    Map<String, String> environment = new HashMap<>(recipe.environment());
    Matcher variable =
        Pattern.compile(" -e ([A-Z_]+)=(\\S+)")
            .matcher(ReadmeTest.blocks(Module.read("README.md"), "docker").get(0));
    while (variable.find()) {
      environment.put(variable.group(1), variable.group(2));
    }
    environment.put("PORT", "0");
    return environment;
  }

  @Test
  void as_the_readme_runs_it_people_get_tokens_and_agents_none() throws Exception {
    try (Programs.Served service = serve(asTheReadmeRunsIt())) {
      answered(200, ask(service, "/health", ""));
      answered(200, ask(service, "/ready", ""));
      answered(200, ask(service, "/token", PERSON));
      answered(201, ask(service, "/livekit/token", "{}"));
      answered(401, ask(service, "/token/agent", "{\"room\":\"r\",\"agent_id\":\"a\"}"));
      assertThat(service.end().output())
          .contains("listening on 0.0.0.0")
          .contains("not fit for production: TOKEN_SERVICE_INSECURE_ALLOW_ANYONE");
    }
  }

  @Test
  void without_the_switch_it_does_not_start() throws Exception {
    Map<String, String> environment = asTheReadmeRunsIt();
    assertThat(environment.remove("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE")).isEqualTo("true");

    assertThatThrownBy(() -> Settings.read(environment))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("TOKEN_SERVICE_HOST: a loopback address")
        .hasMessageContaining("TOKEN_SERVICE_KEY")
        .hasMessageContaining("TOKEN_SERVICE_INSECURE_ALLOW_ANYONE=true");

    environment.put("TOKEN_SERVICE_KEY", "k".repeat(32));
    assertThat(Settings.read(environment).key()).isPresent();
  }

  @Test
  void what_it_copies_is_there_and_enough_to_build() throws IOException {
    List<String> sources = new ArrayList<>();
    for (Recipe.Line line : recipe.lines()) {
      if (line.keyword().equals("COPY") && !line.words().get(0).startsWith("--from")) {
        assertThat(line.words()).hasSize(2);
        sources.add(line.words().get(0));
        assertThat(Module.root().resolve(line.words().get(0))).exists();
      }
    }
    String root = Files.readString(Module.root().resolve("pom.xml"));
    Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(root);
    while (module.find()) {
      assertThat(sources).contains(module.group(1));
    }
    assertThat(sources).contains("pom.xml", ".mvn");
    assertThat(Module.read("Dockerfile.dockerignore")).contains("**/.env").contains("**/*.keys");
  }

  /** The jar finds the rest in {@code lib} beside it. */
  @Test
  void what_it_starts_is_what_the_build_makes() throws IOException {
    String pom = Module.read("pom.xml");
    assertThat(pom)
        .contains("<finalName>token-service</finalName>")
        .contains("<classpathPrefix>lib/</classpathPrefix>")
        .contains("<outputDirectory>${project.build.directory}/lib</outputDirectory>");
    Map<String, String> copied = new HashMap<>();
    for (Recipe.Line line : recipe.image()) {
      if (line.keyword().equals("COPY")) {
        assertThat(line.words()).hasSize(3).startsWith("--from=build");
        copied.put(line.words().get(1), line.words().get(2));
      }
    }
    String target = "/build/examples/token-service/target/";
    List<String> start = recipe.entrypoint();
    List<String> linkedTo = recipe.jlink("/java");
    assertThat(recipe.lines())
        .contains(new Recipe.Line("WORKDIR", List.of("/build")))
        .contains(new Recipe.Line("RUN", linkedTo));
    assertThat(copied)
        .containsEntry(target + "token-service.jar", "/app/")
        .containsEntry(target + "lib", "/app/lib")
        .containsEntry("/java", start.get(0).replace("/bin/java", ""));
    assertThat(start).endsWith("-jar", "/app/token-service.jar");
  }

  @Test
  void it_runs_as_nobody_and_knows_no_secret() throws IOException {
    List<Recipe.Line> image = recipe.image();
    Recipe.Line user = recipe.only("USER");
    assertThat(user.text()).matches("[1-9][0-9]{3,}");
    assertThat(recipe.only("RUN").text()).contains("adduser -D -H -u " + user.text() + " ");
    assertThat(image.indexOf(user))
        .as("nothing is made by nobody")
        .isGreaterThan(image.indexOf(recipe.only("RUN")));
    assertThat(recipe.environment())
        .containsOnly(
            Map.entry("NODE_ENV", "production"), Map.entry("TOKEN_SERVICE_HOST", "0.0.0.0"));
    assertThat(recipe.only("EXPOSE").text()).isEqualTo("3001");
    assertThat(recipe.only("HEALTHCHECK").text())
        .endsWith("CMD wget -qO /dev/null \"http://127.0.0.1:${PORT:-3001}/ready\"");
  }
}
