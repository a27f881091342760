package io.tenantkit.livekit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tenantkit.livekit.agent.AgentEnvironment;
import io.tenantkit.livekit.agent.AgentProcesses;
import io.tenantkit.livekit.room.AgentDispatches;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.room.LiveKitSessions;
import io.tenantkit.livekit.room.Room;
import io.tenantkit.livekit.room.StartedSession;
import io.tenantkit.livekit.testing.FakeJob;
import io.tenantkit.livekit.testing.FakeLiveKitServer;
import io.tenantkit.livekit.testing.FakeParticipant;
import io.tenantkit.livekit.testing.FakeWorker;
import io.tenantkit.livekit.webhook.LiveKitWebhooks;
import io.tenantkit.livekit.webhook.ParticipantMinutes;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretValue;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.vault.CompiledTypes;
import io.tenantkit.vault.SecretVault;
import io.tenantkit.vault.Sightings;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No public type of this module that leads to a secret lets one out, printed in any of the ways in
 * which a host prints what it holds: neither the provider's secret nor a token made with it.
 */
final class LiveKitLeakTest {
  private static final String SECRET = "Zq8CANARYlivekit7Lw2Kd90aPmVbNcRtYuI";

  @Test
  void everyPublicTypeThatLeadsToASecretIsTriedAndSilent() throws Exception {
    Set<Class<?>> ours = CompiledTypes.besides(LiveKit.class);
    Set<Class<?>> all = new LinkedHashSet<>(ours);
    all.addAll(CompiledTypes.besides(SecretValue.class));
    all.addAll(CompiledTypes.besides(SecretVault.class));
    Set<Class<?>> leading =
        CompiledTypes.leadingTo(Set.of(SecretValue.class, MasterKey.class, MasterKeys.class), all);
    leading.retainAll(ours);
    // The scan sees what is known to be there, so that it does not pass by seeing nothing.
    assertThat(leading)
        .contains(LiveKitCredentials.class, IssuedToken.class, LiveKitTokenIssuer.class);

    FakeLiveKitServer.Builder fakes = FakeLiveKitServer.builder().key("APIkey", SECRET);
    try (TestPlane plane = new TestPlane(Clock.systemUTC());
        FakeLiveKitServer fake = fakes.start();
        SecretValue secret = SecretValue.of(SECRET)) {
      TenantContext context = plane.organization("acme");
      LiveKitCredentials credentials =
          LiveKitCredentials.of("wss://livekit.example.com", "APIkey", secret);
      LiveKitConnection connection = plane.livekit.connect(context, credentials);
      try (IssuedToken token =
              plane.livekit.tokens().issue(context, ParticipantToken.join("room", "ada"));
          AgentEnvironment environment =
              AgentProcesses.of(plane.livekit).environment(context, "print it");
          PresignedLiveKit presigned =
              PresignedLiveKit.builder(context, token.serverUrl(), token.jwt()).build()) {
        PresignedLiveKit.Builder presigning =
            PresignedLiveKit.builder(context, token.serverUrl(), token.jwt());
        String jwt = TestPlane.text(token);
        FakeWorker worker =
            fake.registerWorker(
                plane.jwt(context, AgentToken.join("room", "worker")),
                "",
                "",
                FakeWorker.Serves.PARTICIPANTS);
        FakeParticipant participant = fake.join(token);
        FakeJob job = worker.jobs().get(0);
        List<String> secrets = List.of(SECRET, signature(jwt), signature(job.token()));
        List<Object> tried =
            Stream.concat(
                    MediaWithSecrets.all(plane.livekit, SECRET).stream(),
                    Stream.of(
                        fakes,
                        fake,
                        worker,
                        participant,
                        job,
                        credentials,
                        connection,
                        token,
                        environment,
                        new StartedSession(room(), List.of(), token),
                        presigning,
                        presigned,
                        LiveKitRooms.of(presigned),
                        plane.livekit,
                        LiveKit.builder(plane.vault),
                        plane.livekit.tokens(),
                        plane.livekit.revocations(),
                        plane.livekit.calls(),
                        plane.livekit.credentials(),
                        plane.livekit.serverKeys(),
                        plane.livekit.sessionRules(),
                        plane.livekit.accounts(),
                        LiveKit.builder(plane.vault)
                            .hostAccount(
                                LiveKitCredentials.of("wss://host.example", "APIhost", secret))
                            .build()
                            .accounts()
                            .host()
                            .orElseThrow(),
                        TenantSettings.of(context.organization(), secret),
                        AgentProcesses.of(plane.livekit),
                        AgentDispatches.of(plane.livekit),
                        LiveKitRooms.of(plane.livekit),
                        LiveKitSessions.of(plane.livekit),
                        plane.livekit.signedMessages(),
                        LiveKitWebhooks.builder(plane.livekit),
                        LiveKitWebhooks.of(plane.livekit),
                        ParticipantMinutes.of(plane.livekit)))
                .toList();
        Set<String> untried = new TreeSet<>();
        for (Class<?> type : leading) {
          if (CompiledTypes.isPublic(type) && tried.stream().noneMatch(type::isInstance)) {
            untried.add(type.getName());
          }
        }
        assertThat(untried).as("add an instance of each").isEmpty();
        for (Object each : tried) {
          for (Object printed : List.of(each, List.of(each), Map.of("held", each))) {
            printers()
                .forEach(
                    (name, printer) ->
                        assertThat(seen(print(printer, printed), secrets))
                            .as(name + " of " + each.getClass().getName())
                            .isEmpty());
          }
        }
      }
    }
  }

  private static String signature(String jwt) {
    return jwt.substring(jwt.lastIndexOf('.') + 1);
  }

  private static Room room() {
    Duration minute = Duration.ofMinutes(1);
    return new Room("RM_1", "room", "", Instant.EPOCH, minute, minute, 0, 0, 0, false);
  }

  /** Each shows what is not protected, so that their silence above means something. */
  @Test
  void everyPrinterWouldLetAnUnprotectedCanaryOut() {
    record Leaky(String text) implements Serializable {}
    printers()
        .forEach(
            (name, printer) ->
                assertThat(seen(print(printer, new Leaky(SECRET)), List.of(SECRET)))
                    .as(name)
                    .isNotEmpty());
  }

  private static List<String> seen(byte[] out, List<String> secrets) {
    return secrets.stream()
        .flatMap(each -> Sightings.in(out, each.getBytes(StandardCharsets.US_ASCII)).stream())
        .toList();
  }

  private interface Printer {
    void print(Object object, OutputStream out) throws Exception;
  }

  private static Map<String, Printer> printers() {
    ObjectMapper fields =
        JsonMapper.builder()
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.ANY)
            .build();
    Map<String, Printer> printers = new LinkedHashMap<>();
    printers.put(
        "toString", (object, out) -> out.write(object.toString().getBytes(StandardCharsets.UTF_8)));
    printers.put(
        "format",
        (object, out) ->
            out.write(String.format("%s %<h", object).getBytes(StandardCharsets.UTF_8)));
    printers.put("Jackson", (object, out) -> new ObjectMapper().writeValue(out, object));
    printers.put("Jackson, all", (object, out) -> fields.writeValue(out, object));
    printers.put(
        "serialization",
        (object, out) -> {
          try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(object);
          }
        });
    return printers;
  }

  /** What came out, also before it failed, and what the failure says. */
  private static byte[] print(Printer printer, Object object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      printer.print(object, out);
    } catch (Exception | StackOverflowError e) {
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
