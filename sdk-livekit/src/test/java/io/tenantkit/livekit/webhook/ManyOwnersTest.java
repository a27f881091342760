package io.tenantkit.livekit.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.tenantkit.livekit.ParticipantToken;
import io.tenantkit.livekit.webhook.WebhookReceipt.Reason;
import io.tenantkit.livekit.webhook.WebhookReceipt.Refused;
import io.tenantkit.tenant.OrganizationId;
import io.tenantkit.tenant.TenantContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Organizations that store somebody else's public key id hide that one's webhooks from nobody. */
final class ManyOwnersTest {
  private static final int TRIED = 500;
  private static final String SECRET = "victim-secret-victim-secret-victim-1";

  @Test
  void whoComesAfterTooManyOthersIsHeardTheNextTimeAndFromThenOn() {
    try (HookHouse house = new HookHouse()) {
      for (int i = 0; i < TRIED; i++) {
        String secret = "a secret of its own, which is long enough " + i;
        house.connect(house.tenant("a" + i), "wss://a" + i + ".example", "APIvictim", secret);
      }
      house.connect(house.tenant("victim"), "wss://victim.example", "APIvictim", SECRET);
      LiveKitWebhooks webhooks = LiveKitWebhooks.of(house.livekit);

      assertThat(sends(house, webhooks, "EV_1", SECRET))
          .as("to be sent again")
          .isEqualTo(new Refused(Reason.BUSY));
      assertHeard(sends(house, webhooks, "EV_1", SECRET));

      for (int i = 0; i < 5; i++) {
        house.clock.tick(Duration.ofSeconds(1));
        assertThat(sends(house, webhooks, "EV_2", "nobody's secret, which is long enough"))
            .isEqualTo(new Refused(Reason.BUSY));
        assertHeard(sends(house, webhooks, "EV_3" + i, SECRET));
      }
    }
  }

  @Test
  void madeUpKeysHoldUpNobodyWhoseKeyIsInUse() {
    try (HookHouse house = new HookHouse()) {
      TenantContext acme = house.acme();
      house.globex();
      LiveKitWebhooks webhooks = LiveKitWebhooks.of(house.livekit);
      house.livekit.tokens().issue(acme, ParticipantToken.join("hall", "ada")).close();
      byte[] body = Forge.utf8("{}");
      for (int i = 0; i < 300; i++) {
        String jwt = Forge.token("APIx" + i, SECRET, body, house.clock.instant());
        assertThat(webhooks.receive(body, jwt)).isInstanceOf(Refused.class);
      }
      String event = HookHouse.roomEvent("EV_1", "room_started", "hall", house.clock.instant());
      assertThat(house.acmeSends(webhooks, event)).isInstanceOf(WebhookReceipt.Accepted.class);
      byte[] other = Forge.utf8(event);
      String globex =
          Forge.token("APIglobex", HookHouse.GLOBEX_SECRET, other, house.clock.instant());
      assertThat(webhooks.receive(other, globex))
          .as("never used here: to be sent again")
          .isEqualTo(new Refused(Reason.BUSY));
    }
  }

  private static void assertHeard(WebhookReceipt receipt) {
    assertThat(receipt)
        .isInstanceOfSatisfying(
            WebhookReceipt.Accepted.class,
            accepted -> assertThat(accepted.organization()).isEqualTo(OrganizationId.of("victim")));
  }

  private static WebhookReceipt sends(
      HookHouse house, LiveKitWebhooks to, String id, String secret) {
    String event = HookHouse.roomEvent(id, "room_started", "hall", house.clock.instant());
    byte[] body = Forge.utf8(event);
    return to.receive(body, Forge.token("APIvictim", secret, body, house.clock.instant()));
  }
}
