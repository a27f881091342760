package io.tenantkit.livekit.webhook;

import io.tenantkit.tenant.TenantContext;

/**
 * Is told of events, on the thread that received them. Each event is given at least once, to one
 * node: again when a listener threw, when the node died over it, or when the listeners took longer
 * than {@link LiveKitWebhooks.Builder#listenersTake}. So what it does must be safe to repeat, and
 * it should be quick: a server waits for it, with all later events of that room.
 */
@FunctionalInterface
public interface LiveKitEventListener {
  /**
   * An event was received and found genuine. What is thrown makes the receipt a {@link
   * WebhookReceipt.Unfinished}, so that the server sends the event again.
   *
   * @param context of the tenant whose server told it, in the environment of that server; holds the
   *     scope {@code livekit:read} and no other
   */
  void on(TenantContext context, LiveKitEvent event);
}
