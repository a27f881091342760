package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart as a new user runs it: a process of its own, which kills the one it has started. */
final class QuickstartTest {
  private static final Pattern FULL_KEY = Pattern.compile("ak_live_[0-9A-Za-z]{30}");

  @TempDir private Path home;

  @Test
  void runsTheMainJobAndSurvivesItsKill() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                Quickstart.class.getName(),
                home.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed.lines().map(String::strip))
        .as("the steps of the main job, in order")
        .containsSubsequence(
            "organization acme with LiveKit credentials in the vault",
            "organization globex with LiveKit credentials in the vault",
            "verified: it acts for acme with [livekit:*]",
            "the participant's, judged by globex: refused, [UNKNOWN_ISSUER]",
            "rotated: the old key is refused, [REVOKED]",
            "Killed (SIGKILL). Second life:",
            "the old key is still refused, [REVOKED]",
            "acme's audit trail:",
            "organization.created by setup",
            "organization_key.created by setup",
            "secret.created by setup",
            "api_key.created by setup",
            "api_key.rotated by setup",
            "a wrong master key: MASTER_KEY_MISMATCH, nothing written");
    assertThat(printed).contains("the new key works: it got a token until ");
    assertThat(printed.split("livekit.token.issued by key_", -1)).as("three tokens").hasSize(4);
  }

  /** What it prints and what it keeps holds no key and no secret. */
  @Test
  void leavesNoSecretBehind() throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Quickstart.main(new String[] {home.toString()});
    } finally {
      System.setOut(out);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    assertThat(text).contains("shown once: ak_live_");
    assertHoldsNoSecret("what it prints", text);

    List<Path> files;
    try (Stream<Path> all = Files.walk(home.resolve("data"))) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertHoldsNoSecret(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
    }
  }

  private static void assertHoldsNoSecret(String where, String text) {
    // Not contains(text): a failure would print the whole file.
    assertThat(text.contains("secret-of")).as(where).isFalse();
    assertThat(FULL_KEY.matcher(text).find()).as(where).isFalse();
  }
}
