package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.vault.egress.Egress;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that sdk-vault/README.md shows compiles as it stands there, and runs in its order. */
final class VaultReadmeTest {
  private static final String[] ROOMS = {
    "",
    ".secret",
    ".tenant",
    ".vault",
    ".vault.backup",
    ".vault.egress",
    ".vault.integration",
    ".vault.rotation",
    ".vault.usage",
    ".vault.webhook"
  };

  private static final String[] BLOCKS = {
    "secrets", "rotation", "integrations", "webhooks", "keys", "usage"
  };

  /** What the snippets take for granted. */
  private static final String AROUND =
      """
      public final class Snippets {
        private static SecretValue secret() {
          return SecretValue.of("sk-proj-" + "0".repeat(48));
        }
        private static String charge(SecretValue value) {
          return "receipt of " + value.length();
        }
        private static String callOpenAi(SecretValue value) {
          return "answer to " + value.length();
        }
        private static void show(SecretValue value) {
          shown++;
        }
        private static int shown;
        public static String run(ControlPlane plane, Operator operator, Egress egress, OutputStream out)
            throws Exception {
          TenantContext acme =
              TenantContext.trusted(
                  plane.organizations().create(operator, OrganizationId.of("acme"), "Acme").id(), "readme");
          SecretValue key = secret();
          SecretValue newKey = secret();
          SecretValue passphrase = SecretValue.of("a passphrase of some length");
          SecretRef sessionKey = SecretRef.of("web", Environment.PRODUCTION, "session-key");
          Instant now = Instant.now();
          Instant since = now.minus(Duration.ofDays(30));
          StringBuilder page = new StringBuilder();
      """;

  @TempDir private Path folder;

  @Test
  void theSnippetsCompileAndRun() throws Exception {
    String readme = Repository.read("sdk-vault/README.md");
    StringBuilder source = new StringBuilder();
    for (String room : ROOMS) {
      source.append("import io.tenantkit").append(room).append(".*;\n");
    }
    source.append("import java.io.*;\nimport java.time.*;\nimport java.util.*;\n").append(AROUND);
    source.append(
        Stream.of(BLOCKS)
            .map(block -> Repository.block(readme, block))
            .collect(Collectors.joining()));
    source.append("return String.join(\", \", receipt, answer, found.items().size() + \" found\",");
    source.append(" shown + \" shown\", erasure.masterKeyIds().get(0)); }\n}\n");
    Path file = folder.resolve("Snippets.java");
    Files.writeString(file, source);
    Snippets.compile(file);

    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        Storage storage = Storage.inMemory();
        Egress egress = Egress.create();
        ControlPlane plane = ControlPlane.builder(storage, keys).build()) {
      Object said =
          loader
              .loadClass("Snippets")
              .getMethod(
                  "run", ControlPlane.class, Operator.class, Egress.class, OutputStream.class)
              .invoke(null, plane, Operator.trusted("readme", "test"), egress, out);

      assertThat((String) said)
          .startsWith("receipt of 56, answer to 56, 1 found, 1 shown, ")
          .endsWith(keys.currentId());
    }
    assertThat(out.size()).as("a backup").isPositive();
  }
}
