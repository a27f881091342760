package io.tenantkit.examples.quickstart;

import io.tenantkit.PageRequest;
import io.tenantkit.vault.webhook.EventFilter;
import io.tenantkit.vault.webhook.Webhooks;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The calls of {@link Webhooks} that take a tenant, for {@link IsolationTest}. */
final class WebhookCalls {
  private WebhookCalls() {}

  static Map<String, IsolationTest.Call> all() {
    Map<String, IsolationTest.Call> calls = new LinkedHashMap<>();
    calls.put(
        "Webhooks.get(TenantContext,WebhookId)",
        (h, ids) -> h.webhooks().get(h.globex(), ids.webhook()));
    calls.put(
        "Webhooks.list(TenantContext,PageRequest)",
        (h, ids) -> IsolationTest.everyPage(ids, page -> h.webhooks().list(h.globex(), page)));
    calls.put(
        "Webhooks.update(TenantContext,WebhookId,String,EventFilter)",
        (h, ids) -> h.webhooks().update(h.globex(), ids.webhook(), "mine", EventFilter.all()));
    calls.put(
        "Webhooks.changeUrl(TenantContext,WebhookId,String)",
        (h, ids) -> h.webhooks().changeUrl(h.globex(), ids.webhook(), "https://globex.test/mine"));
    calls.put(
        "Webhooks.enable(TenantContext,WebhookId)",
        (h, ids) -> h.webhooks().enable(h.globex(), ids.webhook()));
    calls.put(
        "Webhooks.disable(TenantContext,WebhookId)",
        (h, ids) -> h.webhooks().disable(h.globex(), ids.webhook()));
    calls.put(
        "Webhooks.rotateSecret(TenantContext,WebhookId,Duration)",
        (h, ids) -> h.webhooks().rotateSecret(h.globex(), ids.webhook(), Duration.ofHours(1)));
    calls.put(
        "Webhooks.deadLetters(TenantContext,WebhookId,PageRequest)",
        (h, ids) -> h.webhooks().deadLetters(h.globex(), ids.webhook(), PageRequest.first(100)));
    calls.put(
        "Webhooks.replay(TenantContext,WebhookId,long)",
        (h, ids) -> {
          h.webhooks().replay(h.globex(), ids.webhook(), 1);
          return "replayed";
        });
    calls.put(
        "Webhooks.delete(TenantContext,WebhookId)",
        (h, ids) -> {
          h.webhooks().delete(h.globex(), ids.webhook());
          return "deleted";
        });
    calls.put(
        "Webhooks.create(TenantContext,String,String,EventFilter)",
        (h, ids) -> {
          h.webhooks()
              .create(h.globex(), "https://globex.test/another", "another", EventFilter.all())
              .close();
          return "created";
        });
    return calls;
  }
}
