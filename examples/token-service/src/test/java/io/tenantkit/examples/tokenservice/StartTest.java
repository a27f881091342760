package io.tenantkit.examples.tokenservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.examples.tokenservice.Programs.Ended;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program: how it starts, does not start, and ends. */
final class StartTest {
  @TempDir private Path folder;

  private Ended run(Map<String, String> environment, String... words) {
    List<String> all = new ArrayList<>(Programs.java());
    all.addAll(List.of(words));
    return Programs.run(folder, environment, "", all);
  }

  @Test
  void says_what_it_needs_and_ends_with_2() {
    Ended ended = run(Map.of("PORT", "canary"));

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.output())
        .contains("LIVEKIT_API_KEY: required")
        .contains("LIVEKIT_API_SECRET: required")
        .contains("LIVEKIT_WS_URL: required")
        .contains("PORT: a whole number, 0 to 65535")
        .doesNotContain("canary")
        .doesNotContain("Exception");
  }

  @Test
  void says_that_its_port_is_taken_and_ends_with_1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended = run(RunningService.environment("PORT", Integer.toString(taken.getLocalPort())));
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.output()).contains("cannot listen on 127.0.0.1").contains("is it taken?");
    }
  }

  @Test
  void listens_on_loopback_alone_and_ends_in_good_order() throws Exception {
    Path env = folder.resolve(".env");
    Files.writeString(
        env,
        """
        LIVEKIT_API_KEY=k
        LIVEKIT_API_SECRET=canary-too-short
        LIVEKIT_WS_URL=ws://x
        NODE_ENV=production
        TOKEN_SERVICE_KEY=canary-key-of-at-least-32-characters
        """);
    List<String> words = new ArrayList<>(Programs.java());
    words.addAll(List.of("--env-file", ".env", "serve"));
    try (Programs.Served service = new Programs.Served(folder, Map.of("PORT", "0"), words)) {
      String sockets = Files.readString(Path.of("/proc/net/tcp")) + tcp6();
      String port = String.format(java.util.Locale.ROOT, ":%04X", service.port());
      assertThat(sockets.lines().filter(line -> line.contains(port) && line.contains(" 0A ")))
          .isNotEmpty()
          .allMatch(line -> line.contains("0100007F" + port));

      Ended ended = service.end();
      assertThat(ended.output())
          .contains("listening on 127.0.0.1")
          .contains("WARN token-service - not fit for production: LIVEKIT_API_SECRET is shorter")
          .contains("WARN token-service - not fit for production: CORS_ORIGINS is *")
          .doesNotContain("canary");
      assertThat(ended.code()).as("of SIGTERM").isEqualTo(143);
    }
  }

  private static String tcp6() throws Exception {
    Path file = Path.of("/proc/net/tcp6");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Test
  void says_how_it_is_called() {
    Map<String, String> environment = RunningService.environment();
    for (String[] words :
        new String[][] {
          {"dance"},
          {"create-tenant"},
          {"create-tenant", "acme", "--livekit-url"},
          {"create-tenant", "acme", "--canary", "x"},
          {"create-key", "acme", "--name", "a", "--name", "b"},
          {"create-tenant", "ACME"},
          {"--env-file", "none"}
        }) {
      Ended ended = run(environment, words);
      assertThat(ended.code()).as(String.join(" ", words)).isEqualTo(2);
      assertThat(ended.output()).doesNotContain("Exception").doesNotContain("\tat ");
    }
    assertThat(run(environment, "create-key", "acme").output())
        .contains("TENANTKIT_STORAGE: required");
  }
}
