package io.tenantkit.livekit.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.IssuedToken;
import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.testing.FakeLiveKitServer;
import io.tenantkit.livekit.testing.FakeParticipant;
import io.tenantkit.livekit.testing.FakeWebhook;
import io.tenantkit.secret.SecretAccess;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who was revoked and comes back is put out by the event of coming, before any periodic work. */
final class ComingBackTest {

  @Test
  void whoWasRevokedIsPutOutByTheServersOwnWordOfIt() {
    try (HookHouse house = new HookHouse();
        FakeLiveKitServer server = FakeLiveKitServer.builder().clock(house.clock).start()) {
      TenantContext acme = house.tenant("acme");
      house.livekit.connect(acme, server.credentials());
      LiveKitWebhooks webhooks = LiveKitWebhooks.of(house.livekit);
      try (IssuedToken ada = token(house, acme, "ada");
          IssuedToken bob = token(house, acme, "bob")) {
        FakeParticipant first = server.join(ada);
        FakeParticipant other = server.join(bob);
        tell(webhooks, server);
        assertThat(first.connected()).as("not revoked").isTrue();

        house.livekit.revocations().revoke(acme, "ada", "standup", "left the company");
        assertThat(first.connected()).isFalse();
        for (String again : new String[] {text(ada), first.refreshedToken()}) {
          FakeParticipant back = server.join(again);
          assertThat(back.connected()).isTrue();
          tell(webhooks, server);
          assertThat(back.connected()).isFalse();
        }
        assertThat(other.connected()).isTrue();
      }
    }
  }

  @Test
  void afterAllAreRevokedWhoHasNoNewerTokenIsPutOutByTheServersWord() {
    try (HookHouse house = new HookHouse();
        FakeLiveKitServer server = FakeLiveKitServer.builder().clock(house.clock).start()) {
      TenantContext acme = house.tenant("acme");
      house.livekit.connect(acme, server.credentials());
      LiveKitWebhooks webhooks = LiveKitWebhooks.of(house.livekit);
      try (IssuedToken ada = token(house, acme, "ada")) {
        FakeParticipant first = server.join(ada);
        house.livekit.revocations().revokeAll(acme, "keys leaked");
        tell(webhooks, server);
        for (String again : new String[] {text(ada), first.refreshedToken()}) {
          FakeParticipant back = server.join(again);
          assertThat(back.connected()).isTrue();
          tell(webhooks, server);
          assertThat(back.connected()).isFalse();
        }
      }
      house.clock.tick(Duration.ofSeconds(1));
      try (IssuedToken newer = token(house, acme, "ada")) {
        FakeParticipant back = server.join(newer);
        tell(webhooks, server);
        assertThat(back.connected()).isTrue();
      }
    }
  }

  private static IssuedToken token(HookHouse house, TenantContext context, String identity) {
    return house.livekit.tokens().issue(context, ParticipantToken.join("standup", identity));
  }

  private static String text(IssuedToken token) {
    return token.jwt().string(SecretAccess.get());
  }

  private static void tell(LiveKitWebhooks webhooks, FakeLiveKitServer server) {
    for (FakeWebhook message : server.takeWebhooks()) {
      assertThat(webhooks.receive(message.body(), message.authorization()))
          .isInstanceOf(WebhookReceipt.Accepted.class);
    }
  }
}
