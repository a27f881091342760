package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.event.Event;
import io.tenantkit.http.HttpAnswer;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.net.InetAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that sdk-core/README.md shows compiles as it stands there, and does what it says. */
final class CoreReadmeTest {
  private static final String[] ROOMS = {
    "", ".apikey", ".event", ".http", ".oidc", ".ratelimit", ".secret", ".seed", ".tenant"
  };

  @TempDir private Path folder;

  @Test
  void theSnippetsCompileAndRun() throws Exception {
    String readme = Repository.read("sdk-core/README.md");
    Path source = folder.resolve("Snippets.java");
    Files.writeString(
        source,
        Stream.of(ROOMS)
                .map(room -> "import io.tenantkit" + room + ".*;\n")
                .collect(Collectors.joining())
            + "import java.net.*;\nimport java.time.*;\nimport java.util.function.*;\n"
            + "public final class Snippets {\n"
            + "public static HttpAnswer limits(ControlPlane plane, TenantContext acme, String presented, InetAddress from) {\n"
            + Repository.block(readme, "limits")
            + "return null; }\n"
            + "public static TenantContext logins(ControlPlane plane, Operator operator, String token) {\n"
            + "TenantContext tenant = null;\n"
            + Repository.block(readme, "logins")
            + "return tenant; }\n"
            + "public static void seeds(ControlPlane plane, Operator operator, Consumer<SecretValue> show) {\n"
            + Repository.block(readme, "seeds")
            + "}\n"
            + "public static ControlPlane events(Storage storage, MasterKeys keys, Consumer<Event> pager) {\n"
            + "return "
            + Repository.block(readme, "events")
            + "}\n}\n");
    Snippets.compile(source);

    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    Operator operator = Operator.trusted("readme", "test");
    List<String> shown = new ArrayList<>();
    List<Event> paged = new ArrayList<>();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        Storage storage = Storage.inMemory()) {
      Class<?> snippets = loader.loadClass("Snippets");
      try (ControlPlane plane =
          (ControlPlane)
              snippets
                  .getMethod("events", Storage.class, MasterKeys.class, Consumer.class)
                  .invoke(null, storage, keys, (Consumer<Event>) paged::add)) {
        Consumer<SecretValue> show = secret -> shown.add(secret.string(SecretAccess.get()));
        for (int run = 0; run < 2; run++) {
          snippets
              .getMethod("seeds", ControlPlane.class, Operator.class, Consumer.class)
              .invoke(null, plane, operator, show);
        }
        assertThat(shown).as("a second run makes nothing").hasSize(1);

        TenantContext acme = TenantContext.trusted(OrganizationId.of("acme"), "readme");
        Object answer =
            snippets
                .getMethod(
                    "limits",
                    ControlPlane.class,
                    TenantContext.class,
                    String.class,
                    InetAddress.class)
                .invoke(null, plane, acme, shown.get(0), InetAddress.getLoopbackAddress());
        assertThat(answer).as("a valid key is not answered").isNull();
        answer =
            snippets
                .getMethod(
                    "limits",
                    ControlPlane.class,
                    TenantContext.class,
                    String.class,
                    InetAddress.class)
                .invoke(null, plane, acme, "nobody", InetAddress.getLoopbackAddress());
        assertThat(((HttpAnswer) answer).status()).isEqualTo(401);

        assertThat(
                snippets
                    .getMethod("logins", ControlPlane.class, Operator.class, String.class)
                    .invoke(null, plane, operator, "no.token.atall"))
            .isNull();
      }
    }
    assertThat(paged).as("nothing of this is an alarm").isEmpty();
  }
}
