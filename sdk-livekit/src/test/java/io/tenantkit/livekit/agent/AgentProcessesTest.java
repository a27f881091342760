package io.tenantkit.livekit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tenantkit.AccessDeniedException;
import io.tenantkit.ControlPlane;
import io.tenantkit.NotFoundException;
import io.tenantkit.PageRequest;
import io.tenantkit.Storage;
import io.tenantkit.audit.AuditEvent;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.LiveKitCredentials;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.ScopeSet;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.SecretVault;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an agent's process finds in its environment, and what not. */
class AgentProcessesTest {
  private static final String SECRET = "tenants-own-secret-of-32-characters";
  private static final long DEADLINE_SECONDS = 60;

  /** The host: a process of its own, whose environment holds what no agent may see. */
  static final class Host {
    private Host() {}

    public static void main(String[] command) throws Exception {
      try (Storage storage = Storage.inMemory();
          ControlPlane plane = plane(storage)) {
        LiveKit livekit = LiveKit.of(SecretVault.of(plane));
        TenantContext acme = connected(plane, livekit, "acme");
        ProcessBuilder agent =
            AgentProcesses.of(livekit).process(acme, "start an agent", List.of(command));
        Process child = agent.redirectErrorStream(true).start();
        child.getInputStream().transferTo(System.out);
        System.exit(child.waitFor());
      }
    }
  }

  private static ControlPlane plane(Storage storage) {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("hex:" + "0123456789abcdef".repeat(4)));
    return ControlPlane.builder(storage, keys).build();
  }

  private static TenantContext connected(ControlPlane plane, LiveKit livekit, String name) {
    plane.organizations().create(Operator.trusted("test", "agents"), OrganizationId.of(name), name);
    TenantContext context = TenantContext.trusted(OrganizationId.of(name), "test");
    try (SecretValue value = SecretValue.of(SECRET)) {
      livekit.connect(
          context, LiveKitCredentials.of("https://" + name + ".example/", "API" + name, value));
    }
    return context;
  }

  @Test
  void aChildFindsItsTenantsVariablesAndNothingOfTheHost() throws Exception {
    ProcessBuilder host =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path").replace('\n', File.pathSeparatorChar),
            Host.class.getName(),
            "env");
    host.environment()
        .putAll(
            Map.of(
                "LIVEKIT_URL", "wss://host.example",
                "LIVEKIT_API_KEY", "APIhost",
                "LIVEKIT_API_SECRET", "CANARY-of-the-host",
                "LIVEKIT_INFERENCE_API_SECRET", "CANARY-of-the-host",
                "TENANTKIT_MASTER_KEY", "CANARY-master",
                "DATABASE_URL", "CANARY-database",
                "TZ", "Europe/Berlin",
                "LANG", "C.UTF-8"));
    Process process = host.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(printed).isZero();

    Map<String, String> found =
        printed
            .lines()
            .filter(line -> line.contains("="))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf('=')),
                    line -> line.substring(line.indexOf('=') + 1)));
    assertThat(found)
        .containsEntry("LIVEKIT_URL", "wss://acme.example")
        .containsEntry("LIVEKIT_API_KEY", "APIacme")
        .containsEntry("LIVEKIT_API_SECRET", SECRET)
        .containsEntry("TZ", "Europe/Berlin")
        .containsEntry("LANG", "C.UTF-8")
        .containsKey("PATH");
    assertThat(found.keySet())
        .isSubsetOf(
            "PATH", "HOME", "LANG", "TZ", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET");
    assertThat(printed).doesNotContain("CANARY");
  }

  @Test
  void anEnvironmentIsAuditedRedactedAndWiped() {
    try (Storage storage = Storage.inMemory();
        ControlPlane plane = plane(storage)) {
      LiveKit livekit = LiveKit.of(SecretVault.of(plane));
      TenantContext acme = connected(plane, livekit, "acme");
      AgentProcesses processes = AgentProcesses.of(livekit);

      AgentEnvironment environment = processes.environment(acme, "start an agent");

      assertThat(environment)
          .hasToString(
              "AgentEnvironment{LIVEKIT_API_KEY=APIacme, LIVEKIT_API_SECRET=[redacted],"
                  + " LIVEKIT_URL=wss://acme.example}");
      assertThat(new String(environment.file(SecretAccess.get()), StandardCharsets.US_ASCII))
          .isEqualTo(
              "LIVEKIT_URL=wss://acme.example\nLIVEKIT_API_KEY=APIacme\nLIVEKIT_API_SECRET="
                  + SECRET
                  + "\n");
      environment.close();
      assertThatThrownBy(() -> environment.file(SecretAccess.get()))
          .isInstanceOf(IllegalStateException.class);
      assertThat(plane.audit().list(acme, PageRequest.first(100)).items())
          .extracting(AuditEvent::action)
          .contains("livekit.agent.environment");
    }
  }

  @Test
  void itNeedsItsScopeAndCredentials() {
    try (Storage storage = Storage.inMemory();
        ControlPlane plane = plane(storage)) {
      LiveKit livekit = LiveKit.of(SecretVault.of(plane));
      TenantContext acme = connected(plane, livekit, "acme");
      AgentProcesses processes = AgentProcesses.of(livekit);
      plane
          .organizations()
          .create(Operator.trusted("test", "agents"), OrganizationId.of("bare"), "bare");

      assertThatThrownBy(
              () ->
                  processes.environment(
                      acme.limitedTo(ScopeSet.of("livekit:create-session", "livekit:admin")),
                      "start"))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("livekit:agent");
      assertThatThrownBy(
              () ->
                  processes.process(
                      TenantContext.trusted(OrganizationId.of("bare"), "test"),
                      "start",
                      List.of("env")))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("livekit credentials not found");
    }
  }
}
