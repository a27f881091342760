package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in the README compiles as it stands there, and runs. */
final class ReadmeTest {
  @TempDir private Path folder;

  @Test
  void theSnippetCompilesAndRuns() throws Exception {
    String snippet = Repository.block(Repository.read("README.md"), "snippet");
    Path source = folder.resolve("Snippet.java");
    Files.writeString(
        source,
        Stream.of("", ".apikey", ".audit", ".jdbc", ".livekit", ".secret", ".tenant", ".vault")
                .map(room -> "import io.tenantkit" + room + ".*;\n")
                .collect(Collectors.joining())
            + "import java.nio.file.Path;\n"
            + "public final class Snippet {\n"
            + "  public static String token(Path folder, Path keyFile, SecretValue liveKitSecret)\n"
            + "      throws Exception {\n"
            + "    SecretValue jwt = null;\n"
            + snippet
            + "    return jwt.string(SecretAccess.get());\n  }\n}\n");
    Snippets.compile(source);

    Path keyFile = folder.resolve("master.keys");
    MasterKeys.createFileIfAbsent(keyFile, new SecureRandom());
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        SecretValue secret = SecretValue.of("a-secret-of-at-least-32-characters")) {
      Method token =
          loader
              .loadClass("Snippet")
              .getMethod("token", Path.class, Path.class, SecretValue.class);
      assertThat((String) token.invoke(null, folder.resolve("data"), keyFile, secret))
          .matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    }
    assertThat(snippet.lines()).as("the README promises a short use").hasSizeLessThanOrEqualTo(15);
  }

  @Test
  void theDependencySnippetNamesOurArtifacts() throws Exception {
    assertThat(Repository.read("README.md"))
        .contains("<artifactId>tenantkit-livekit</artifactId>")
        .contains("<artifactId>tenantkit-jdbc</artifactId>")
        .contains("<version>" + version() + "</version>");
  }

  private static String version() throws Exception {
    String pom = Repository.read("pom.xml");
    int at = pom.indexOf("<version>") + "<version>".length();
    return pom.substring(at, pom.indexOf('<', at));
  }
}
