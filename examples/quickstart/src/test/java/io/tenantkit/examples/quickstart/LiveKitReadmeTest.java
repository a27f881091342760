package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.egress.Egress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The code that sdk-livekit/README.md shows compiles as it stands there. What needs no server runs;
 * the rest is run against a real one by that module's tests.
 */
final class LiveKitReadmeTest {
  private static final String[] ROOMS = {
    "", ".http", ".livekit", ".livekit.egress", ".livekit.ingress", ".livekit.room", ".livekit.sip",
    ".livekit.testing", ".livekit.webhook", ".secret", ".tenant", ".vault", ".vault.egress"
  };

  @TempDir private Path folder;

  @Test
  void theSnippetsCompileAndRun() throws Exception {
    String readme = Repository.read("sdk-livekit/README.md");
    StringBuilder source = new StringBuilder();
    for (String room : ROOMS) {
      source.append("import io.tenantkit").append(room).append(".*;\n");
    }
    source
        .append("import java.time.*;\nimport java.util.*;\nimport java.util.concurrent.ConcurrentHashMap;\n")
        .append("import static org.assertj.core.api.Assertions.assertThat;\n")
        .append("public final class Snippets {\npublic static String run(SecretVault vault,")
        .append(" TenantContext acme, Egress egress) {\nSecretValue apiSecret =")
        .append(" SecretValue.of(\"a-secret-of-at-least-32-characters\");\n")
        .append(Repository.block(readme, "livekit"))
        .append(Repository.block(readme, "policy"))
        .append("held.tokens().issue(acme, ParticipantToken.join(\"acme/1\", \"ada\")).close();\n")
        .append(Repository.block(readme, "agents"))
        .append("ParticipantToken desk = ParticipantToken.join(\"desk\", \"ada\");\n")
        .append("ofTenants.tokens().issue(acme, desk.roomConfig(RoomConfig.withAgents(")
        .append("RoomAgent.named(\"bridge\")))).close();\n")
        .append("for (String agent : List.of(\"spy\", \"bridge\")) {\n")
        .append("if (agent.equals(\"bridge\")) { registry.clear(); }\n")
        .append("org.assertj.core.api.Assertions.assertThatThrownBy(() -> ofTenants.tokens()")
        .append(".issue(acme, desk.roomConfig(RoomConfig.withAgents(RoomAgent.named(agent)))))")
        .append(".isInstanceOf(io.tenantkit.AccessDeniedException.class);\n}\n")
        .append("return token.room() + \" \" + Duration.between(Instant.now(), token.expiresAt())")
        .append(".plusSeconds(30).toMinutes();\n}\n")
        .append("static void rooms(LiveKit livekit, TenantContext acme) {\n")
        .append(Repository.block(readme, "sessions"))
        .append("}\nstatic void presigned(LiveKit livekit, TenantContext acme, Egress egress) {\n")
        .append(Repository.block(readme, "presigned"))
        .append("}\nstatic void credentials(SecretVault vault, Egress egress, LiveKitCredentials ours,")
        .append(" TenantContext acme, SecretValue newSecret, Operator operator, SecretValue json) {\n")
        .append(Repository.block(readme, "credentials"))
        .append("}\nstatic void revocation(LiveKit livekit, TenantContext acme) {\n")
        .append(Repository.block(readme, "revocation"))
        .append("}\nstatic void media(LiveKit livekit, SecretVault vault, TenantContext acme,")
        .append(" SecretRef bucket) {\n")
        .append(Repository.block(readme, "media"))
        .append("}\nstatic void webhooks(LiveKit livekit, TenantContext acme, Queue<Object> queue,")
        .append(" java.io.InputStream in, String authorization) throws java.io.IOException {\n")
        .append(Repository.block(readme, "webhooks"))
        .append("}\nstatic void testing(SecretVault vault, TenantContext acme,")
        .append(" io.tenantkit.testing.TickingClock clock) {\n")
        .append(Repository.block(readme, "testing"))
        .append("}\n}\n");
    Path file = folder.resolve("Snippets.java");
    Files.writeString(file, source);
    Snippets.compile(file);

    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        Storage storage = Storage.inMemory();
        Egress egress = Egress.create();
        ControlPlane plane = ControlPlane.builder(storage, keys).build()) {
      OrganizationId acme = OrganizationId.of("acme");
      plane.organizations().create(Operator.trusted("readme", "test"), acme, "Acme");
      Object said =
          loader
              .loadClass("Snippets")
              .getMethod("run", SecretVault.class, TenantContext.class, Egress.class)
              .invoke(
                  null, SecretVault.of(plane), TenantContext.trusted(acme, "readme"), egress);

      assertThat(said).isEqualTo("standup 10");
    }
  }
}
