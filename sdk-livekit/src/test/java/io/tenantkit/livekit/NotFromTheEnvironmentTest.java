package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.NotFoundException;
import io.tenantkit.tenant.TenantContext;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What LiveKit's own tools read from the environment is nobody's account here. */
final class NotFromTheEnvironmentTest {
  private static final long DEADLINE_SECONDS = 60;

  /** A host whose environment and properties have credentials, and a tenant that has none. */
  static final class Host {
    private Host() {}

    public static void main(String[] arguments) {
      try (TestPlane plane = new TestPlane(Clock.systemUTC())) {
        TenantContext acme = plane.organization("acme");
        System.out.println("environment=" + System.getenv("LIVEKIT_API_KEY"));
        System.out.println("connection=" + plane.livekit.connection(acme));
        System.out.println("host=" + plane.livekit.accounts().host());
        System.out.println("issued=" + issued(plane, acme));
        TenantContext globex =
            plane.organization("globex", "wss://globex.example", "APIglobex", "globex's secret");
        System.out.println("connected=" + plane.livekit.connection(globex).orElseThrow().apiKey());
        TenantContext same =
            plane.organization("same", "wss://host.example", "APIhost", "CANARY-of-the-host");
        System.out.println("same=" + plane.livekit.connection(same).isPresent());
      }
    }

    private static String issued(TestPlane plane, TenantContext acme) {
      try {
        return plane.jwt(acme, ParticipantToken.join("room", "ada"));
      } catch (NotFoundException e) {
        return "nothing";
      }
    }
  }

  @Test
  void credentials_in_the_environment_are_neither_a_tenants_nor_the_hosts() throws Exception {
    ProcessBuilder host =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dlivekit.api.key=APIhost",
            "-DLIVEKIT_API_SECRET=CANARY-of-the-host",
            "-cp",
            System.getProperty("java.class.path").replace('\n', File.pathSeparatorChar),
            Host.class.getName());
    host.environment()
        .putAll(
            Map.of(
                "LIVEKIT_URL", "wss://host.example",
                "LIVEKIT_API_KEY", "APIhost",
                "LIVEKIT_API_SECRET", "CANARY-of-the-host",
                "LIVEKIT_KEYS", "APIhost: CANARY-of-the-host"));
    Process process = host.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(printed.lines())
        .containsExactly(
            "environment=APIhost",
            "connection=Optional.empty",
            "host=Optional.empty",
            "issued=nothing",
            "connected=APIglobex",
            "same=true");
  }
}
