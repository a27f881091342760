package io.tenantkit.vault.webhook;

/** Waits for what due work began: messages are sent on threads of their own. */
public final class WebhookTurns {
  private WebhookTurns() {}

  /** Until no endpoint of these has its turn. */
  public static void await(Webhooks webhooks) {
    try {
      ((DefaultWebhooks) webhooks).deliveries().await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
