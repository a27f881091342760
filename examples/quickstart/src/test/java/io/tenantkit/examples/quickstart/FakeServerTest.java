package io.tenantkit.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.ControlPlane;
import io.tenantkit.Storage;
import io.tenantkit.livekit.AgentToken;
import io.tenantkit.livekit.LiveKit;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.RoomAgent;
import io.tenantkit.livekit.room.AgentDispatches;
import io.tenantkit.livekit.room.DataMessage;
import io.tenantkit.livekit.room.LiveKitRooms;
import io.tenantkit.livekit.testing.FakeLiveKitServer;
import io.tenantkit.livekit.testing.FakeParticipant;
import io.tenantkit.livekit.testing.FakeWebhook;
import io.tenantkit.livekit.testing.FakeWorker;
import io.tenantkit.secret.MasterKey;
import io.tenantkit.secret.MasterKeys;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.Operator;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import io.tenantkit.testing.TickingClock;
import io.tenantkit.vault.SecretVault;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A host's own unit test, without a LiveKit server and without the network. */
final class FakeServerTest {
  private final TickingClock clock = TickingClock.at(Instant.parse("2026-03-01T10:00:00Z"));

  @Test
  void aHostTestsItsRoomsInItsOwnProcess() {
    MasterKeys keys = MasterKeys.of(MasterKey.parse("raw:a-master-key-of-32-characters!!!"));
    try (Storage storage = Storage.inMemory();
        ControlPlane plane = ControlPlane.builder(storage, keys).clock(clock).build();
        FakeLiveKitServer server = FakeLiveKitServer.builder().clock(clock).start()) {
      plane.organizations().create(Operator.trusted("test", "set up"), OrganizationId.of("acme"), "Acme");
      TenantContext acme = TenantContext.trusted(OrganizationId.of("acme"), "test");
      SecretVault vault = SecretVault.of(plane);

      LiveKit livekit = LiveKit.builder(vault).egress(server.egress()).build();
      livekit.connect(acme, server.credentials());

      FakeParticipant ada = server.join(livekit.tokens().issue(acme, ParticipantToken.join("desk", "ada")));
      LiveKitRooms.of(livekit).send(acme, "desk", DataMessage.of("hello"));
      assertThat(ada.received().get(0).text()).isEqualTo("hello");

      String token = livekit.tokens().issue(acme, AgentToken.join("desk", "w1")).jwt().string(SecretAccess.get());
      FakeWorker worker = server.registerWorker(token, "bridge");
      AgentDispatches.of(livekit).create(acme, "desk", RoomAgent.named("bridge").metadata("job 1"));
      FakeParticipant bridge = server.join(worker.jobs().get(0).token());
      assertThat(bridge.others()).containsExactly("ada");

      LiveKitRooms.of(livekit).remove(acme, "desk", "ada");
      assertThat(ada.disconnectReason()).contains("PARTICIPANT_REMOVED");
      clock.tick(Duration.ofMinutes(1));
      assertThat(LiveKitRooms.of(livekit).list(acme)).isEmpty();
      assertThat(server.takeWebhooks())
          .extracting(FakeWebhook::event)
          .containsExactly(
              "room_started",
              "participant_joined",
              "participant_joined",
              "participant_left",
              "participant_left",
              "room_finished");
    }
  }
}
