package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.jdbc.migrate.DatabaseRoles;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tenants in PostgreSQL, with its roles, and what is told when it goes away. */
final class PostgresqlTenantsTest {
  private static final DatabaseRoles ROLES = DatabaseRoles.defaults();
  private static final String PERSON = "{\"room\":\"r\",\"identity\":\"i\"}";

  @TempDir private Path folder;

  private EmbeddedPostgres server;
  private Map<String, String> environment;

  @BeforeEach
  void start() throws Exception {
    server = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start();
    try (Connection dba = server.getPostgresDatabase().getConnection();
        Statement statement = dba.createStatement()) {
      statement.execute(ROLES.script());
    }
    environment =
        RunningService.only(
            "TENANTKIT_STORAGE",
            "jdbc:postgresql://localhost:" + server.getPort() + "/postgres",
            "TENANTKIT_DB_USER",
            ROLES.application(),
            "TENANTKIT_DB_PASSWORD",
            "unused",
            "TENANTKIT_MASTER_KEY_FILE",
            folder.resolve("master.keys").toString());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  /** As an operator, who logs in as more roles than the service does. */
  private String newKey() {
    Map<String, String> operator = new HashMap<>(environment);
    operator.put("TENANTKIT_DB_ADMIN_USER", ROLES.admin());
    operator.put("TENANTKIT_DB_OWNER_USER", ROLES.owner());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TenantCommands.run(
        List.of(
            "create-tenant", "acme", "--livekit-url", "wss://acme.example", "--livekit-key", "k"),
        operator,
        new ByteArrayInputStream(
            "a-secret-of-at-least-32-characters".getBytes(StandardCharsets.US_ASCII)),
        new PrintStream(out, true, StandardCharsets.UTF_8));
    String printed = out.toString(StandardCharsets.UTF_8);
    return printed.substring(printed.indexOf("ak_live_")).strip();
  }

  @Test
  void tenants_are_served_and_readiness_ends_with_the_database() throws Exception {
    String key = newKey();
    try (RunningService service = RunningService.start(environment)) {
      assertThat(service.post("/token", PERSON, "X-Api-Key", key).status()).isEqualTo(200);
      assertThat(service.get("/ready").status()).isEqualTo(200);

      server.close();
      RunningService.Answer down = service.get("/ready");
      while (down.status() == 200) {
        // What was found out is good for a second.
        down = service.get("/ready");
      }
      assertThat(down.status()).isEqualTo(503);
      assertThat(down.json().get("status").textValue()).isEqualTo("not ready");
      assertThat(service.get("/health").status()).isEqualTo(200);
      RunningService.Answer token = service.post("/token", PERSON, "X-Api-Key", key);
      assertThat(token.status()).isEqualTo(503);
      assertThat(token.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(token.response().body()).doesNotContain("localhost").doesNotContain("postgres");
    }
  }
}
